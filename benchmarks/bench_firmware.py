"""The firmware and its simulation: simulated seconds in a second against real time, size of the
libraries against a board's partitions and memory, and instructions in the longest cycle against
what a board executes in one period. What needs a tool that is not here is left out, and said."""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import CLIENTS, OURS, ROOT, Figure, finish, interleaved, run_measured

FIRMWARE = ROOT / "firmware_templates" / "bms_esp32"
BIN = Path(sys.executable).parent
ROUNDS = 3
SIMULATED_S = 50_000
COUNTED_S = 60
# An application's part of 4 MB of flash with two of them for updates (Arduino's default.csv), and
# the memory of an ESP32 that one program may use for data.
PARTITION_BYTES = 0x140000
MEMORY_BYTES = 320 * 1024
# A C3 at 160 MHz executes at most one instruction a clock; the guard's period is 50 ms.
PERIOD_INSTRUCTIONS = 160_000_000 * 50 // 1000
CROSSES = {
    "riscv32": ("riscv64-unknown-elf-", ["-march=rv32imc", "-mabi=ilp32"]),
    "xtensa": ("xtensa-lx106-elf-", []),
}
FLAGS = ["-std=c++17", "-Os", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-c"]
SECTIONS = ["-ffunction-sections", "-fdata-sections"]
SIZE_OF_GUARD = '#include "bms/guard.h"\nchar size_of_guard[sizeof(bms::Guard)];\n'


def built(build_type: str) -> Path:
    """The simulated pack in a build of its own."""
    folder = ROOT / "build" / "firmware" / f"bench-{build_type.lower()}"
    ninja = f"-DCMAKE_MAKE_PROGRAM={BIN / 'ninja'}"
    kind = f"-DCMAKE_BUILD_TYPE={build_type}"
    for command in (
        ["-G", "Ninja", "-S", FIRMWARE, "-B", folder, ninja, kind],
        ["--build", folder, "--target", "simulated_pack"],
    ):
        subprocess.run([BIN / "cmake", *command], check=True, stdout=subprocess.DEVNULL)
    return folder / "simulated_pack"


def speed() -> list[Figure]:
    program = built("Release")

    def measure() -> float:
        command = [program, "--bench", str(SIMULATED_S)]
        return float(run_measured(command).json()["simulated_s_per_s"])

    found = interleaved(ROUNDS, {"ours": measure}, max)
    return [
        Figure("simulated seconds in a second", found["ours"], 1, "real time", "s/s", 1_000,
               at_least=True)
    ]  # fmt: skip


def sizes() -> list[Figure]:
    """Text and data of every library, as objects: the linker only ever takes less."""
    figures: list[Figure] = []
    for name, (prefix, flags) in CROSSES.items():
        if shutil.which(f"{prefix}g++") is None:
            print(f"  {prefix}g++ is not here: no sizes for {name}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            compiler = [f"{prefix}g++", *flags, *FLAGS, *SECTIONS]
            compiler += [f"-I{path}" for path in FIRMWARE.glob("lib/*/src")]
            flash: dict[str, int] = {}
            for library in sorted(FIRMWARE.glob("lib/*")):
                flash[library.name] = library_bytes(compiler, prefix, library, Path(folder))
            print(f"  {name}: " + ", ".join(f"{key} {size:,} B" for key, size in flash.items()))
            memory = guard_bytes(compiler, prefix, Path(folder))
        figures += [
            Figure(f"all libraries, {name}", sum(flash.values()) / 1000, PARTITION_BYTES / 1000,
                   "app partition", "kB", 0.1),
            Figure(f"the guard's memory, {name}", memory / 1000, MEMORY_BYTES / 1000,
                   "ESP32 data memory", "kB", 0.1),
        ]  # fmt: skip
    return figures


def library_bytes(compiler: list[str], prefix: str, library: Path, folder: Path) -> int:
    """What the library keeps in flash: code, constants and first values of data."""
    objects: list[Path] = []
    for source in sorted(library.glob("src/**/*.cpp")):
        objects.append(folder / f"{library.name}_{source.stem}.o")
        subprocess.run([*compiler, source, "-o", objects[-1]], check=True)
    said = subprocess.run(
        [f"{prefix}size", "--totals", *objects], check=True, capture_output=True, text=True
    )
    text, data, *_ = said.stdout.splitlines()[-1].split()
    return int(text) + int(data)


def guard_bytes(compiler: list[str], prefix: str, folder: Path) -> int:
    """``sizeof(bms::Guard)``: all the memory that the core has, since it has no heap."""
    source, made = folder / "size_of_guard.cpp", folder / "size_of_guard.o"
    source.write_text(SIZE_OF_GUARD, encoding="ascii")
    subprocess.run([*compiler, source, "-o", made], check=True)
    said = subprocess.run(
        [f"{prefix}nm", "--print-size", made], check=True, capture_output=True, text=True
    )
    found = re.search(r"^\w+ (\w+) \w size_of_guard$", said.stdout, re.MULTILINE)
    assert found is not None
    return int(found[1], 16)


def cycles() -> list[Figure]:
    """Counted on x86-64: not a board's instructions, but of their order."""
    if shutil.which("valgrind") is None:
        print("  valgrind is not here: no instructions are counted")
        return []
    program = built("RelWithDebInfo")
    script = CLIENTS / "count_cycles.py"
    counted = run_measured([OURS, script, program, str(COUNTED_S)])
    found: list[int] = counted.json()["cycles"]
    first, *others = found
    print(
        f"  instructions of lib/ on x86-64: {first:,} to configure, then {len(others):,} cycles of "
        f"{statistics.median(others):,.0f}, at most {max(others):,}"
    )
    return [
        Figure("longest cycle, 1000 instructions", max(others) / 1000, PERIOD_INSTRUCTIONS / 1000,
               "a C3's 50 ms", "k", 0.05)
    ]  # fmt: skip


def main() -> None:
    finish([*speed(), *sizes(), *cycles()])


main()
