"""Which files of a folder its ignore files leave out, as git understands them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

IGNORE_FILES = (".gitignore", ".ignore", ".agentflowignore")  # a later file overrules
_MAX_IGNORE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class _Rules:
    """Patterns of one folder. ``base`` is the folder's absolute path."""

    base: Path
    spec: GitIgnoreSpec

    def verdict(self, path: Path, *, is_directory: bool) -> bool | None:
        relative = path.relative_to(self.base).as_posix() + ("/" if is_directory else "")
        return self.spec.check_file(relative).include


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The rules that hold in a folder: its own and those of the folders above it."""

    rules: tuple[_Rules, ...] = ()

    def ignores(self, path: Path, *, is_directory: bool) -> bool:
        """Whether the path, in this folder, is left out. The deepest rule that speaks decides."""
        for rules in reversed(self.rules):
            verdict = rules.verdict(path, is_directory=is_directory)
            if verdict is not None:
                return verdict
        return False

    def within(self, directory: Path, names: Iterable[str]) -> "IgnoreRules":
        """The rules inside ``directory``, whose entries are ``names``."""
        present = set(names)
        lines = [
            line for name in IGNORE_FILES if name in present for line in _lines_of(directory / name)
        ]
        if not lines:
            return self
        return IgnoreRules((*self.rules, _Rules(directory, _compiled(lines))))


def rules_above(directory: Path) -> IgnoreRules:
    """Rules of the git work tree that a chosen folder lies in; none outside of one, and none
    if they would leave out the chosen folder itself."""
    above: list[Path] = []
    at = directory
    while not (at / ".git").exists():
        if at.parent == at:
            return IgnoreRules()
        at = at.parent
        above.append(at)
    rules = IgnoreRules()
    exclude = _lines_of(at / ".git" / "info" / "exclude")
    if exclude:
        rules = IgnoreRules((_Rules(at, _compiled(exclude)),))
    for parent in reversed(above):
        rules = rules.within(parent, IGNORE_FILES)
    return IgnoreRules() if _is_left_out(rules, directory, at) else rules


def _is_left_out(rules: IgnoreRules, directory: Path, top: Path) -> bool:
    chain = [directory, *directory.parents]
    below_top = chain[: chain.index(top)]
    return any(
        _Rules(r.base, r.spec).verdict(path, is_directory=True)
        for path in below_top
        for r in rules.rules
        if path.is_relative_to(r.base) and path != r.base
    )


def _compiled(lines: list[str]) -> GitIgnoreSpec:
    """The patterns that are valid; git, too, passes over the others."""
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines([line for line in lines if _is_valid(line)])


def _is_valid(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _lines_of(path: Path) -> list[str]:
    """Lines of an ignore file; none if there is no such regular file or it can't be read."""
    try:
        if not path.is_file() or path.stat().st_size > _MAX_IGNORE_BYTES:
            return []
        return path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []
