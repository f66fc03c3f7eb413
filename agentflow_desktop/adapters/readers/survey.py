"""A selection as a list of files, each with its fate, before any is opened. Blocks: call it off
the loop's thread."""

import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from agentflow_desktop.adapters.readers.file_names import shown_name
from agentflow_desktop.adapters.readers.ignore_rules import IgnoreRules, rules_above
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.documents.document import FileState, Selection

SKIPPED_DIRECTORIES = {
    ".git": "version control",
    ".hg": "version control",
    ".svn": "version control",
    "node_modules": "installed packages",
    "__pycache__": "compiled files",
    ".venv": "a Python environment",
    "venv": "a Python environment",
    ".tox": "test environments",
    ".mypy_cache": "a cache",
    ".pytest_cache": "a cache",
    ".ruff_cache": "a cache",
}
_MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A path and what its directory entry says. ``reason`` is empty for files to be read."""

    path: Path
    name: str
    state: FileState
    reason: str = ""
    status: os.stat_result | None = None


@dataclass(slots=True)
class Survey:
    """One walk over a selection. ``stop`` ends it early, from another thread."""

    max_files: int
    max_file_bytes: int
    stop: threading.Event = field(default_factory=threading.Event)
    _seen: dict[Path, str] = field(default_factory=dict[Path, str])
    _names: set[str] = field(default_factory=set[str])
    _links: list[FoundFile] = field(default_factory=list[FoundFile])
    _readable: int = 0

    def files(self, selection: Selection) -> list[FoundFile]:
        """Every file, the chosen ones first, then folders in order of name.

        Raises InputRefused if a chosen path does not exist or there are too many files.
        """
        found: list[FoundFile] = []
        for path in selection.files:
            found += self._chosen_file(path)
        several = len(selection.directories) > 1
        for directory in selection.directories:
            root = _existing(directory)
            if not root.is_dir():
                raise InputRefused(
                    f"{shown_name(str(directory))} is not a folder.",
                    hint="Choose it as a file instead, or check the path.",
                )
            prefix = f"{root.name or root.as_posix()}/" if several else ""
            for entry in self._below(root, root, prefix, rules_above(root), 0):
                found.append(entry)
                if len(found) > 20 * self.max_files:
                    raise self._too_many()
            found += self._resolved_links(root)
        return found

    def _chosen_file(self, path: Path) -> list[FoundFile]:
        real = _existing(path)
        if real.is_dir():
            raise InputRefused(
                f"{shown_name(str(path))} is a folder.", hint="Choose it as a folder instead."
            )
        if real in self._seen:
            return []
        name = path.name if shown_name(path.name) not in self._names else path.as_posix()
        return [self._regular(real, shown_name(name), real.stat())]

    def _below(
        self, directory: Path, root: Path, prefix: str, rules: IgnoreRules, depth: int
    ) -> Iterator[FoundFile]:
        name = prefix + directory.relative_to(root).as_posix()
        if self.stop.is_set():
            return
        if depth > _MAX_DEPTH:
            yield _row(directory, f"{name}/", FileState.SKIPPED, "Nested too deeply.")
            return
        try:
            with os.scandir(directory) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            reason = f"The folder can't be opened: {(error.strerror or 'no reason given').lower()}."
            yield _row(directory, f"{name}/", FileState.FAILED, reason)
            return
        rules = rules.within(directory, (entry.name for entry in entries))
        for entry in entries:
            yield from self._entry(entry, root, prefix, rules, depth)

    def _entry(
        self,
        entry: "os.DirEntry[str]",
        root: Path,
        prefix: str,
        rules: IgnoreRules,
        depth: int,
    ) -> Iterator[FoundFile]:
        path = Path(entry.path)
        name = shown_name(prefix + path.relative_to(root).as_posix())
        try:
            is_link = entry.is_symlink()
            is_directory = entry.is_dir(follow_symlinks=False)
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            reason = f"It can't be looked at: {(error.strerror or 'no reason given').lower()}."
            yield _row(path, name, FileState.FAILED, reason)
            return
        if path in self._seen:  # chosen by itself, or below another chosen folder
            return
        reason = _reason_to_skip(entry.name, path, rules, is_directory=is_directory)
        if reason:
            yield _row(path, f"{name}/" if is_directory else name, FileState.SKIPPED, reason)
        elif is_link:
            self._links.append(_row(path, name, FileState.SKIPPED, ""))
        elif is_directory:
            yield from self._below(path, root, prefix, rules, depth + 1)
        else:
            yield self._regular(path, name, status)

    def _regular(self, path: Path, name: str, status: os.stat_result) -> FoundFile:
        name = self._own_name(name)
        self._seen[path] = name
        if not stat.S_ISREG(status.st_mode):
            return _row(path, name, FileState.SKIPPED, "Not a regular file.", status)
        if status.st_size == 0:
            return _row(path, name, FileState.SKIPPED, "The file is empty.", status)
        if status.st_size > self.max_file_bytes:
            size_mb, limit_mb = status.st_size / 1_000_000, self.max_file_bytes / 1_000_000
            reason = f"Too large: {size_mb:,.0f} MB, at most {limit_mb:,.0f} MB are read."
            return _row(path, name, FileState.FAILED, reason, status)
        self._readable += 1
        if self._readable > self.max_files:
            raise self._too_many()
        return _row(path, name, FileState.READ, "", status)

    def _own_name(self, name: str) -> str:
        """The name, numbered if another file is shown by it: a quote's place names one file."""
        path = PurePosixPath(name)
        own, number = name, 2
        while own in self._names:
            own = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
            number += 1
        self._names.add(own)
        return own

    def _resolved_links(self, root: Path) -> list[FoundFile]:
        """Links of a folder, judged once it is known which files are read under their own name."""
        links, self._links = self._links, []
        return [self._link(link.path, link.name, root) for link in links]

    def _link(self, path: Path, name: str, root: Path) -> FoundFile:
        try:
            target = path.resolve(strict=True)
        except FileNotFoundError:
            return _row(path, name, FileState.SKIPPED, "A link to a file that does not exist.")
        except (OSError, RuntimeError):  # RuntimeError: a loop, before Python 3.13
            return _row(path, name, FileState.SKIPPED, "A link that leads back to itself.")
        if not target.is_relative_to(root):
            return _row(path, name, FileState.SKIPPED, "A link that leaves the chosen folder.")
        if target.is_dir():
            reason = "A link to a folder that is listed under its own name."
            return _row(path, f"{name}/", FileState.SKIPPED, reason)
        if target in self._seen:
            reason = f"A link to {self._seen[target]}, which is listed itself."
            return _row(path, name, FileState.SKIPPED, reason)
        return self._regular(target, name, target.stat())

    def _too_many(self) -> InputRefused:
        return InputRefused(
            f"There are more than {self.max_files:,} files.",
            hint="Choose a smaller folder, add an ignore file, or raise workflow.max_files.",
        )


def _reason_to_skip(name: str, path: Path, rules: IgnoreRules, *, is_directory: bool) -> str:
    if is_directory and name in SKIPPED_DIRECTORIES:
        return f"Skipped: {SKIPPED_DIRECTORIES[name]}."
    if name.startswith("."):
        return "Hidden."
    if rules.ignores(path, is_directory=is_directory):
        return "Left out by an ignore file."
    return ""


def _existing(path: Path) -> Path:
    try:
        return path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise InputRefused(
            f"{shown_name(str(path))} does not exist or can't be opened.",
            hint="Check the path.",
            detail=str(error),
        ) from error


def _row(
    path: Path, name: str, state: FileState, reason: str, status: os.stat_result | None = None
) -> FoundFile:
    return FoundFile(path, shown_name(name), state, reason, status)
