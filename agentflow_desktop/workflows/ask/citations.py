"""Numbers for the quotes of an answer, in reading order: one place has one number."""

from dataclasses import dataclass

from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.llm.claims import Answer, Claim

_Place = tuple[str, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Citations:
    """``quotes[n - 1]`` is quote n. ``rejected`` are the quotes that code did not find."""

    quotes: tuple[Evidence, ...]
    rejected: tuple[Evidence, ...]

    def number(self, evidence: Evidence) -> int | None:
        """The number of the place that the quote stands in; None if the answer cites it not."""
        places = [_place(quote) for quote in self.quotes]
        place = _place(evidence)
        return places.index(place) + 1 if place in places else None

    def numbers(self, claim: Claim) -> tuple[int, ...]:
        """The numbers of a claim's quotes, ascending, each once."""
        found = {self.number(evidence) for evidence in claim.evidence}
        return tuple(sorted(number for number in found if number is not None))

    def marks(self, claim: Claim) -> str:
        """``[1][3]`` for a claim, empty if it has no quote."""
        return "".join(f"[{number}]" for number in self.numbers(claim))


def number_citations(answer: Answer) -> Citations:
    """The citations of an answer."""
    quotes: dict[_Place, Evidence] = {}
    for claim in answer.claims:
        for evidence in claim.evidence:
            quotes.setdefault(_place(evidence), evidence)
    rejected = [evidence for claim in answer.claims for evidence in claim.rejected]
    rejected += answer.rejected
    return Citations(tuple(quotes.values()), tuple(dict.fromkeys(rejected)))


def _place(evidence: Evidence) -> _Place:
    return evidence.file, evidence.start, evidence.end
