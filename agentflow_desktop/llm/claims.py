"""What an answer is made of: claims with quotes that code has checked, and their review."""

from dataclasses import dataclass
from enum import StrEnum

from agentflow_desktop.core.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of an answer in Markdown.

    ``evidence`` holds the quotes that code found, ``rejected`` those that it did not.
    ``is_gap``: a sentence of the program itself on what was not read, not a model's.
    """

    claim_id: str
    text: str
    evidence: tuple[Evidence, ...]
    rejected: tuple[Evidence, ...] = ()
    is_gap: bool = False

    @property
    def is_quoted(self) -> bool:
        """At least one quote was found. Says nothing of whether the claim follows from it."""
        return bool(self.evidence)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as claims in reading order. ``is_structured`` is False if the model gave plain
    text, which then stands as claims without quotes. ``rejected`` are quotes that were not found
    in what the answer was made from."""

    title: str
    claims: tuple[Claim, ...]
    is_structured: bool = True
    rejected: tuple[Evidence, ...] = ()

    @property
    def has_gaps(self) -> bool:
        """Part of the documents was not read."""
        return any(claim.is_gap for claim in self.claims)

    def markdown(self) -> str:
        """Title and claims without their quotes."""
        head = [f"## {self.title}"] if self.title else []
        return "\n\n".join([*head, *(claim.text for claim in self.claims)])


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Verdict(StrEnum):
    """A reviewer's word on an answer."""

    APPROVE = "approve"
    REVISE = "revise"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Issue:
    """What a reviewer holds against a claim. ``evidence`` is None if it quotes nothing;
    an issue whose quote was not found is rejected and changes nothing."""

    issue_id: str
    severity: Severity
    claim_id: str
    why: str
    evidence: Evidence | None

    @property
    def is_rejected(self) -> bool:
        return self.evidence is not None and not self.evidence.state.is_found


@dataclass(frozen=True, slots=True)
class PlannedQuestion:
    """What the planner wants the heavy model to find out. ``sources`` are the ids (S1, ...) of
    the documents that it expects to answer it; empty: any."""

    question_id: str
    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim that the heavy model made of what it read. ``question_id`` is empty if it answers
    none of the planner's questions."""

    claim: Claim
    question_id: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """A review as code accepted it. ``alternative`` is text of the reviewer, may be empty;
    ``questions`` are follow-ups that it asks of the one who read the documents."""

    verdict: Verdict
    issues: tuple[Issue, ...]
    alternative: str = ""
    questions: tuple[PlannedQuestion, ...] = ()

    @property
    def open_issues(self) -> tuple[Issue, ...]:
        return tuple(issue for issue in self.issues if not issue.is_rejected)


class Stance(StrEnum):
    """How the planner met an issue: gave way, held its ground, or took part of it."""

    REFINE = "refine"
    DEFEND = "defend"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True)
class IssueResponse:
    issue_id: str
    stance: Stance
    reason: str


class StopReason(StrEnum):
    """Why the loop ended."""

    APPROVED = "approved"
    NO_NEW_ISSUE = "no_new_issue"
    MAX_ITERATIONS = "max_iterations"
    BUDGET = "budget"
    TIME = "time"
    VERIFICATION_OFF = "verification_off"
    REVIEW_FAILED = "review_failed"  # the reviewer gave no usable review
    REFINE_FAILED = "refine_failed"  # the planner gave no usable answer to the review
    NOTHING_FOUND = "nothing_found"  # the heavy model found nothing that answers the task
    QUOTES_CHECKED = "quotes_checked"  # the built-in engine: code checked every quote
