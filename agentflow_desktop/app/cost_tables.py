"""Costs and uses of the cache as CSV, with exact dollars; the same for window and command line."""

import csv
import io
from collections.abc import Iterable, Sequence

from agentflow_desktop.llm.cache import CacheUse
from agentflow_desktop.llm.costs import CostBar, CostGroup, CostLine, CostSums

_SUMS = (
    "calls", "paid_calls", "unknown_calls", "estimated_calls", "spent_usd", "reserved_usd",
    "tokens_in", "tokens_cached", "tokens_out", "tokens_thinking",
)  # fmt: skip


def lines_csv(group: CostGroup, lines: Iterable[CostLine]) -> str:
    """One row a group; a run has its title, a model those that answered in its place."""
    more = {CostGroup.RUN: "title", CostGroup.MODEL: "served_by_another"}.get(group)
    heads = [group.value, *_SUMS, *([more] if more else [])]
    rows: list[list[str]] = []
    for line in lines:
        last = {CostGroup.RUN: line.title, CostGroup.MODEL: " ".join(line.served)}.get(group)
        texts = [] if last is None else [_as_text_cell(last)]
        rows.append([_as_text_cell(line.group), *_cells(line.sums), *texts])
    return _csv(heads, rows)


def bars_csv(step: CostGroup, bars: Iterable[CostBar]) -> str:
    """One row a period and model: the numbers of the chart."""
    return _csv(
        [step.value, "model", *_SUMS],
        [[bar.start.isoformat(), _as_text_cell(bar.model), *_cells(bar.sums)] for bar in bars],
    )


def uses_csv(step: CostGroup, uses: Iterable[CacheUse]) -> str:
    """One row a period."""
    return _csv(
        [step.value, "hits", "misses", "too_old", "saved_usd", "saved_s"],
        [
            [
                use.day.isoformat(), str(use.hits), str(use.misses), str(use.stale),
                f"{use.saved_usd:f}", f"{use.saved_s:.3f}",
            ]
            for use in uses
        ],
    )  # fmt: skip


def _cells(sums: CostSums) -> list[str]:
    return [
        str(sums.calls), str(sums.paid_calls), str(sums.unknown_calls), str(sums.estimated_calls),
        f"{sums.spent_usd:f}", f"{sums.reserved_usd:f}", str(sums.input_tokens),
        str(sums.cached_input_tokens), str(sums.output_tokens), str(sums.thinking_tokens),
    ]  # fmt: skip


def _csv(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """With a line feed at the end of every line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return text.getvalue()


def _as_text_cell(text: str) -> str:
    """A server chooses its models' names: none may be a formula to a spreadsheet."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
