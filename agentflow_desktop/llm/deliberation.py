"""Review, follow-ups and rewriting in turn, until something ends it. Medium and large tiers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from agentflow_desktop.core.errors import BudgetExceeded
from agentflow_desktop.llm.claims import Answer, Finding, Review, StopReason, Verdict
from agentflow_desktop.llm.conversation import Conversation
from agentflow_desktop.llm.material import Material
from agentflow_desktop.llm.outcome import Outcome
from agentflow_desktop.llm.planner_desk import Draft, PlannerDesk
from agentflow_desktop.llm.verification import issue_fingerprints, unfound_quotes

FollowUp = Callable[[Review, Draft], Awaitable[tuple[Finding, ...]]]
"""Asks the heavy model a review's questions."""

WRITES = "Planner writes the answer"
WRITES_ANEW = "Planner writes the answer anew"
_NO_WRITING = frozenset({StopReason.TIME, StopReason.REFINE_FAILED})


@dataclass(slots=True)
class Deliberation:
    """The loop over one draft. Whatever ends it, the last draft stands and nothing is lost.

    ``is_written``: the draft is the planner's own writing already; else it writes the answer in
    any case that leaves it money and time to.
    """

    talk: Conversation
    desk: PlannerDesk
    material: Material
    follow_up: FollowUp
    draft: Draft
    is_written: bool
    _drafted: int = field(init=False)  # findings that the draft takes up
    _seen: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        self._drafted = len(self.material.findings)

    async def settle(self) -> Outcome:
        """The outcome of the loop."""
        try:
            reason = await self._loop()
            if not self.is_written and reason not in _NO_WRITING:
                reason = reason if await self._write(WRITES) else StopReason.REFINE_FAILED
        except BudgetExceeded as error:
            await self.talk.watcher.show_notice(f"{error.message} The answer so far is kept.")
            reason = StopReason.BUDGET
        answer = self._with_late_findings()
        return self.desk.outcome(answer, reason, self.draft.responses)

    async def _loop(self) -> StopReason:
        if not self.talk.parts.settings.enabled:
            return StopReason.VERIFICATION_OFF
        for _ in range(self.talk.parts.settings.max_iterations):
            reason = await self._round()
            if reason is not None:
                return reason
        return StopReason.MAX_ITERATIONS

    async def _round(self) -> StopReason | None:
        """One review and what follows from it; the reason if it ends the loop."""
        if self.talk.is_late:
            return StopReason.TIME
        review = await self.desk.assess(self.draft.answer)
        if review is None:
            return StopReason.REVIEW_FAILED
        unfound = unfound_quotes(self.draft.answer)
        if review.verdict is Verdict.APPROVE and not review.questions and not unfound:
            return await self._approved()
        # A reviewer's word does not put a quote into the files: the planner mends it.
        fresh = issue_fingerprints(review) | unfound
        if fresh <= self._seen:
            return StopReason.NO_NEW_ISSUE
        self._seen |= fresh
        if self.talk.is_late:
            return StopReason.TIME
        if review.questions:
            self.material.add(await self.follow_up(review, self.draft))
        return None if await self._write(WRITES_ANEW) else StopReason.REFINE_FAILED

    async def _approved(self) -> StopReason | None:
        """What was approved is written, if it is not yet; that must stand without the review."""
        if self.is_written:
            return StopReason.APPROVED
        if not await self._write(WRITES):
            return StopReason.REFINE_FAILED
        return None if unfound_quotes(self.draft.answer) else StopReason.APPROVED

    async def _write(self, title: str) -> bool:
        written = await self.desk.write(title, self.material, self.draft.answer)
        if written is None:
            return False
        self.draft, self.is_written = written, True
        self._drafted = len(self.material.findings)
        return True

    def _with_late_findings(self) -> Answer:
        """The draft's answer with what was found since, which no writing took up."""
        answer = self.draft.answer
        late = [finding.claim for finding in self.material.findings[self._drafted :]]
        if not late:
            return answer
        kept = [claim for claim in answer.claims if not claim.is_gap]
        claims = [
            replace(claim, claim_id=f"C{n}") for n, claim in enumerate([*kept, *late], start=1)
        ]
        return replace(
            self.material.answer(answer.title, claims), is_structured=answer.is_structured
        )


async def write_and_settle(
    talk: Conversation, desk: PlannerDesk, material: Material, draft: Draft, follow_up: FollowUp
) -> Outcome:
    """The answer written from what was found, and the loop over it. ``draft`` is what was found
    as it stands, which is kept where nothing can be written."""
    reason = StopReason.REFINE_FAILED
    try:
        written = await desk.write(WRITES, material)
    except BudgetExceeded as error:
        await talk.watcher.show_notice(f"{error.message} What was found is kept.")
        written, reason = None, StopReason.BUDGET
    if written is None:
        return desk.outcome(draft.answer, reason)
    desk.review = None  # what was said of the findings is no review of this answer
    fresh = Draft(written.answer)
    return await Deliberation(talk, desk, material, follow_up, fresh, is_written=True).settle()
