"""What is told before a run of models that do not answer now."""

from dataclasses import replace
from decimal import Decimal

from agentflow_desktop.app.queries import HealthCheck
from agentflow_desktop.core.routing import PlannedCall, PlannedFallback, Role, Route, Tier
from agentflow_desktop.desktop.screens.tasks.reach import reach_notice
from agentflow_desktop.desktop.status_model import StatusState
from agentflow_desktop.workflows.ask.model import AskPlan

USD = Decimal("0.01")


def call(role: Role, purpose: str, model: str) -> PlannedCall:
    return PlannedCall(role, purpose, model, 40, 500, USD, USD, is_certain=True)


ROUTE = Route(
    Tier.SMALL, "40 tokens are under 8,000", 40, False,
    (call(Role.PLANNER, "proposes", "small"), call(Role.HEAVY, "verifies", "big")), (),
)  # fmt: skip


def plan(route: Route = ROUTE, *, is_cached: bool = False) -> AskPlan:
    return AskPlan(route, (), is_cached)


def status(**is_usable: bool) -> StatusState:
    return StatusState(
        health={
            name: HealthCheck(f"model {name}", usable, f"{name} is down.", "Start it.")
            for name, usable in is_usable.items()
        }
    )


def test_nothing_is_told_where_models_answer_or_were_not_asked_yet() -> None:
    assert reach_notice(plan(), status()) is None
    assert reach_notice(plan(), status(small=True, big=True)) is None


def test_a_planner_that_is_down_ends_the_run_and_says_why() -> None:
    notice = reach_notice(plan(), status(small=False, big=True))
    assert notice is not None
    assert notice.words == "small can't be asked now: the run will fail unless it is back in time."
    assert notice.reasons == "small is down. Start it."


def test_a_reviewer_that_is_down_leaves_the_answer_unverified() -> None:
    notice = reach_notice(plan(), status(big=False))
    assert notice is not None
    assert notice.words == "big can't be asked now: the answer will not be verified."


def test_a_reader_that_is_down_ends_the_run() -> None:
    calls = (*ROUTE.calls, call(Role.HEAVY, "answers by the plan", "big"))
    notice = reach_notice(plan(replace(ROUTE, calls=calls)), status(big=False))
    assert notice is not None
    assert notice.words == "big can't be asked now: the run will fail unless it is back in time."


def test_an_approved_fallback_is_named_for_the_roles_that_it_covers() -> None:
    spare = PlannedFallback(Role.PLANNER, "spare", "small", USD, USD)
    route = replace(ROUTE, fallbacks=(spare,))
    notice = reach_notice(plan(route), status(small=False))
    assert notice is not None
    assert notice.words == "small can't be asked now: the run will fall back to spare."
    alone = replace(route, calls=tuple(replace(c, model="small") for c in route.calls))
    notice = reach_notice(plan(alone), status(small=False))
    assert notice is not None
    assert notice.words.endswith("the answer will not be verified."), "it reviews without a spare"


def test_a_kept_result_needs_no_model() -> None:
    assert reach_notice(plan(is_cached=True), status(small=False)) is None
