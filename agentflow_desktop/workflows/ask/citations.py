"""Numbers for the quotes of an answer, in reading order: one place has one number."""

from dataclasses import dataclass

from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.llm.claims import Answer, Claim


@dataclass(frozen=True, slots=True)
class Citations:
    """``quotes[n - 1]`` is quote n. ``rejected`` are the quotes that code did not find."""

    quotes: tuple[Evidence, ...]
    rejected: tuple[Evidence, ...]

    def marks(self, claim: Claim) -> str:
        """``[1][3]`` for a claim, empty if it has no quote."""
        numbers = sorted({self.quotes.index(evidence) + 1 for evidence in claim.evidence})
        return "".join(f"[{number}]" for number in numbers)


def number_citations(answer: Answer) -> Citations:
    """The citations of an answer."""
    quotes = [evidence for claim in answer.claims for evidence in claim.evidence]
    rejected = [evidence for claim in answer.claims for evidence in claim.rejected]
    rejected += answer.rejected
    return Citations(tuple(dict.fromkeys(quotes)), tuple(dict.fromkeys(rejected)))
