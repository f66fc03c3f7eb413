"""Builds of the firmware's sources for tests: one folder a variant, and one builder at a time.

Workers of pytest-xdist share the folders, so who builds holds a lock; what is built is only built
again where a source changed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware_templates" / "bms_esp32"
_BUILDS = ROOT / "build" / "firmware"
_BIN = Path(sys.executable).parent
_DOCTEST = Path("/usr/include/doctest/doctest.h")
_LONGEST_S = 900


@dataclass(frozen=True, slots=True)
class Variant:
    """``tool`` is the compiler; the tests of a variant are skipped without it."""

    name: str
    tool: str
    build_type: str
    flags: str = ""

    @property
    def folder(self) -> Path:
        return _BUILDS / self.name


RELEASE = Variant("release", "g++", "Release")
SANITIZED = Variant(
    "sanitized",
    "clang++",
    "Debug",
    # Without vptr, which looks at types that a library without RTTI does not have.
    "-O1 -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all "
    "-fno-omit-frame-pointer",
)
COVERAGE = Variant("coverage", "g++", "Debug", "--coverage")


def require(*tools: str) -> None:
    """Skip the test where a tool is missing."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed: python3 dev.py test installs it")


def built_tests(variant: Variant, program: str = "firmware_tests") -> Path:
    """A test program of a variant, built now if need be. Fails the test with the compiler's own
    words."""
    require(variant.tool)
    if not _DOCTEST.is_file():
        pytest.skip("doctest-dev is not installed: python3 dev.py test installs it")
    with held(variant.folder):
        configure = [
            "-G", "Ninja", "-S", FIRMWARE, "-B", variant.folder,
            f"-DCMAKE_MAKE_PROGRAM={_BIN / 'ninja'}",
            f"-DCMAKE_CXX_COMPILER={variant.tool}",
            f"-DCMAKE_BUILD_TYPE={variant.build_type}",
            f"-DCMAKE_CXX_FLAGS={variant.flags}",
        ]  # fmt: skip
        run([_BIN / "cmake", *configure])
        run([_BIN / "cmake", "--build", variant.folder, "--target", program, "-j2"])
    return variant.folder / program


def run(command: Sequence[str | Path], cwd: Path = ROOT) -> str:
    """What a command printed. Fails the test with that if the command fails."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=cwd, capture_output=True, text=True, timeout=_LONGEST_S, check=False
    )
    if done.returncode != 0:
        pytest.fail(f"{' '.join(words)} gave {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else builds in the folder meanwhile."""
    if os.name == "nt":
        pytest.skip("the firmware's tests are built on POSIX")
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def library_sources() -> list[Path]:
    """What runs on the board, without the glue."""
    return sorted(FIRMWARE.glob("lib/*/src/**/*.cpp"))


def include_flags() -> list[str]:
    return [f"-I{path}" for path in sorted(FIRMWARE.glob("lib/*/src"))]
