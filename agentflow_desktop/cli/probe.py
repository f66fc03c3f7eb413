"""A probe of a model as text: what was found, and what of models.yaml does not fit it."""

from agentflow_desktop.cli.terminal import visible
from agentflow_desktop.llm.probe_report import ProbeReport
from agentflow_desktop.llm.probe_wording import answer_words, change_words, probe_facts


def probe_text(report: ProbeReport) -> str:
    """One line for each thing that was found."""
    lines = [answer_words(report)]
    lines += [f"  {fact.words}" for fact in probe_facts(report)]
    if report.problem:
        lines += [f"  {line}" for line in (report.problem, report.hint) if line]
    if report.changes:
        lines += ["", "models.yaml says otherwise:"]
        lines += [f"  {change_words(change)}" for change in report.changes]
    return visible("\n".join(lines))
