#!/usr/bin/env python3
"""Everything a developer of this project runs, with the standard library alone.

python3 dev.py setup        make .venv from requirements.lock and build the simulated pack (the
                            others do it first)
python3 dev.py run [ARGS]   open the window; without a display, a tour in the terminal;
                            with ARGS, `agentflow ARGS`
python3 dev.py test [ARGS]  run the tests; ARGS go to pytest
python3 dev.py check        format, lint, types, import contracts, generated files, sizes, lock
python3 dev.py fix          what ruff and clang-format can mend by themselves
python3 dev.py generate     write anew what follows from the schemas of the firmware
python3 dev.py bench [NAME] the benchmarks, against their peers
python3 dev.py lock         write requirements.lock anew from pyproject.toml
python3 dev.py screenshots  draw every screen into docs/screenshots
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "made-from"
FIRMWARE = ROOT / "firmware_templates" / "bms_esp32"
GENERATOR = FIRMWARE / "schema" / "generate.py"
HOST_BUILD = ROOT / "build" / "host"
LOCK_MARK = "# made from the dependencies with sha256 "

# Library, as the loader knows it, and the Debian package that has it.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}
X_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libX11-xcb.so.1": "libx11-xcb1",
}
# Command and its package: a screen, its window manager, and hands for the tests in a real window.
WINDOW_TOOLS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool"}
# What the tests of the firmware build and look through it with.
FIRMWARE_TOOLS = {
    "g++": "g++",
    "clang++": "clang",
    "cppcheck": "cppcheck",
    "riscv64-unknown-elf-g++": "gcc-riscv64-unknown-elf",
    "xtensa-lx106-elf-g++": "gcc-xtensa-lx106",
}
DOCTEST = Path("/usr/include/doctest/doctest.h")

SIZE_WARNS = 400
SIZE_FAILS = 600
# An index address or a path of the machine that a file was written on. The brackets keep the
# patterns from finding themselves.
FOREIGN_TEXT = re.compile(
    r"--(extra-)?index[-]url|--find[-]links|pypi[.]org|pythonhosted[.]org|/simple[/]"
    r"|(?<![\w.])/(work|root)[/]"
)


class Stopped(Exception):
    """The command can't go on; the message says what to do."""


def say(text: str) -> None:
    print(text, flush=True)


def run(*command: str | Path, env: dict[str, str] | None = None) -> int:
    """The exit code of a command that writes to our own terminal."""
    words = [str(word) for word in command]
    return subprocess.run(
        words, cwd=ROOT, env={**os.environ, **(env or {})}, check=False
    ).returncode


def must(purpose: str, *command: str | Path, env: dict[str, str] | None = None) -> None:
    code = run(*command, env=env)
    if code != 0:
        words = " ".join(str(word) for word in command)
        raise Stopped(f"{purpose} failed (exit code {code}): {words}")


# ------------------------------------------------------------------------------ setup


def setup() -> None:
    """Make the environment and the simulated pack, or see in a moment that they are made."""
    make_environment()
    build_simulated_pack()


