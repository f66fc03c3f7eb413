"""The documents and the tool settings that name packages name the ones that exist."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "agentflow_desktop"
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["id"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
}


def layers() -> set[str]:
    """The package's own parts: folders with modules, and ``__main__``."""
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    return folders | {"__main__"}


def packages() -> set[str]:
    """Every package below ours, with ``/`` between the parts."""
    inner = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("__init__.py")}
    return inner - {"."}


def test_the_architecture_page_lists_the_packages_that_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z_/]+)` \|", page, re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == packages()


def test_every_layer_is_in_the_layers_contract() -> None:
    named = {name for row in CONTRACTS["layers"]["layers"] for name in row.split(" | ")}
    assert named == layers()
    assert CONTRACTS["layers"]["exhaustive"] is True


@pytest.mark.parametrize(
    ("contract", "exempt"), [("qt", {"desktop", "__main__"}), ("outside", {"adapters"})]
)
def test_a_new_layer_can_not_slip_past_a_fence(contract: str, exempt: set[str]) -> None:
    sources = CONTRACTS[contract]["source_modules"]
    fenced = {source.split(".")[1] for source in sources if "*" not in source}
    assert fenced == layers() - exempt


def test_no_contract_has_exceptions() -> None:
    assert [name for name, contract in CONTRACTS.items() if "ignore_imports" in contract] == []


def test_all_but_the_views_is_held_to_strict_types() -> None:
    strict = {Path(path).parts[1] for path in PYPROJECT["tool"]["basedpyright"]["strict"][:-1]}
    assert {name.removesuffix(".py") for name in strict} == layers()


def test_importing_a_package_has_no_side_effect() -> None:
    assert [path for path in PACKAGE.rglob("__init__.py") if path.read_bytes().strip()] == []


def test_readme_commands_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"python3 dev\.py (\w+)", readme))
    assert {"setup", "run"} <= commands
    source = (ROOT / "dev.py").read_text(encoding="utf-8")
    assert [name for name in commands if f'"{name}":' not in source] == []


def test_every_linked_file_of_the_documents_exists() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_decisions_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(name[:4]) for name in names]
    assert numbers == list(range(1, len(names) + 1))


def test_python_sources_carry_no_late_work() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    found = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        if marks.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
