"""``agentflow board selftest`` as a person uses it: tables, report, and what can go wrong."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from agentflow_desktop.app.jobs import event_codec
from agentflow_desktop.core.events import RunSucceeded, StepOutput
from agentflow_desktop.workflows.board.model import SelftestResult, SelftestRow
from support.command_line import Ended, environment_of, run_command, start_command
from support.host_program import needs_simulated_pack

ROOT = Path(__file__).resolve().parents[2]
SELFTEST = ("board", "selftest", "--simulated")
OVERRIDE = ("--override", "cell_ov_trip_mv=3800")
_WITHIN_S = 60


def test_without_a_simulation_it_is_told_what_to_do(tmp_path: Path) -> None:
    ended = run_command(tmp_path, "board", "selftest")
    assert ended == Ended(
        2,
        "",
        "Error: The self-test of a real board is not supported yet.\n"
        "agentflow board selftest --simulated runs it on a simulated one.\n",
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["--override", "cel_ov_trip_mv=3800"],
            "A pack has no setting named 'cel_ov_trip_mv'.\nDid you mean cell_ov_trip_mv?\n",
        ),
        (["--override", "cell_ov_trip_mv"], "'cell_ov_trip_mv' is no override."),
        (
            ["--override", "cell_ov_trip_mv=99999999999"],
            "cell_ov_trip_mv=99999999999 does not fit: the firmware holds whole numbers of 32 bits",
        ),
        (
            ["--override", "cell_ov_trip_mv=38000"],
            "cell_ov_trip_mv is 38000 mV; 2000 to 4500 is allowed.",
        ),
        (["--override", "cell_ov_trip_mv=high"], "is a whole number in mV, not 'high'."),
        (["--pack-config", "nowhere.yaml"], "There is no file nowhere.yaml."),
        (["--output", "report.doc"], "report.doc has no ending that says how to write it."),
        (["--output", "no/such/folder.md"], "There is no folder"),
    ],
)
def test_what_can_not_be_used_is_refused_in_a_sentence(
    tmp_path: Path, words: list[str], says: str
) -> None:
    ended = run_command(tmp_path, *SELFTEST, *words)
    assert ended.code in (2, 3)
    assert says in ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err


def test_a_design_outside_the_datasheet_is_refused(tmp_path: Path) -> None:
    design = tmp_path / "pack.yaml"
    design.write_text("cell_ov_trip_mv: 3645\n")
    ended = run_command(tmp_path, *SELFTEST, "--pack-config", str(design))
    assert ended.code == 2
    assert "cell_ov_trip_mv + cell_error_mv <= cell_max_mv must hold" in ended.err


@needs_simulated_pack
def test_the_reference_pack_passes_and_everything_says_simulated(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    ended = run_command(tmp_path, *SELFTEST, "--output", str(report))
    assert (ended.code, "FAIL" in ended.out) == (0, False), ended.out
    assert "SIMULATED: " in ended.out
    row = next(line for line in ended.out.splitlines() if line.startswith("cell over voltage  "))
    assert " ".join(row.split()).startswith(
        "cell over voltage host cell_ov_trip_mv 3,580 mV 3,581 mV 3,650 mV 59 mV 1.00 s 1.61 s 1.0"
    )
    assert row.endswith("3,400 mV  3,400 mV  PASS")
    assert "- Limits that the host guards" in ended.err
    assert f"Wrote {report}" in ended.err
    assert report.read_text("utf-8").startswith("# Self-test of a simulated board\n\nSIMULATED")


@needs_simulated_pack
def test_an_override_fails_its_own_row_and_the_identity_and_no_other(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    ended = run_command(tmp_path, *SELFTEST, *OVERRIDE, "--json", "--output", str(report))
    assert ended.code == 9
    events = [event_codec().decode(line) for line in ended.out.splitlines()]
    rows = [e.body for e in events if isinstance(e, StepOutput) and isinstance(e.body, SelftestRow)]
    failed = {(row.protection, row.path.value): row for row in rows if row.verdict == "fail"}
    assert set(failed) == {("cell_over_voltage", "host"), ("identity is the design's", "host")}
    row = failed["cell_over_voltage", "host"]
    assert (row.limit, row.trip, row.margin) == (3580, 3801, -161)
    last = events[-1]
    assert isinstance(last, RunSucceeded)
    assert isinstance(last.result, SelftestResult)
    assert last.result.rows == tuple(rows)
    kept = json.loads(report.read_text("utf-8"))
    assert (kept["is_passed"], kept["is_simulated"]) == (False, True)
    assert kept["overrides"] == [{"name": "cell_ov_trip_mv", "values": [3800]}]


@needs_simulated_pack
def test_a_self_test_is_in_the_history_and_exported_from_there(tmp_path: Path) -> None:
    assert run_command(tmp_path, *SELFTEST, *OVERRIDE).code == 9
    listed = run_command(tmp_path, "history", "list", "--search", "self-test")
    assert "Self-test of a simulated board with cell_ov_trip_mv=3800" in listed.out
    run = next(word for word in listed.out.split() if word.startswith("run_"))
    shown = run_command(tmp_path, "history", "show", run)
    assert "FAIL  cell over voltage, host: tripped at 3,801 mV" in shown.out
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    assert run_command(tmp_path, "history", "export", run, "--output", str(page)).code == 0
    assert '<td class="fail">FAIL</td>' in page.read_text("utf-8")
    assert run_command(tmp_path, "history", "export", run, "--output", str(paper)).code == 0
    assert paper.read_bytes().startswith(b"%PDF")
    again = run_command(tmp_path, "history", "again", run)
    assert (again.code, "was no question" in again.err) == (2, True)


@needs_simulated_pack
def test_ctrl_c_ends_it_and_its_packs_and_is_kept_as_cancelled(tmp_path: Path) -> None:
    process = start_command(tmp_path, *SELFTEST, "--json")
    assert process.stdout is not None
    while "selftest.row" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    rest, err = process.communicate(timeout=_WITHIN_S)
    assert process.returncode == 130, err
    assert '"type":"run_cancelled"' in rest.splitlines()[-1]
    assert programs_of(process.pid) == []


@needs_simulated_pack
def test_a_pack_that_dies_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    process = start_command(tmp_path, *SELFTEST)
    wait_until(lambda: kill_one_program(process.pid) or process.poll() is not None)
    _, err = process.communicate(timeout=_WITHIN_S)
    assert process.returncode == 8, err
    assert "Error: The simulated pack ended by itself.\nStart it again" in err
    assert "Traceback" not in err


def test_without_the_program_it_says_how_to_get_it(tmp_path: Path) -> None:
    for name in ("agentflow_desktop", "config"):  # an installation that lacks it
        shutil.copytree(ROOT / name, tmp_path / "program" / name)
    words = [sys.executable, "-W", "error", "-P", "-m", "agentflow_desktop", *SELFTEST]
    environment = {**environment_of(tmp_path / "home"), "PYTHONPATH": str(tmp_path / "program")}
    ended = subprocess.run(
        words, env=environment, capture_output=True, text=True, timeout=_WITHIN_S, check=False
    )
    assert ended.returncode == 8
    assert "Error: The program simulated_pack is not on this machine.\n" in ended.stderr
    assert "python3 dev.py setup builds it; it needs a C++17 compiler.\n" in ended.stderr


@needs_simulated_pack
@pytest.mark.skipif(os.name == "nt", reason="a folder that can't be written to, as on POSIX")
def test_a_report_that_can_not_be_written_keeps_the_run(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full here")
    target = tmp_path / "report.md"
    target.symlink_to("/proc/report.md")  # a folder in which nobody can make a file
    ended = run_command(tmp_path, *SELFTEST, "--output", str(target))
    assert ended.code == 6
    assert "can't be written" in ended.err
    assert "SIMULATED: " in ended.out


def programs_of(pid: int) -> list[psutil.Process]:
    """The simulated packs of a command, if it still runs."""
    try:
        found = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [process for process in found if process.name() == "simulated_pack"]


def kill_one_program(pid: int) -> bool:
    """Kill a pack in the middle of its work; whether there was one."""
    for process in programs_of(pid):
        try:
            process.kill()
            return True
        except psutil.NoSuchProcess:
            continue
    return False


def wait_until(is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + _WITHIN_S
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.001)
