"""A self-test's result as a report: every row in every form, failures first, always simulated."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from agentflow_desktop.app.jobs import event_codec, run_facts
from agentflow_desktop.core.events import RunEvent, RunStarted, RunSucceeded, StepOutput
from agentflow_desktop.workflows.board.model import (
    KIND,
    REQUEST_KIND,
    CampaignLine,
    Override,
    ProtectedBy,
    Release,
    SelftestRequest,
    SelftestResult,
    SelftestRow,
    Verdict,
)
from agentflow_desktop.workflows.board.report import (
    LIMIT_HEADS,
    SelftestReport,
    limit_cells,
    report_of,
    to_json,
)
from agentflow_desktop.workflows.board.report_html import to_html
from agentflow_desktop.workflows.board.report_markdown import to_markdown
from agentflow_desktop.workflows.board.wording import summary_text

AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
PASSED = SelftestRow(
    protection="cell_over_voltage", path=ProtectedBy.HOST, verdict=Verdict.PASSED, reason="",
    field="cell_ov_trip_mv", unit="mV", limit=3600, trip=3601, bound=3650,
    bound_field="cell_max_mv", error=10, margin=39, delay_us=1_000_000,
    delay_at_most_us=1_615_000, measured_delay_us=1_060_000, release_by=Release.LEVEL,
    release_limit=3400, release=3400,
)  # fmt: skip
FAILED = SelftestRow(
    protection="i2c stuck", path=ProtectedBy.HOST, verdict=Verdict.FAILED,
    reason="open later than 615 ms", delay_at_most_us=615_000, measured_delay_us=900_000,
)  # fmt: skip
SAFE = CampaignLine("tap_open", "charging", "opens", 286.004, 2685.0, "sense_wire_open", True)
AT_ONCE = replace(SAFE, state="idle", safe_state="refuses to close", time_ms=0.0)
UNSAFE = CampaignLine("afe_hang", "charging", "opens", None, 985.0, "", False)
RESULT = SelftestResult(
    is_simulated=True,
    firmware="0.1.0",
    board="simulated pack",
    design_hash="db6e0e39a7aee9d5",
    board_hash="8dac176c33802a8d",
    overrides=(Override("cell_ov_trip_mv", (3800,)),),
    rows=(PASSED, FAILED),
    campaign=(AT_ONCE, SAFE, UNSAFE),
    simulated_s=1135.0,
    packs=121,
)
REPORT = SelftestReport("run_1", AT, 3.0, RESULT)


def succeeded(result: SelftestResult = RESULT) -> RunSucceeded:
    return RunSucceeded(
        run_id="run_1", at=AT, kind=KIND, result=result, cost_usd=Decimal(0), duration_s=3.0
    )


def test_a_row_stands_under_the_heads_of_its_table() -> None:
    cells = dict(zip(LIMIT_HEADS, limit_cells(PASSED), strict=True))
    assert cells == {
        "protection": "cell over voltage",
        "by": "host",
        "field": "cell_ov_trip_mv",
        "limit": "3,600 mV",
        "trip": "3,601 mV",
        "bound": "3,650 mV",
        "margin": "39 mV",
        "delay": "1.00 s",
        "at most": "1.61 s",
        "took": "1.06 s",
        "release": "3,400 mV",
        "released": "3,400 mV",
        "verdict": "PASS",
    }


def test_what_releases_a_row_is_shown_in_its_own_unit() -> None:
    by_time = replace(PASSED, release_by=Release.TIME, release_limit=60_000, release=60_050)
    assert limit_cells(by_time)[-3:-1] == ("60.0 s", "60.0 s")
    by_operator = replace(PASSED, release_by=Release.OPERATOR)
    assert limit_cells(by_operator)[-3:-1] == ("operator", "operator")
    unproved = replace(by_operator, verdict=Verdict.FAILED, reason="it was released")
    assert limit_cells(unproved)[-3:-1] == ("operator", "")


def test_the_summary_says_simulated_and_counts_what_failed() -> None:
    assert summary_text(RESULT) == "SIMULATED: 1 of 2 rows pass, 1 FAIL; 2 of 3 faults end safe."
    assert not RESULT.is_passed
    only_good = replace(RESULT, rows=(PASSED,), campaign=(SAFE,))
    assert only_good.is_passed
    assert not replace(only_good, campaign=(UNSAFE,)).is_passed


def test_markdown_has_failures_first_then_every_row_and_the_matrix() -> None:
    text = to_markdown(REPORT)
    assert text.index("## What failed") < text.index("## Limits")
    assert "- i2c stuck (host): FAIL, open later than 615 ms" in text
    assert "| cell over voltage | host | cell_ov_trip_mv | 3,600 mV | 3,601 mV |" in text
    assert "| fault | idle | charging | within |" in text
    assert "| tap open | refuses to close | opens, 286 ms | 2.69 s |" in text
    assert "| afe hang |  | FAIL: opens, never | 985 ms |" in text
    assert "config_hash 8dac176c33802a8d" in text
    assert "stack_mismatch and switch_not_closed are not provoked here" in text
    assert text.endswith("\n")


def test_markdown_of_a_pass_has_no_failures() -> None:
    report = replace(REPORT, result=replace(RESULT, rows=(PASSED,)))
    assert "What failed" not in to_markdown(report)


def test_the_page_shows_verdicts_in_colour_and_escapes_text() -> None:
    odd = replace(FAILED, reason="<b>&")
    page = to_html(replace(REPORT, result=replace(RESULT, rows=(PASSED, odd))))
    assert '<td class="pass">PASS</td>' in page
    assert '<td class="fail">FAIL</td>' in page
    assert '<td class="fail">FAIL: opens, never</td>' in page
    assert "&lt;b&gt;&amp;" in page
    assert "<b>&" not in page


def test_json_is_exact_and_in_the_units_of_the_configuration() -> None:
    found = json.loads(to_json(REPORT))
    assert found["rows"][0]["trip"] == 3601
    assert found["campaign"][2]["time_ms"] is None
    assert (found["is_simulated"], found["is_passed"]) == (True, False)
    assert found["run"] == {
        "run_id": "run_1", "started_at": "2026-11-26T08:00:00.000000Z", "duration_s": 3.0
    }  # fmt: skip


def test_the_report_is_made_from_the_events_that_history_keeps() -> None:
    codec = event_codec()
    started = RunStarted(run_id="run_1", at=AT, kind=KIND, title="t")
    events: list[RunEvent] = [codec.decode(codec.encode(e)) for e in (started, succeeded())]
    assert report_of(events) == REPORT
    assert report_of(events[:1]) is None


def test_history_finds_a_self_test_by_what_was_overridden_and_what_failed() -> None:
    request = SelftestRequest(is_simulated=True, overrides=RESULT.overrides)
    asked = StepOutput(run_id="run_1", at=AT, step_id="", kind=REQUEST_KIND, body=request)
    assert run_facts(asked).task == "self-test cell_ov_trip_mv"
    assert "i2c stuck: open later than 615 ms" in (run_facts(succeeded()).answer or "")
