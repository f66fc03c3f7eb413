"""A RunFilter as the conditions of a query over ``runs r``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from agentflow_desktop.core.clock import to_iso_z
from agentflow_desktop.core.history import Facet, Mark, RunFilter
from agentflow_desktop.core.money import to_nano_usd

COST = "COALESCE(total.spent_nusd, r.cost_nusd, 0)"
"""What a run cost, in a query over WITH_COST: the ledger's word, else that of its last event."""
WITH_COST = "runs r LEFT JOIN budget_totals total ON total.scope = 'run:' || r.run_id"
MARKS: Mapping[Mark, int | None] = MappingProxyType(
    {Mark.USEFUL: 1, Mark.NOT_USEFUL: 0, Mark.UNMARKED: None}
)
FACTS = frozenset({Facet.TASK_KIND, Facet.MODEL, Facet.BADGE})
"""The facets whose values are in ``run_facts``; the others are columns of ``runs``."""

_FACT = "r.number IN (SELECT f.number FROM run_facts f WHERE f.name = ? AND f.value = ?)"
_INDEXED = "r.number IN (SELECT rowid FROM run_search WHERE run_search MATCH ?)"
_LITERAL = (
    "r.number IN (SELECT rowid FROM run_search WHERE instr(title, ?) OR instr(task, ?)"
    " OR instr(answer, ?))"
)
_LITERAL_WITHIN = (
    "r.number IN (SELECT rowid FROM run_search WHERE run_search MATCH ? AND"
    " (instr(title, ?) OR instr(task, ?) OR instr(answer, ?)))"
)
_WORD = re.compile(r"[^\W_]")

_Value = str | int | None


@dataclass(frozen=True, slots=True)
class Conditions:
    """SQL to stand after FROM and WHERE, and the values of its question marks.

    ``is_any`` says that every run meets them, but for the deleted ones.
    """

    source: str
    sql: str
    values: tuple[_Value, ...]
    is_any: bool


def conditions(wanted: RunFilter, *, is_indexed: bool, without: Facet | None = None) -> Conditions:
    """What a run must meet to be in the list. ``without`` leaves one facet open."""
    parts: list[tuple[str, tuple[_Value, ...]]] = [("r.deleted_at IS NULL", ())]
    parts += _text(wanted.text, is_indexed=is_indexed)
    for facet in Facet:
        if facet is not without and wanted.value(facet):
            parts.append(_facet(facet, wanted))
    if wanted.since is not None:
        parts.append(("r.started_at >= ?", (to_iso_z(wanted.since),)))
    if wanted.until is not None:
        parts.append(("r.started_at < ?", (to_iso_z(wanted.until),)))
    if wanted.at_least_usd is not None:
        parts.append((f"{COST} >= ?", (to_nano_usd(wanted.at_least_usd),)))
    values = [value for _, given in parts for value in given]
    source = "runs r" if wanted.at_least_usd is None else WITH_COST
    return Conditions(
        source, " AND ".join(sql for sql, _ in parts), tuple(values), is_any=len(parts) == 1
    )


def _facet(facet: Facet, wanted: RunFilter) -> tuple[str, tuple[_Value, ...]]:
    if facet in FACTS:
        return _FACT, (facet.value, wanted.value(facet))
    if facet is Facet.MARK:
        return "r.is_useful IS ?", (MARKS[Mark(wanted.value(facet))],)
    return f"r.{facet.value} = ?", (wanted.value(facet),)


def _text(text: str, *, is_indexed: bool) -> Sequence[tuple[str, tuple[_Value, ...]]]:
    """Every piece between white space must stand somewhere, at the beginning of a word.

    The index knows words only, so a piece with other signs in it ("0.5c", "100%") is then also
    looked for as it stands. Without an index every piece is.
    """
    clean = text.encode("utf-8", "ignore").decode().replace("\0", " ")
    pieces = dict.fromkeys(clean.casefold().split())
    found: list[tuple[str, tuple[_Value, ...]]] = []
    for piece in pieces:
        in_index = '"' + piece.replace('"', '""') + '"*'
        if not is_indexed or not _WORD.search(piece):
            found.append((_LITERAL, (piece,) * 3))
        elif piece.isalnum():
            found.append((_INDEXED, (in_index,)))
        else:
            found.append((_LITERAL_WITHIN, (in_index, piece, piece, piece)))
    return found
