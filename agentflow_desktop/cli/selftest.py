"""What a self-test found, as text."""

from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.workflows.board.model import SelftestResult, SelftestRow
from agentflow_desktop.workflows.board.report import (
    LIMIT_HEADS,
    OTHER_HEADS,
    campaign_table,
    limit_cells,
    limit_rows,
    other_cells,
    other_rows,
)
from agentflow_desktop.workflows.board.wording import VERDICTS, summary_text

_NUMBERS_OF_LIMITS = range(3, 12)


def selftest_text(result: SelftestResult) -> str:
    """The tables, why a row failed, and in one line what came of it."""
    limits = [limit_cells(row) for row in limit_rows(result)]
    others = [other_cells(row) for row in other_rows(result)]
    parts = [
        as_table(LIMIT_HEADS, limits, right=_NUMBERS_OF_LIMITS),
        as_table(OTHER_HEADS, others, right=(2, 3)),
    ]
    if result.campaign:
        heads, rows = campaign_table(result.campaign)
        parts.append(as_table(heads, rows, right=range(1, len(heads))))
    parts += [failure_text(row) for row in result.failed]
    parts.append(summary_text(result))
    return "\n\n".join(parts)


def failure_text(row: SelftestRow) -> str:
    """One line on a row that failed."""
    name = row.protection.replace("_", " ")
    return f"{VERDICTS[row.verdict]}  {name}, {row.path.value}: {row.reason}"
