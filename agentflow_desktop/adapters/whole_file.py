"""Files that are written whole or not at all. A link stays a link, and a file that is replaced
keeps its mode.
"""

import errno
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from agentflow_desktop.core.errors import InputRefused, StorageError

_KEPT_SUFFIX = ".before"
_NAME_SHOWN = 32  # characters of it; a name has at most 255 bytes
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is used up",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "you may not write there",
    errno.EPERM: "you may not write there",
    errno.ENOENT: "its folder does not exist",
    errno.ENAMETOOLONG: "its name is too long",
}


def check_target(path: Path) -> None:
    """Raises InputRefused if it can be seen that no file can be written there."""
    folder = path.absolute().parent
    if path.is_dir():
        raise InputRefused(f"{path} is a folder.", hint="Give the name of a file in it.")
    if not folder.is_dir():
        raise InputRefused(f"There is no folder {folder}.", hint="Make it, or choose another.")
    if not os.access(folder, os.W_OK):
        raise InputRefused(f"You may not write to {folder}.", hint="Choose another folder.")


def write_whole(path: Path, content: bytes, *, may_replace: bool) -> bool:
    """Write the file; gives whether it took the place of another.

    Raises InputRefused if a file is there and may not be replaced, and StorageError if the disk
    refuses.
    """
    with told(path):
        target = path.resolve()
        was_there = target.exists()
        if was_there and not may_replace:
            raise _taken(path)
        with _unfinished(target, content) as unfinished:
            _move(unfinished, target, may_replace=may_replace)
    return was_there


@contextmanager
def replacement(path: Path, content: bytes) -> Generator[Path]:
    """The new content as a file of the same name; it takes the place of the old one when the
    block ends, unless the block raises.

    Raises OSError if the disk refuses.
    """
    target = path.resolve()
    with _unfinished(target, content) as unfinished:
        yield unfinished
        unfinished.replace(target)


def keep_old(path: Path) -> Path | None:
    """A copy of the file as it stands, beside it (``models.yaml.before``); None if there is none.

    Raises OSError if the disk refuses.
    """
    target = path.resolve()
    if not target.exists():
        return None
    kept = target.with_name(target.name + _KEPT_SUFFIX)
    with replacement(kept, target.read_bytes()):
        return kept


@contextmanager
def told(path: Path) -> Generator[None]:
    """What the disk refuses, as a sentence about the file: InputRefused or StorageError."""
    try:
        yield
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, (error.strerror or "no reason given").lower())
        raise StorageError(
            f"{path} can't be written: {reason}.",
            hint="Choose another place.",
            detail=str(error),
        ) from error


@contextmanager
def _unfinished(target: Path, content: bytes) -> Generator[Path]:
    """The content on the disk with the target's name and mode, in a folder of its own beside it,
    which is gone when the block ends."""
    folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:_NAME_SHOWN]}."))
    unfinished = folder / target.name
    try:
        with unfinished.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        if target.exists():
            unfinished.chmod(target.stat().st_mode & 0o777)
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)
        folder.rmdir()


def _move(unfinished: Path, target: Path, *, may_replace: bool) -> None:
    """Without leave to replace, a link is made: that fails if a file came there meanwhile."""
    if may_replace or os.name == "nt":  # on Windows, renaming itself refuses
        unfinished.replace(target) if may_replace else unfinished.rename(target)
        return
    try:
        target.hardlink_to(unfinished)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if target.exists():
            raise FileExistsError(errno.EEXIST, "exists", str(target)) from None
        unfinished.rename(target)


def _taken(path: Path) -> InputRefused:
    return InputRefused(f"{path} exists.", hint="Agree to replace it, or choose another name.")
