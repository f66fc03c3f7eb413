"""Every part that is shipped has a licence under which it may be."""

import re
import tomllib
from pathlib import Path

from agentflow_desktop.adapters.licences import list_licences

ROOT = Path(__file__).parents[3]


def test_every_part_names_its_licence_and_they_stand_in_order() -> None:
    parts = list_licences()
    assert parts[0].component == "agentflow-desktop"
    assert [part.component for part in parts if not part.expression.strip()] == []
    names = [part.component.lower() for part in parts[1:]]
    assert names == sorted(names)


def test_every_dependency_is_listed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {
        re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", text)[0]).lower()
        for text in project["dependencies"]
        if "win32" not in text
    }
    listed = {re.sub(r"[-_.]+", "-", part.component).lower() for part in list_licences()}
    assert wanted - listed == set()
    assert {"inter-(font)", "jetbrains mono (font)", "inter (font)"} & listed


def test_nothing_that_is_imported_may_only_be_used_under_the_gpl() -> None:
    for part in list_licences():
        ways = re.split(r"\bOR\b", part.expression)
        free = [way for way in ways if not re.search(r"(?<![A-Za-z])A?GPL", way)]
        assert free, f"{part.component} is under {part.expression}"
