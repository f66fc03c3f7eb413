"""What a plan says of the limits before anything is spent."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from agentflow_desktop.core.routing import PlannedCall, Role, Route, Tier
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.llm.budget import Period, Spending, foresee_refusal

AT = datetime(2026, 11, 23, tzinfo=UTC)


def spending(today: str) -> Spending:
    period = Period(1, Decimal(today), Decimal(0), 0, 0)
    return Spending(period, period, period, Decimal(1), Decimal(10), AT, AT, Decimal(0))


def route(*calls: tuple[str, str]) -> Route:
    planned = tuple(
        PlannedCall(Role.PLANNER, "reads", "m", 1, 1, Decimal(about), Decimal(most), True)
        for about, most in calls
    )
    return Route(Tier.SMALL, "because", 1, False, planned, ())


LIMITS = CostSettings(
    daily_limit=Decimal(1), monthly_limit=Decimal(10), per_task_limit=Decimal("0.5")
)


@pytest.mark.parametrize(
    ("today", "planned", "words"),
    [
        ("0", route(("0.1", "0.5")), ""),
        ("0", route(("0.1", "0.6")), "may cost $0.6000, more than the $0.5000 left of the limit"),
        ("0.9", route(("0.05", "0.2")), "more than the $0.1000 left of the daily limit"),
        ("1.2", route(("0.05", "0.2")), "more than the $0 left of the daily limit"),
        ("0", route(("0.3", "0.4"), ("0.3", "0.4")), "about $0.6000 is more than the $0.5000"),
        ("0", route(), ""),
    ],
)
def test_a_plan_names_the_limit_that_stands_in_its_way(
    today: str, planned: Route, words: str
) -> None:
    found = foresee_refusal(planned, spending(today), LIMITS)
    assert words in found
    assert bool(found) == bool(words)


def test_limits_that_are_switched_off_stand_in_no_way() -> None:
    off = LIMITS.model_copy(update={"enabled": False})
    assert foresee_refusal(route(("9", "9")), spending("9"), off) == ""
