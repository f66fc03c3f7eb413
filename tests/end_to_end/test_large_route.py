"""The larger routes from the command line: price first, then packs, gaps and modes on screen."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from support.ask_home import AskHome
from support.command_line import run_command
from support.openai_server import OpenAIServer, Received, Reply, failure
from support.tier_home import TASK, TierModels, write_files

ROLES = ("--planner", "cheap", "--heavy", "dear")


def ask(home: AskHome, *more: str) -> list[str]:
    return ["run", "--task", TASK, "--directory", str(home.documents), *ROLES, *more]


def test_a_dry_run_of_a_large_task_names_its_packs_and_their_price_and_asks_nobody(
    tmp_path: Path,
) -> None:
    with OpenAIServer([]) as server:
        home = AskHome(tmp_path / "person", server.base_url)
        write_files(home, 16, 150)
        shown = run_command(home.root, *ask(home, "--dry-run", "--route", "large"))
        told = run_command(home.root, *ask(home, "--dry-run", "--route", "large", "--json"))
    assert shown.code == 0, shown.err
    packs = re.findall(
        r"^reads pack (\d) of 3 \(.*part_\d+\.py\)\s+dear\s+[\d,]+\s+2,000\s+\$0\.\d+\s+\$0\.\d+$",
        shown.out,
        re.MULTILINE,
    )
    assert packs == ["1", "2", "3"]
    assert "warning: large was chosen by hand although the size calls for medium" in shown.out
    assert re.search(r"^Price: about \$0\.\d+, at most \$\d\.\d+$", shown.out, re.MULTILINE)
    calls = json.loads(told.out)["route"]["calls"]
    certain = [call for call in calls if call["is_certain"]]
    assert sum(Decimal(call["about_usd"]) for call in certain) > Decimal("0.1")
    assert server.requests == []


def test_a_large_run_shows_its_packs_and_what_was_not_read(tmp_path: Path) -> None:
    models = TierModels()

    def script(request: Received) -> Reply:
        is_second = "This is pack 2 of" in request.blocks.sections.get("pack", "")
        return failure(400, "no") if is_second else models(request)

    with OpenAIServer(script) as server:
        home = AskHome(tmp_path / "person", server.base_url)
        write_files(home, 16, 150)
        ended = run_command(home.root, *ask(home, "--route", "large", "--check", "cross_file"))
    assert ended.code == 0, ended.err
    assert "- Heavy model reads pack 1 of 3 (heavy: dear)" in ended.err
    assert "- Planner reviews: cross-file (planner: cheap)" in ended.err
    assert "Q1: What bound does each part check?" in ended.err
    assert "! Pack 2 of 3 (" in ended.err
    assert "7 findings, 7 quotes found in the files (Heavy model reads pack 1 of 3)" in ended.err
    assert "Part of the documents was not read: see the answer" in ended.err
    assert "**Not read:** Pack 2 of 3 (" in ended.out
    assert "part_016.py:154" in ended.out


@pytest.mark.parametrize("mode", ["grammar", ""])
def test_a_mode_that_does_not_exist_is_refused_with_those_that_do(
    tmp_path: Path, mode: str
) -> None:
    home = AskHome(tmp_path / "person")
    ended = run_command(home.root, "run", "--task", TASK, "--check", mode)
    assert ended.code == 2
    assert "edge_cases" in ended.err
