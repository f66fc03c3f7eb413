"""What a person reads before anything is spent."""

from agentflow_desktop.cli.plan import plan_text
from agentflow_desktop.core.routing import Route, Tier
from agentflow_desktop.documents.document import FileState
from agentflow_desktop.workflows.ask.model import AskPlan, FileLine


def test_a_long_name_keeps_its_end_and_does_not_push_the_reasons_away() -> None:
    files = (
        FileLine("deep/" * 100 + "leaf.pdf", FileState.FAILED, "It is damaged.", None, 20),
        FileLine("good.md", FileState.READ, "", 11, 32),
    )
    route = Route(Tier.SMALL, "few tokens", 10, is_exact=False, calls=(), badges=())

    lines = plan_text(AskPlan(route, files, is_cached=False)).splitlines()

    row = next(line for line in lines if "leaf.pdf" in line)
    assert row.startswith("…")
    assert row.endswith("It is damaged.")
    assert len(row) < 120
