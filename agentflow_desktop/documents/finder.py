"""Answers a task with passages: which ones, what to quote of them, and why each was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentflow_desktop.documents.document import Document, MediaKind
from agentflow_desktop.documents.extracts import best_extract, opening_extract, unique_extract
from agentflow_desktop.documents.passages import Passage, split_passages
from agentflow_desktop.documents.ranking import MAX_CHOSEN, Candidate, Query, Ranked, Ranking
from agentflow_desktop.documents.terms import words

_OVERVIEW_WORDS = frozenset(
    "summari summaris summary overview outline describ describe gist topic zusammenfass "
    "zusammenfassung résum résumé resumen".split()
)
_TELLING_WORDS = 5


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A quote that stands once in its source, at [start, end).

    ``source`` counts from 0. ``matched`` are words of the task that the passage shares.
    ``cells`` are column and value pairs if it is a row of a table.
    """

    source: int
    start: int
    end: int
    heading: str
    matched: tuple[str, ...]
    is_best: bool
    is_opening: bool = False
    cells: tuple[tuple[str, str], ...] = ()


def find_passages(
    documents: Sequence[Document], task: str, context: str = "", limit: int = MAX_CHOSEN
) -> list[FoundPassage]:
    """The best passages for a task in the order of the documents; none if nothing matches."""
    query = Query(task, context)
    candidates = [
        Candidate(at, passage, document.text[passage.start : passage.end], document.name)
        for at, document in enumerate(documents)
        for passage in split_passages(document.text, document.media)
    ]
    ranking = Ranking(candidates)
    ranked = ranking.choose(query, limit)
    if _asks_overview(query, ranking):
        return _openings(documents, candidates, limit)
    found = [
        passage
        for index, choice in enumerate(ranked)
        if (passage := _found(documents, choice, query, ranking, is_best=index == 0))
    ]
    return _in_order(_without_overlaps(found))


def _found(
    documents: Sequence[Document], choice: Ranked, query: Query, ranking: Ranking, *, is_best: bool
) -> FoundPassage | None:
    candidate = choice.candidate
    document = documents[candidate.source]
    extract = unique_extract(document, *best_extract(document, candidate.passage, query, ranking))
    if extract is None:
        return None
    return FoundPassage(
        candidate.source,
        *extract,
        candidate.passage.heading,
        choice.matched,
        is_best,
        cells=_cells(candidate.passage, candidate.body, document.media),
    )


def _asks_overview(query: Query, ranking: Ranking) -> bool:
    """Whether the task wants a summary and names nothing that could be looked for."""
    terms = set(query.shown)
    wanted = terms & _OVERVIEW_WORDS
    return bool(wanted) and not any(ranking.weight(term) for term in terms - wanted)


def _openings(
    documents: Sequence[Document], candidates: Sequence[Candidate], limit: int
) -> list[FoundPassage]:
    """The first passage of each file, then of each further heading, as long as there is room."""
    seen: set[tuple[int, str]] = set()
    firsts: list[tuple[bool, Candidate]] = []
    for candidate in candidates:
        key = (candidate.source, candidate.passage.heading)
        if key not in seen and len(words(candidate.body)) >= _TELLING_WORDS:
            is_section = any(source == candidate.source for source, _ in seen)
            firsts.append((is_section, candidate))
            seen.add(key)
    firsts.sort(key=lambda pair: pair[0])
    found: list[FoundPassage] = []
    for _, candidate in firsts[:limit]:
        passage = candidate.passage
        document = documents[candidate.source]
        extract = unique_extract(document, *opening_extract(document, passage))
        if extract is not None:
            found.append(
                FoundPassage(
                    candidate.source, *extract, passage.heading, (), False, is_opening=True
                )
            )
    return _in_order(found)


def _without_overlaps(found: list[FoundPassage]) -> list[FoundPassage]:
    kept: list[FoundPassage] = []
    for passage in found:  # best first: the better one stays
        if not any(
            passage.source == other.source
            and passage.start < other.end
            and other.start < passage.end
            for other in kept
        ):
            kept.append(passage)
    return kept


def _in_order(found: list[FoundPassage]) -> list[FoundPassage]:
    return sorted(found, key=lambda passage: (passage.source, passage.start))


def _cells(passage: Passage, body: str, media: MediaKind) -> tuple[tuple[str, str], ...]:
    """Columns and values of a row; none where their numbers disagree."""
    if not passage.header:
        return ()
    if "|" in passage.header:
        mark = "|"
    elif media is MediaKind.TABLE:
        mark = max(",;\t", key=passage.header.count)
    else:
        return ()
    names, values = (
        [cell.strip().strip('"') for cell in line.strip().strip("|").split(mark)]
        for line in (passage.header, body)
    )
    return tuple(zip(names, values, strict=True)) if len(names) == len(values) else ()
