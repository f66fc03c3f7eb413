"""A self-test's report as Markdown."""

from collections.abc import Iterator, Sequence

from agentflow_desktop.workflows.board.report import (
    CAMPAIGN_METHOD,
    LEFT_OUT,
    LIMIT_HEADS,
    METHOD,
    OTHER_HEADS,
    SCOPE,
    TITLE,
    SelftestReport,
    campaign_table,
    facts_of,
    limit_cells,
    limit_rows,
    other_cells,
    other_rows,
)
from agentflow_desktop.workflows.board.wording import VERDICTS, summary_text


def to_markdown(report: SelftestReport) -> str:
    """The whole report as Markdown that ends in a line feed."""
    result = report.result
    parts = [f"# {TITLE}", SCOPE, f"**{summary_text(result)}**"]
    parts += _failures(report)
    parts += ["## Limits", METHOD]
    parts.append(_table(LIMIT_HEADS, [limit_cells(row) for row in limit_rows(result)]))
    parts.append("## Faults, sequences and refusals")
    parts.append(_table(OTHER_HEADS, [other_cells(row) for row in other_rows(result)]))
    parts.append(LEFT_OUT)
    if result.campaign:
        parts += ["## Every single fault in every state", CAMPAIGN_METHOD]
        parts.append(_table(*campaign_table(result.campaign)))
    parts.append("## What was tested")
    parts.append("\n".join(f"- {name}: {value}" for name, value in facts_of(report)))
    return "\n\n".join(parts) + "\n"


def _failures(report: SelftestReport) -> Iterator[str]:
    failed = report.result.failed
    if not failed:
        return
    yield "## What failed"
    yield "\n".join(
        f"- {row.protection.replace('_', ' ')} ({row.path.value}): "
        f"{VERDICTS[row.verdict]}, {row.reason}"
        for row in failed
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [_line(heads), _line(["---"] * len(heads)), *map(_line, rows)]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
