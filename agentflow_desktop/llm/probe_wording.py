"""What a probe found in words, the same in the window and at a terminal."""

from dataclasses import dataclass

from agentflow_desktop.core.money import exact_usd
from agentflow_desktop.llm.probe_report import ProbeReport, ProfileChange, SchemaUse

_SCHEMA = {
    SchemaUse.HONOURED: "a JSON Schema is honoured",
    SchemaUse.IGNORED: "a JSON Schema is ignored: replies are repaired, and may fail",
    SchemaUse.REFUSED: "a JSON Schema is refused",
}


@dataclass(frozen=True, slots=True)
class ProbeFact:
    """One thing that was found. ``is_good`` is None where it is neither good nor bad."""

    subject: str
    words: str
    is_good: bool | None = None


def answer_words(report: ProbeReport) -> str:
    """Whether the model answers, how soon and at what price, as a sentence."""
    if not report.is_usable:
        return f"{report.name} can't be used."
    if report.answer_ms is None:
        return report.note
    cost = f", for {exact_usd(report.cost_usd)}" if report.cost_usd else ""
    return f"{report.name} answers, in {report.answer_ms:,} ms{cost}."


def probe_facts(report: ProbeReport) -> tuple[ProbeFact, ...]:
    """All else that was found, in the order in which it is asked for."""
    facts: list[ProbeFact] = []
    if report.is_listed is False:
        words = f"its server does not list the model {report.profile.model!r}"
        facts.append(ProbeFact("Listed", words, is_good=False))
    if report.served_model:
        other = ", which is another model" if report.is_other_model else ""
        words = f"it calls itself {report.served_model}{other}"
        facts.append(ProbeFact("Served name", words, is_good=not report.is_other_model))
    if report.schema in _SCHEMA:
        is_honoured = report.schema is SchemaUse.HONOURED
        facts.append(ProbeFact("Schema", _SCHEMA[report.schema], is_good=is_honoured))
    if report.reports_usage is not None:
        usage = "tells" if report.reports_usage else "does not tell"
        words = f"a streamed reply {usage} its usage"
        facts.append(ProbeFact("Usage", words, is_good=report.reports_usage))
    if report.counts_tokens is not None:
        words = f"its server counts {'tokens' if report.counts_tokens else 'no tokens'}"
        facts.append(ProbeFact("Tokens", words, is_good=True if report.counts_tokens else None))
    return (*facts, *_window_facts(report))


def change_words(change: ProfileChange) -> str:
    """``window_tokens: 8192 should be 4096, because ...``, as models.yaml has it."""
    now, then = (_yaml(value) for value in (change.now, change.then))
    return f"{change.field}: {now} should be {then}, because {change.reason}"


def _window_facts(report: ProbeReport) -> list[ProbeFact]:
    claimed = report.profile.window_tokens
    says = f"models.yaml says {claimed:,}"
    facts: list[ProbeFact] = []
    if report.told_window is not None:
        told = report.told_window
        words = f"context length {told.tokens:,} by {told.source}; {says}"
        facts.append(ProbeFact("Window", words, is_good=told.tokens >= claimed))
    if report.measured is not None:
        measured = report.measured
        at_least = "at least " if measured.is_at_least else ""
        cut = ", more is dropped without a word" if measured.is_cut_silently else ""
        words = f"context length {at_least}{measured.tokens:,} by measuring{cut}; {says}"
        facts.append(ProbeFact("Window", words, is_good=measured.tokens >= claimed))
    if report.answer_ms is not None and not facts:
        facts.append(ProbeFact("Window", f"its context length is not told; {says}"))
    if report.note and report.answer_ms is not None:
        facts.append(ProbeFact("Note", report.note))
    return facts


def _yaml(value: bool | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
