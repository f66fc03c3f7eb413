"""A probe of a model as text: what was found, and what of models.yaml does not fit it."""

from agentflow_desktop.cli.terminal import visible
from agentflow_desktop.cli.wording import exact_usd
from agentflow_desktop.llm.probe_report import ProbeReport, ProfileChange, SchemaUse

_SCHEMA = {
    SchemaUse.HONOURED: "a JSON Schema is honoured",
    SchemaUse.IGNORED: "a JSON Schema is ignored: replies are repaired, and may fail",
    SchemaUse.REFUSED: "a JSON Schema is refused",
}


def probe_text(report: ProbeReport) -> str:
    """One line for each thing that was found."""
    lines = [_answer_line(report)]
    lines += [f"  {line}" for line in _details(report)]
    if report.problem:
        lines += [f"  {line}" for line in (report.problem, report.hint) if line]
    if report.changes:
        lines += ["", "models.yaml says otherwise:"]
        lines += [f"  {_change_line(change)}" for change in report.changes]
    return visible("\n".join(lines))


def _answer_line(report: ProbeReport) -> str:
    if not report.is_usable:
        return f"{report.name} can't be used."
    if report.answer_ms is None:
        return report.note
    cost = f", for {exact_usd(report.cost_usd)}" if report.cost_usd else ""
    return f"{report.name} answers, in {report.answer_ms:,} ms{cost}."


def _details(report: ProbeReport) -> list[str]:
    lines: list[str] = []
    if report.is_listed is False:
        lines.append(f"its server does not list the model {report.profile.model!r}")
    if report.served_model:
        other = ", which is another model" if report.is_other_model else ""
        lines.append(f"it calls itself {report.served_model}{other}")
    if report.schema in _SCHEMA:
        lines.append(_SCHEMA[report.schema])
    if report.reports_usage is not None:
        usage = "tells" if report.reports_usage else "does not tell"
        lines.append(f"a streamed reply {usage} its usage")
    if report.counts_tokens is not None:
        lines.append(f"its server counts {'tokens' if report.counts_tokens else 'no tokens'}")
    return [*lines, *_window_lines(report)]


def _window_lines(report: ProbeReport) -> list[str]:
    claimed = f"models.yaml says {report.profile.window_tokens:,}"
    lines: list[str] = []
    if report.told_window is not None:
        told = report.told_window
        lines.append(f"context length {told.tokens:,} by {told.source}; {claimed}")
    if report.measured is not None:
        measured = report.measured
        at_least = "at least " if measured.is_at_least else ""
        cut = ", more is dropped without a word" if measured.is_cut_silently else ""
        lines.append(f"context length {at_least}{measured.tokens:,} by measuring{cut}; {claimed}")
    if report.answer_ms is not None and not lines:
        lines.append(f"its context length is not told; {claimed}")
    if report.note and report.answer_ms is not None:
        lines.append(report.note)
    return lines


def _change_line(change: ProfileChange) -> str:
    now, then = (_yaml(value) for value in (change.now, change.then))
    return f"{change.field}: {now} should be {then}, because {change.reason}"


def _yaml(value: bool | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
