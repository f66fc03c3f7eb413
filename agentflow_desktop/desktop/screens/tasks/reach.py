"""What a planned run will meet if a model of its route does not answer now. Plain data, no Qt.

It rests on the health that the window knows already: nobody is asked for it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentflow_desktop.core.routing import Role, Route
from agentflow_desktop.desktop.status_model import StatusState
from agentflow_desktop.workflows.ask.model import AskPlan

if TYPE_CHECKING:
    from agentflow_desktop.app.queries import HealthCheck

_REVIEW = "verifies"  # how the purposes of a reviewer's calls begin


@dataclass(frozen=True, slots=True)
class ReachNotice:
    """What can't be asked and what the run will do then; ``reasons`` says why."""

    words: str
    reasons: str
    is_being_tested: bool


def reach_notice(plan: AskPlan, status: StatusState) -> ReachNotice | None:
    """The notice before a run; None if all its models answered, or none is needed."""
    if plan.is_cached:
        return None
    words: list[str] = []
    reasons: list[str] = []
    for name in dict.fromkeys(call.model for call in plan.route.calls):
        check = status.health.get(name)
        if check is None or check.is_usable:
            continue
        words.append(f"{name} can't be asked now: {_consequence(plan.route, name)}.")
        reasons.append(_reason(check))
    if not words:
        return None
    return ReachNotice(" ".join(words), " ".join(reasons), status.is_asking)


def _consequence(route: Route, name: str) -> str:
    """What the run does without the model."""
    roles = {call.role for call in route.calls if call.model == name}
    spare = {f.role: f.model for f in route.fallbacks if f.instead_of == name}
    if roles <= spare.keys():
        models = " and ".join(dict.fromkeys(spare[role] for role in Role if role in roles))
        return f"the run will fall back to {models}"
    calls = [call for call in route.calls if call.model == name and call.role not in spare]
    if all(call.role is Role.HEAVY and call.purpose.startswith(_REVIEW) for call in calls):
        return "the answer will not be verified"
    return "the run will fail unless it is back in time"


def _reason(check: "HealthCheck") -> str:
    return f"{check.message} {check.hint}".strip()