def make_environment() -> None:
    install_system_packages()
    wanted = environment_digest()
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted and python().is_file():
        return
    if not is_same_python():
        say(f"Making .venv with Python {sys.version_info[0]}.{sys.version_info[1]}")
        must("Making .venv", sys.executable, "-m", "venv", "--clear", VENV)
    STAMP.unlink(missing_ok=True)
    pip = [python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    say("Installing what requirements.lock names")
    must("Installing the locked packages", *pip, "--require-hashes", "--requirement", LOCK)
    must("Installing the project", *pip, "--no-index", "--no-build-isolation", "--editable", ROOT)
    STAMP.write_text(wanted, encoding="utf-8")


def python() -> Path:
    return BIN / ("python.exe" if os.name == "nt" else "python")


def environment_digest() -> str:
    """Changes when the environment has to be made again."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_same_python() -> bool:
    """Whether .venv runs, and on this Python's version."""
    ask = "import sys, pip; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([python(), "-c", ask], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def install_system_packages() -> None:
    """Install what Debian keeps out of a bare system, or stop with the command that does."""
    missing = missing_packages()
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise Stopped("Install these with your system's package manager: " + ", ".join(missing))
    if os.geteuid() != 0:
        raise Stopped("Run: sudo apt-get install -y " + " ".join(missing))
    install_with_apt(missing)
    importlib.invalidate_caches()
    still = missing_packages()
    if still:
        raise Stopped("Installed, but still not found: " + ", ".join(still))


def install_with_apt(packages: list[str]) -> None:
    say("Installing system packages: " + " ".join(packages))
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    must("apt-get update", "apt-get", "-qq", "update", env=quiet)
    install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends"]
    must("apt-get install", *install, *packages, env=quiet)


def install_test_tools() -> None:
    """Install what tests in a real window and tests of the firmware need on Debian, or name the
    command that does. Without it those tests are skipped and say so; the others need none of it."""
    window = [package for library, package in X_LIBRARIES.items() if not loads(library)]
    window += [package for tool, package in WINDOW_TOOLS.items() if shutil.which(tool) is None]
    firmware = [package for tool, package in FIRMWARE_TOOLS.items() if shutil.which(tool) is None]
    firmware += [] if DOCTEST.is_file() else ["doctest-dev"]
    install_or_say("The tests in a real window are skipped.", window)
    install_or_say("Tests of the firmware are skipped.", firmware)


def install_or_say(otherwise: str, packages: list[str]) -> None:
    """Install packages that can be done without; if that can't be, say what is lost for it."""
    if not packages or not sys.platform.startswith("linux") or shutil.which("apt-get") is None:
        return
    try:
        if os.geteuid() != 0:
            raise Stopped("Run: sudo apt-get install -y " + " ".join(packages))
        install_with_apt(packages)
    except Stopped as stop:
        say(f"{otherwise} {stop}")


def build_simulated_pack() -> None:
    """Build the program that stands for a board, unless its sources are as they were.

    Without a C++ compiler all else works, so that is said and no failure."""
    stamp = HOST_BUILD / "made-from"
    wanted = firmware_digest()
    is_built = any(HOST_BUILD.glob("simulated_pack*"))
    if is_built and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    if not has_compiler():
        install_or_say("The simulated pack is not built.", ["g++"])
    if not has_compiler():
        say("The simulated pack is not built: there is no C++17 compiler (g++ or clang++).")
        return
    say("Building the simulated pack")
    configure = ["-G", "Ninja", "-S", FIRMWARE, "-B", HOST_BUILD, "-DCMAKE_BUILD_TYPE=Release"]
    steps = [
        [BIN / "cmake", *configure, f"-DCMAKE_MAKE_PROGRAM={BIN / 'ninja'}"],
        [BIN / "cmake", "--build", HOST_BUILD, "--target", "simulated_pack"],
    ]
    for step in steps:
        built = subprocess.run(step, capture_output=True, text=True, check=False)
        if built.returncode != 0:
            say(built.stdout + built.stderr)
            say("The simulated pack is not built: its compiler's words are above.")
            return
    stamp.write_text(wanted, encoding="utf-8")


def has_compiler() -> bool:
    return bool(os.environ.get("CXX")) or any(map(shutil.which, ("c++", "g++", "clang++")))


def firmware_digest() -> str:
    """Changes when the simulated pack has to be built again."""
    digest = hashlib.sha256(os.environ.get("CXX", "").encode())
    sources = [*FIRMWARE.glob("lib/**/*.*"), *FIRMWARE.glob("sim/**/*.*")]
    for path in [FIRMWARE / "CMakeLists.txt", *sorted(sources)]:
        digest.update(path.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def missing_packages() -> list[str]:
    """Debian packages that Python's venv and Qt need and this machine lacks."""
    if not sys.platform.startswith("linux"):
        return []
    needed = {**LIBRARIES, **(X_LIBRARIES if has_display() else {})}
    missing = [package for library, package in needed.items() if not loads(library)]
    if importlib.util.find_spec("ensurepip") is None:
        missing.append(f"python3.{sys.version_info[1]}-venv")
    return missing


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_display() -> bool:
    if os.name == "nt" or sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# -------------------------------------------------------------------------- run, test


def start(arguments: list[str]) -> int:
    """The window, one command, or the tour."""
    if arguments:
        return run(python(), "-m", "agentflow_desktop", *arguments)
    if has_display():
        return run(python(), "-m", "agentflow_desktop")
    say("There is no display here, so no window: this is the same in the terminal.")
    ask = ["run", "--task", "What limits the charge current?"]
    ask += ["--directory", "resources/examples/battery"]
    for words in (["health"], ask, ask, ["costs"]):
        say("\n$ agentflow " + " ".join(f'"{word}"' if " " in word else word for word in words))
        code = run(python(), "-m", "agentflow_desktop", *words)
        if code != 0:
            return code
    say("\nEvery command: .venv/bin/agentflow --help")
    return 0


def test(arguments: list[str]) -> int:
    install_test_tools()
    env = {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    return run(python(), "-m", "pytest", "-n", "2", *arguments, env=env)


def bench(arguments: list[str]) -> int:
    """Each benchmark in a process of its own; the first failure is the exit code."""
    scripts = sorted(path for path in (ROOT / "benchmarks").glob("bench_*.py"))
    chosen = [path for path in scripts if not arguments or path.stem[6:] in arguments]
    if not chosen:
        raise Stopped("Benchmarks: " + ", ".join(path.stem[6:] for path in scripts))
    codes = [run(python(), path, env={"QT_QPA_PLATFORM": "offscreen"}) for path in chosen]
    return next((code for code in codes if code != 0), 0)


# ------------------------------------------------------------------------------ check


def check() -> int:
    """Every check, one line each; all are run even if one fails."""
    tools = {
        "format": ["ruff", "format", "--check", "--quiet", "--output-format=concise", "."],
        "lint": ["ruff", "check", "--quiet", "--output-format=concise", "."],
        "types": ["basedpyright", "--level", "error"],
        "imports": ["lint-imports", "--no-cache"],
        "C++ format": ["clang-format", "--dry-run", "-Werror", *cpp_files()],
    }
    ours = {
        "generated": generated_faults,
        "sizes": size_faults,
        "lock": lock_faults,
        "foreign text": foreign_text_faults,
    }
    failed: list[str] = []
    for name, (tool, *arguments) in tools.items():
        answer = subprocess.run(
            [BIN / tool, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        report(name, answer.returncode == 0, (answer.stdout + answer.stderr).splitlines(), failed)
    for name, find_faults in ours.items():
        faults = find_faults()
        report(name, not faults, faults, failed)
    say(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def fix() -> int:
    commands = [["ruff", "check", "--fix", "."], ["ruff", "format", "."]]
    codes = [run(BIN / tool, *words) for tool, *words in commands]
    return max(*codes, run(BIN / "clang-format", "-i", *cpp_files()))


def report(name: str, is_passed: bool, lines: list[str], failed: list[str]) -> None:
    say(f"{name:14}{'ok' if is_passed else 'FAILED'}")
    if not is_passed:
        failed.append(name)
        say("\n".join(f"    {line}" for line in lines))


def tracked(*patterns: str) -> list[Path]:
    """Files of the project that are in git or would be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in (ROOT / line for line in listed.stdout.splitlines()) if path.is_file()]


def cpp_files() -> list[Path]:
    return tracked("*.cpp", "*.h", "*.ino")


def generated_faults() -> list[str]:
    """Generated files that are not what the schemas say now."""
    with tempfile.TemporaryDirectory() as folder:
        must("Generating", python(), GENERATOR, folder)
        made = [path for path in Path(folder).rglob("*") if path.is_file()]
        kept = {path: ROOT / path.relative_to(folder) for path in made}
        stale = [b for a, b in kept.items() if not b.is_file() or b.read_bytes() != a.read_bytes()]
    return [f"{path.relative_to(ROOT)} is stale: python3 dev.py generate" for path in stale]


def size_faults() -> list[str]:
    """Files that have outgrown one idea. What is generated is data and may be long, and so may a
    module named ..._table."""
    faults: list[str] = []
    for path in [*tracked("*.py"), *cpp_files()]:
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        where = f"{path.relative_to(ROOT)}: {lines} lines"
        if path.stem.endswith("_table") or text.startswith("// Generated"):
            continue
        if lines >= SIZE_FAILS:
            faults.append(f"{where}, {SIZE_FAILS} is too many")
        elif lines >= SIZE_WARNS:
            say(f"    {where}, close to too many")
    return faults


def foreign_text_faults() -> list[str]:
    """Lines that name a package index, or a place on the machine that wrote them."""
    faults: list[str] = []
    for path in tracked():
        with contextlib.suppress(UnicodeDecodeError):  # a picture or a PDF
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                found = FOREIGN_TEXT.search(line)
                if found:
                    faults.append(f"{path.relative_to(ROOT)}:{number}: {found.group()}")
    return faults


# ------------------------------------------------------------------------------- lock


def dependency_digest() -> str:
    """SHA-256 over what pyproject.toml asks for, so that a stale lock is seen offline."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        project["build-system"]["requires"],
        project["project"]["requires-python"],
        project["project"]["dependencies"],
        project["project"]["optional-dependencies"],
    ]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def lock_faults() -> list[str]:
    first = LOCK.read_text(encoding="utf-8").partition("\n")[0]
    if first == LOCK_MARK + dependency_digest():
        return []
    return ["pyproject.toml asks for other packages than the lock: python3 dev.py lock"]


def lock() -> int:
    """Resolve for every supported Python and system at once, with hashes and no addresses."""
    output = ROOT / "build" / "requirements.lock"
    output.parent.mkdir(exist_ok=True)
    shutil.copyfile(LOCK, output)  # what is pinned stays pinned where it still fits
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--extra", "dev"]
    options += ["--no-emit-index-url", "--no-header", "--quiet", "--output-file", str(output)]
    must("Resolving", BIN / "uv", "pip", "compile", *options, "pyproject.toml")
    pins = output.read_text(encoding="utf-8")
    LOCK.write_text(f"{LOCK_MARK}{dependency_digest()}\n{pins}", encoding="utf-8")
    return 0


def main(arguments: list[str]) -> int:
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    commands = {
        "setup": lambda: 0,
        "run": lambda: start(rest),
        "test": lambda: test(rest),
        "check": check,
        "fix": fix,
        "generate": lambda: run(python(), GENERATOR),
        "bench": lambda: bench(rest),
        "lock": lock,
        "screenshots": lambda: run(python(), "docs/screenshots/draw.py", *rest),
    }
    if command not in commands:
        say(__doc__ or "")
        return 0 if command in ("-h", "--help", "help") else 2
    try:
        if not (3, 11) <= sys.version_info[:2] <= (3, 13):
            have = ".".join(str(part) for part in sys.version_info[:2])
            raise Stopped(f"AgentFlow Desktop needs Python 3.11, 3.12 or 3.13; this is {have}.")
        setup()
        return commands[command]()
    except Stopped as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
