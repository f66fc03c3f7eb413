"""The plan of a run as text: route, price, models, files. Shown before anything is spent."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.cli.wording import byte_size, count
from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.routing import Badge, Route
from agentflow_desktop.documents.document import FileState
from agentflow_desktop.workflows.ask.model import AskPlan, FileLine
from agentflow_desktop.workflows.ask.report import models_of
from agentflow_desktop.workflows.ask.wording import BADGES, route_notes

_LONGEST_NAME = 60
_PLAN: TypeAdapter[AskPlan] = TypeAdapter(AskPlan)


def plan_json(plan: AskPlan) -> str:
    """The plan as one line of JSON, money exact."""
    return _PLAN.dump_json(plan).decode()


def plan_text(plan: AskPlan) -> str:
    """The plan for a person: what would be asked of whom, at what price, from which files."""
    lines = route_lines(plan.route)
    if plan.limit_notice:
        lines.append(f"! {plan.limit_notice}")
    if plan.is_cached:
        lines.append("A kept result would answer: no call, no cost.")
    elif plan.route.calls:
        lines += ["", _calls(plan.route)]
    if plan.files:
        lines += ["", _files(plan.files)]
    return "\n".join(lines)


def route_lines(route: Route) -> list[str]:
    """Route, models, price and what a reader must know, one line each."""
    about = "" if route.is_exact else "about "
    chosen = ", chosen by you" if route.is_override else ""
    lines = [f"Route: {route.tier.value}, {about}{count(route.tokens, 'token')}{chosen}"]
    lines.append(f"       {route.reason}")
    if route.calls:
        lines.append("Models: " + ", ".join(f"{r.lower()} {m}" for r, m in models_of(route)))
    lines.append(f"Price: {price_text(route)}")
    lines += [f"       {note}" for note in route_notes(route)]
    lines += [BADGES[badge] for badge in route.badges if badge is not Badge.ESTIMATED_COST]
    return lines


def price_text(route: Route) -> str:
    """``about $0.0021, at most $0.0140``, or that nothing is charged."""
    if route.at_most_usd == 0:
        return "$0"
    return f"about {format_usd(route.about_usd)}, at most {format_usd(route.at_most_usd)}"


def file_counts(files: Sequence[FileLine]) -> str:
    """``12 files read, 3 skipped, 1 not readable``."""
    states = [line.state for line in files]
    parts = [f"{count(states.count(FileState.READ), 'file')} read"]
    if FileState.SKIPPED in states:
        parts.append(f"{states.count(FileState.SKIPPED)} skipped")
    if FileState.FAILED in states:
        parts.append(f"{states.count(FileState.FAILED)} not readable")
    return ", ".join(parts)


def _calls(route: Route) -> str:
    rows = [
        (
            call.purpose if call.is_certain else f"{call.purpose} (if needed)",
            call.model,
            f"{call.input_tokens:,}",
            f"{call.max_output_tokens:,}",
            format_usd(call.about_usd),
            format_usd(call.hold_usd),
        )
        for call in route.calls
    ]
    heads = ("call", "model", "tokens in", "at most out", "about", "at most")
    return as_table(heads, rows, right=(2, 3, 4, 5))


def _files(files: Sequence[FileLine]) -> str:
    rows = [
        (
            _short_name(line.name),
            line.state.value,
            f"{line.tokens:,}" if line.tokens is not None else "-",
            byte_size(line.byte_count),
            line.reason,
        )
        for line in files
    ]
    return as_table(("file", "state", "tokens", "size", ""), rows, right=(2, 3))


def _short_name(name: str) -> str:
    """One long name would push the reasons of all files out of sight; its end tells most."""
    return name if len(name) <= _LONGEST_NAME else "…" + name[1 - _LONGEST_NAME :]
