"""Where the time of a start goes: seconds by step, and by imported package. For ``--debug``.

Measured in this process only, and only when asked for: without it nothing is hooked.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_OWN = __name__.partition(".")[0]


class TimingProfile:
    """Steps as they are marked, and the time that importing each package took."""

    def __init__(self) -> None:
        self._last_s = self._start_s = time.perf_counter()
        self._steps: list[tuple[str, float]] = []
        self._imports = _ImportTimer()

    def start(self) -> None:
        """Begin to time imports."""
        sys.meta_path.insert(0, self._imports)

    def mark(self, step: str) -> None:
        """Name the step that ended now; it began at the mark before."""
        now_s = time.perf_counter()
        self._steps.append((step, now_s - self._last_s))
        self._last_s = now_s

    def stop(self) -> str:
        """End the timing of imports and give the whole as lines of text."""
        with suppress(ValueError):
            sys.meta_path.remove(self._imports)
        total_s = time.perf_counter() - self._start_s
        lines = [f"Timing: {total_s * 1_000:.0f} ms"]
        lines += [f"  {seconds * 1_000:8.1f} ms  {step}" for step, seconds in self._steps]
        packages = sorted(self._imports.own_s.items(), key=lambda item: -item[1])[:15]
        lines.append("Imports, by package, without what they import in turn:")
        lines += [f"  {seconds * 1_000:8.1f} ms  {package}" for package, seconds in packages]
        return "\n".join(lines)


class _ImportTimer(MetaPathFinder):
    """Times the execution of modules; a module's own time is without that of nested imports."""

    def __init__(self) -> None:
        self.own_s: defaultdict[str, float] = defaultdict(float)
        self._nested_s: list[float] = []

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = _TimedLoader(spec.loader, self)
                return spec
        return None

    def run(self, module: ModuleType, loader: Loader) -> None:
        """Execute a module and add its own time to its package."""
        started_s = time.perf_counter()
        self._nested_s.append(0.0)
        try:
            loader.exec_module(module)
        finally:
            whole_s = time.perf_counter() - started_s
            nested_s = self._nested_s.pop()
            self.own_s[_package_of(module.__name__)] += whole_s - nested_s
            if self._nested_s:
                self._nested_s[-1] += whole_s


def _package_of(name: str) -> str:
    """The top-level package; of our own modules, the package below it."""
    parts = name.split(".")
    return ".".join(parts[:2] if parts[0] == _OWN else parts[:1])


class _TimedLoader(Loader):
    def __init__(self, loader: Loader, timer: _ImportTimer) -> None:
        self._loader = loader
        self._timer = timer

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # The module sees its true loader, for those that ask it for resources.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._timer.run(module, self._loader)
