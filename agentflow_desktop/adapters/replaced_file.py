"""Files that are written whole or not at all."""

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_KEPT_SUFFIX = ".before"


def replace_text(path: Path, text: str) -> None:
    """Write a text in place of the file's content, or leave the file as it was.

    A link is followed, permissions are kept. Raises OSError if the disk refuses.
    """
    with replacement(path, text):
        pass


@contextmanager
def replacement(path: Path, text: str) -> Generator[Path]:
    """The new content as a file of the same name in a folder of its own; it takes the place of
    the old one when the block ends, unless the block raises.

    Raises OSError if the disk refuses.
    """
    target = path.resolve()
    folder = target.parent / f".{target.name}.{secrets.token_hex(4)}"
    folder.mkdir()
    unfinished = folder / target.name
    try:
        with unfinished.open("x", encoding="utf-8", errors="surrogateescape", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if target.exists():
            unfinished.chmod(target.stat().st_mode & 0o777)
        yield unfinished
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
        folder.rmdir()


def keep_old(path: Path) -> Path | None:
    """A copy of the file as it stands, beside it (``models.yaml.before``); None if there is none.

    Raises OSError if the disk refuses.
    """
    target = path.resolve()
    if not target.exists():
        return None
    kept = target.with_name(target.name + _KEPT_SUFFIX)
    content = target.read_bytes().decode("utf-8", errors="surrogateescape")
    replace_text(kept, content)
    return kept
