"""What is told of a run that has a result: one structure, from which every export is written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from pydantic import TypeAdapter

from agentflow_desktop.core.clock import to_iso_z
from agentflow_desktop.core.events import (
    CostRecorded,
    RunEvent,
    RunStarted,
    RunSucceeded,
    StepStarted,
)
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.routing import Role, Route
from agentflow_desktop.workflows.ask.citations import Citations, number_citations
from agentflow_desktop.workflows.ask.model import AskResult


@dataclass(frozen=True, slots=True)
class ReportStep:
    """A step of the run with what its calls used and cost, retries included.

    ``served_model`` is empty unless the server answered with another than was asked for.
    """

    title: str
    role: Role | None
    model: str
    served_model: str = ""
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = ZERO_USD
    is_estimated: bool = False

    @property
    def was_asked(self) -> bool:
        """Whether a model took part in it."""
        return bool(self.model)

    @property
    def model_words(self) -> str:
        return f"{self.model} (served by {self.served_model})" if self.served_model else self.model

    @property
    def figures(self) -> tuple[str, str, str]:
        """Tokens in, tokens out and cost, as text."""
        about = "about " if self.is_estimated else ""
        return (
            f"{self.input_tokens:,}",
            f"{self.output_tokens:,}",
            f"{about}{exact_usd(self.cost_usd)}",
        )


@dataclass(frozen=True, slots=True)
class Report:
    """A run and its result. Times are in UTC."""

    run_id: str
    started_at: datetime
    duration_s: float
    steps: tuple[ReportStep, ...]
    result: AskResult
    citations: Citations = field(repr=False)

    @property
    def title(self) -> str:
        return self.result.answer.title or self.result.task


def report_of(events: Sequence[RunEvent]) -> Report | None:
    """The report of a run from its events; None if it has no result of this workflow."""
    started_at: datetime | None = None
    steps: dict[str, ReportStep] = {}
    for event in events:
        match event:
            case RunStarted():
                started_at = event.at
            case StepStarted():
                steps[event.step_id] = ReportStep(event.title, event.role, event.model)
            case CostRecorded():
                if event.step_id in steps:
                    steps[event.step_id] = _with_cost(steps[event.step_id], event)
            case RunSucceeded(result=AskResult() as result):
                return Report(
                    run_id=event.run_id,
                    started_at=started_at or event.at,
                    duration_s=event.duration_s,
                    steps=tuple(steps.values()),
                    result=result,
                    citations=number_citations(result.answer),
                )
            case _:
                pass
    return None


def to_json(report: Report) -> str:
    """The whole result as indented JSON, money exact, with the run and its steps."""
    fields = _RESULT.dump_python(report.result, mode="json")
    fields["run"] = {
        "run_id": report.run_id,
        "started_at": to_iso_z(report.started_at),
        "duration_s": report.duration_s,
    }
    fields["steps"] = _STEPS.dump_python(report.steps, mode="json")
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def exact_usd(amount_usd: Decimal) -> str:
    """Dollars to the last digit, without zeros that say nothing."""
    return f"${amount_usd.normalize():f}" if amount_usd else "$0"


def route_words(route: Route) -> str:
    """``small (about 1,234 tokens)``."""
    return f"{route.tier.value} ({'' if route.is_exact else 'about '}{route.tokens:,} tokens)"


def models_of(route: Route) -> list[tuple[str, str]]:
    """Role and model of a route's calls, each pair once, planner first."""
    pairs = {(call.role, call.model) for call in route.calls}
    order = list(Role)
    ordered = sorted(pairs, key=lambda pair: (order.index(pair[0]), pair[1]))
    return [(role.value.capitalize(), model) for role, model in ordered]


def _with_cost(step: ReportStep, cost: CostRecorded) -> ReportStep:
    is_other = cost.served_model not in ("", step.model, cost.model)
    return replace(
        step,
        served_model=cost.served_model if is_other else step.served_model,
        calls=step.calls + 1,
        input_tokens=step.input_tokens + cost.input_tokens,
        output_tokens=step.output_tokens + cost.output_tokens,
        cost_usd=step.cost_usd + cost.cost_usd,
        is_estimated=step.is_estimated or cost.is_estimated,
    )


_RESULT: TypeAdapter[AskResult] = TypeAdapter(AskResult)
_STEPS: TypeAdapter[tuple[ReportStep, ...]] = TypeAdapter(tuple[ReportStep, ...])
