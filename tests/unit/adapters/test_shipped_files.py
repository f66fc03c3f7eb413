"""Files and programs that come with the program are found where it was put, in an installation and
in a checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agentflow_desktop.adapters.shipped_files import host_program, shipped_path
from agentflow_desktop.core.errors import ConfigurationError, ToolMissing

ROOT = Path(__file__).parents[3]
FILE = "simulated_pack.exe" if os.name == "nt" else "simulated_pack"
ASK = (
    "from agentflow_desktop.adapters.shipped_files import host_program;"
    "print(host_program('simulated_pack'), end='')"
)


def test_a_checkout_has_its_files_beside_the_package() -> None:
    assert shipped_path("config/settings.yaml") == ROOT / "config" / "settings.yaml"


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(ConfigurationError, match="is incomplete"):
        shipped_path("config/nothing.yaml")
    with pytest.raises(ToolMissing, match="is not on this machine"):
        host_program("nothing")


def test_an_installation_has_its_programs_inside_and_takes_those_first(tmp_path: Path) -> None:
    package = tmp_path / "agentflow_desktop"
    for name in ("adapters", "core"):
        shutil.copytree(ROOT / "agentflow_desktop" / name, package / name)
    (package / "__init__.py").touch()
    inside, beside = package / "_shipped" / "host" / FILE, tmp_path / "build" / "host" / FILE
    for program in (beside, inside):
        program.parent.mkdir(parents=True)
        program.touch()
        assert found_by(tmp_path) == str(program)


def found_by(folder: Path) -> str:
    """The program that a copy of the package in the folder finds."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-P", "-c", ASK]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout
