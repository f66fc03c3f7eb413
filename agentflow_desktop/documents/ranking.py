"""Which passages answer a task best, by the words they share with it. No model takes part.

Source: BM25 (Robertson and Zaragoza 2009), maximal marginal relevance (Carbonell and
Goldstein 1998).
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agentflow_desktop.documents.passages import Passage
from agentflow_desktop.documents.terms import words

MAX_CHOSEN = 8

_K1 = 1.2
_B = 0.55
_HEADING_WEIGHT = 0.7
_HEADER_WEIGHT = 0.35
_NAME_WEIGHT = 0.3
_PAIR_WEIGHT = 0.9
_CONTEXT_WEIGHT = 0.25
_RELEVANCE = 0.72  # the rest is novelty
_KEEP_ABOVE = 0.3  # of the best score
_ROWS_ALIKE = 3  # rows of one table that match by the same words
_NUMBER = re.compile(r"\d")
_ASKS_NUMBER = re.compile(
    r"\b(how (much|many|long|far|often|large|big|fast|high|low|old)|what (is|are) the (max|min|"
    r"value|limit|number|size|rate|price|cost|range|voltage|current|temperature|capacity)|"
    r"what (temperature|voltage|current|size|price|date|time|age|rate|percentage)|"
    r"limits?|maximum|minimum|threshold|when)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage of a source. ``body`` is its text, ``name`` the source's name."""

    source: int
    passage: Passage
    body: str
    name: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chosen passage. ``matched`` are the task's own words that it shares, in task order."""

    candidate: Candidate
    score: float
    matched: tuple[str, ...]


class Query:
    """What is looked for: terms with weights, and pairs of neighbours in the task."""

    def __init__(self, task: str, context: str = "") -> None:
        asked = words(task)
        self.weights: dict[str, float] = {term: 1.0 for term, _ in asked}
        self.shown: dict[str, str] = {}
        for term, word in asked:
            self.shown.setdefault(term, word)
        for term, _ in words(context):
            self.weights.setdefault(term, _CONTEXT_WEIGHT)
        terms = [term for term, _ in asked]
        self.pairs = {pair for pair in pairwise(terms) if pair[0] != pair[1]}
        self.asks_number = _ASKS_NUMBER.search(task) is not None


@dataclass(frozen=True, slots=True)
class _Profile:
    """Weighted counts of a candidate's terms, and its body's terms in order."""

    counts: dict[str, float]
    order: tuple[str, ...]


class Ranking:
    """Terms of many passages, counted once."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self._profiles = [_profile(candidate) for candidate in candidates]
        self._frequency = Counter(
            term for profile in self._profiles for term in frozenset(profile.order)
        )
        sizes = [len(profile.order) for profile in self._profiles]
        self._mean_size = max(sum(sizes) / len(sizes), 1.0) if sizes else 1.0

    def weight(self, term: str) -> float:
        """How telling a term is: rare ones more. 0 for a term that stands nowhere."""
        frequency = self._frequency.get(term, 0)
        if frequency == 0:
            return 0.0
        return math.log(1 + (len(self._profiles) - frequency + 0.5) / (frequency + 0.5))

    def choose(self, query: Query, limit: int = MAX_CHOSEN) -> list[Ranked]:
        """The best passages that are not near repeats of each other, best first."""
        scored = [
            (score, at)
            for at, profile in enumerate(self._profiles)
            if (score := self._score(profile, self._candidates[at], query)) > 0
        ]
        if not scored:
            return []
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        best = scored[0][0]
        pool = [(score, at) for score, at in scored[: limit * 6] if score >= best * _KEEP_ABOVE]
        chosen: list[tuple[float, int]] = []
        while pool and len(chosen) < limit:
            pick = max(pool, key=lambda pair: self._marginal(pair, chosen, best))
            if chosen and self._marginal(pick, chosen, best) < _KEEP_ABOVE * _RELEVANCE * 0.6:
                break
            pool.remove(pick)
            if self._is_one_more_row(pick[1], [at for _, at in chosen], query):
                continue
            chosen.append(pick)
        return [self._ranked(score, at, query) for score, at in chosen]

    def _score(self, profile: _Profile, candidate: Candidate, query: Query) -> float:
        length = 1 - _B + _B * len(profile.order) / self._mean_size
        total = reached = possible = 0.0
        for term, weight in query.weights.items():
            rarity = self.weight(term) * weight
            possible += rarity
            count = profile.counts.get(term, 0.0)
            if count:
                total += rarity * count * (_K1 + 1) / (count + _K1 * length)
                reached += rarity * min(1.0, count)
        if not total or not reached:
            return 0.0
        total += _PAIR_WEIGHT * sum(
            min(self.weight(first), self.weight(second))
            for first, second in _neighbours(profile.order) & query.pairs
        )
        if query.asks_number and _NUMBER.search(candidate.body):
            total *= 1.2
        return total * (0.35 + 0.65 * reached / possible)

    def _marginal(
        self, pick: tuple[float, int], chosen: list[tuple[float, int]], best: float
    ) -> float:
        likeness = max((self._likeness(pick[1], other) for _, other in chosen), default=0.0)
        return _RELEVANCE * pick[0] / best - (1 - _RELEVANCE) * likeness

    def _likeness(self, first: int, second: int) -> float:
        one, other = set(self._profiles[first].order), set(self._profiles[second].order)
        return len(one & other) / max(len(one | other), 1)

    def _is_one_more_row(self, at: int, chosen: Sequence[int], query: Query) -> bool:
        """Whether enough rows of this table that match alike were chosen."""
        if not self._candidates[at].passage.header:
            return False
        return sum(self._row_key(at, query) == self._row_key(c, query) for c in chosen) >= (
            _ROWS_ALIKE
        )

    def _row_key(self, at: int, query: Query) -> tuple[int, str, frozenset[str]]:
        candidate = self._candidates[at]
        matched = query.weights.keys() & self._profiles[at].counts.keys()
        return candidate.source, candidate.passage.header, frozenset(matched)

    def _ranked(self, score: float, at: int, query: Query) -> Ranked:
        counts = self._profiles[at].counts
        matched = tuple(word for term, word in query.shown.items() if counts.get(term))
        return Ranked(self._candidates[at], score, matched)


def _profile(candidate: Candidate) -> _Profile:
    order = tuple(term for term, _ in words(candidate.body))
    counts: dict[str, float] = dict(Counter(order))
    for text, weight in (
        (candidate.passage.heading, _HEADING_WEIGHT),
        (candidate.passage.header, _HEADER_WEIGHT),
        (candidate.name, _NAME_WEIGHT),
    ):
        for term in {term for term, _ in words(text)}:
            counts[term] = counts.get(term, 0.0) + weight
    return _Profile(counts, order)


def _neighbours(order: tuple[str, ...]) -> set[tuple[str, str]]:
    """Pairs of terms that stand next to each other, or with one other between."""
    return set(pairwise(order)) | set(zip(order, order[2:], strict=False))
