"""What is remembered of files that were looked at before, so that nothing is hashed twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FileStamp:
    """A file as its directory entry tells it. A change of content changes the stamp."""

    path: str
    byte_count: int
    modified_ns: int
    changed_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """What was found. ``reason`` is why the file is not read (a picture), else empty;
    ``raw_tokens`` is known once its text was read."""

    digest: str
    reason: str = ""
    raw_tokens: int | None = None


class FileIndex(Protocol):
    """Keeps findings per stamp and token counts per content, for one reader version."""

    async def find(self, stamps: Sequence[FileStamp]) -> Mapping[FileStamp, IndexedFile]: ...

    async def keep(self, files: Mapping[FileStamp, IndexedFile]) -> None:
        """Remember files; an older entry of the same path is replaced."""
        ...

    async def keep_tokens(self, raw_tokens: Mapping[str, int]) -> None:
        """Remember the estimates of contents, by digest."""
        ...

    async def find_tokens(self, digests: Sequence[str]) -> Mapping[str, int]: ...
