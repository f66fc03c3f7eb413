"""The firmware's libraries as a board's compilers see them: no standard library, no heap, nothing
that runs before main; and what cppcheck finds.

The boards' own glue (``src/``) is compiled by a test of its own, ``test_firmware_glue.py``,
against a stand-in for Arduino's headers.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from support.firmware_builds import (
    FIRMWARE,
    include_flags,
    library_sources,
    require,
    run,
)

_WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
_BARE = ["-std=c++17", "-Os", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-c"]
# Operators new and delete, malloc and its like, and guards of static objects.
_FORBIDDEN = re.compile(r"\b(_Znw\w*|_Zna\w*|_Zd[la]\w*|malloc|calloc|realloc|free|__cxa_\w+)$")
_STANDARD = re.compile(r"^\s*#\s*include\s*<(?!stdint\.h>|stddef\.h>)([^>]+)>", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cross:
    """A compiler for bare boards. ``prefix`` stands before g++, nm and objdump."""

    name: str
    prefix: str
    flags: tuple[str, ...]


CROSSES = [
    Cross("riscv32", "riscv64-unknown-elf-", ("-march=rv32imc", "-mabi=ilp32")),
    Cross("xtensa", "xtensa-lx106-elf-", ()),
]


@pytest.fixture(scope="module", params=CROSSES, ids=lambda cross: cross.name)
def objects(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Cross, list[Path]]:
    """Every source of the libraries, compiled without a warning."""
    cross: Cross = request.param
    require(f"{cross.prefix}g++")
    folder = tmp_path_factory.mktemp(cross.name)
    with ThreadPoolExecutor(2) as pool:
        return cross, list(pool.map(partial(_compiled, cross, folder), library_sources()))


def _compiled(cross: Cross, folder: Path, source: Path) -> Path:
    made = folder / f"{source.parent.name}_{source.stem}.o"
    command = [f"{cross.prefix}g++", *cross.flags, *_BARE, *_WARNINGS, *include_flags()]
    run([*command, source, "-o", made])
    return made


def test_the_libraries_compile_bare_without_a_warning(objects: tuple[Cross, list[Path]]) -> None:
    _, made = objects
    assert len(made) == len(library_sources()) > 10


def test_they_ask_for_no_heap_and_no_runtime(objects: tuple[Cross, list[Path]]) -> None:
    cross, made = objects
    wanted = run([f"{cross.prefix}nm", "--undefined-only", *made]).splitlines()
    assert [line for line in wanted if _FORBIDDEN.search(line)] == []


def test_nothing_of_them_runs_before_main(objects: tuple[Cross, list[Path]]) -> None:
    cross, made = objects
    sections = run([f"{cross.prefix}objdump", "--section-headers", *made])
    assert re.findall(r"\.(?:init_array|ctors|preinit_array)\S*", sections) == []


def test_the_libraries_include_nothing_of_the_standard_library() -> None:
    files = [*FIRMWARE.glob("lib/*/src/**/*.h"), *library_sources()]
    found = {
        path.relative_to(FIRMWARE).as_posix(): _STANDARD.findall(path.read_text(encoding="utf-8"))
        for path in files
    }
    assert {name: headers for name, headers in found.items() if headers} == {}


def test_cppcheck_finds_nothing() -> None:
    require("cppcheck")
    options = [
        "--enable=warning,performance,portability", "--inline-suppr", "--std=c++17",
        "--language=c++", "--error-exitcode=1", "--quiet", "-j2", f"-I{FIRMWARE}",
    ]  # fmt: skip
    run(["cppcheck", *options, *include_flags(), FIRMWARE / "lib", FIRMWARE / "sim"])
