"""The timing profile names steps and packages and leaves the importing of modules as it was."""

import importlib
import importlib.resources
import sys
from pathlib import Path

import pytest

from agentflow_desktop.core.timing import TimingProfile


def test_profile_names_steps_and_the_packages_that_were_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "timed_package"
    package.mkdir()
    (package / "__init__.py").write_text("from timed_package import inner\n")
    (package / "inner.py").write_text("VALUE = 1\n")
    (package / "data.txt").write_text("data")
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    profile = TimingProfile()
    profile.start()
    module = importlib.import_module("timed_package")
    profile.mark("import the package")
    text = profile.stop()
    assert "import the package" in text
    assert text.count("timed_package") == 1
    assert sys.meta_path == finders
    assert module.inner.VALUE == 1
    assert importlib.resources.files("timed_package").joinpath("data.txt").read_text() == "data"
    for name in ("timed_package", "timed_package.inner"):
        del sys.modules[name]


def test_a_module_that_fails_to_import_fails_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "timed_broken.py").write_text("raise ValueError('broken')\n")
    monkeypatch.syspath_prepend(tmp_path)
    profile = TimingProfile()
    profile.start()
    with pytest.raises(ValueError, match="broken"):
        importlib.import_module("timed_broken")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("timed_absent")
    assert "timed_broken" in profile.stop()
