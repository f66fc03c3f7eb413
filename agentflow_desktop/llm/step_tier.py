"""A planner that names one step at a time leads the work, whatever the size of the task.

Code bounds it: at most ``MOST_STEPS`` steps, none twice, within budget and time. A reply that is
no step, after one repair, ends the steps, visibly; the task is then asked as it stands if nothing
was found yet. The answer is always written from what was found and reviewed by the heavy model,
whether the planner asked for that or not.
"""

import asyncio
from dataclasses import dataclass, field

from agentflow_desktop.core.errors import BudgetExceeded, ReplyUnusable
from agentflow_desktop.core.routing import Role, StepTool, Tier
from agentflow_desktop.documents.outline import Outline, outline_documents
from agentflow_desktop.llm.caller import ReplyReader
from agentflow_desktop.llm.calls import CallPurpose
from agentflow_desktop.llm.claims import Answer, Review, StopReason
from agentflow_desktop.llm.conversation import Conversation, TierParts
from agentflow_desktop.llm.deliberation import write_and_settle
from agentflow_desktop.llm.follow_ups import FollowUps
from agentflow_desktop.llm.material import Material, nothing_found
from agentflow_desktop.llm.outcome import Outcome, Watcher
from agentflow_desktop.llm.packs import Pack
from agentflow_desktop.llm.planner_desk import Draft, PlannerDesk
from agentflow_desktop.llm.planner_requests import PlannerWriter
from agentflow_desktop.llm.question import Question, RequestWriter
from agentflow_desktop.llm.reading_requests import ReadingWriter
from agentflow_desktop.llm.replies import AssessmentForm, ReviewForm
from agentflow_desktop.llm.step_format import ChosenStep, read_step, tool_names
from agentflow_desktop.llm.step_requests import MOST_STEPS, StepWriter, TakenStep
from agentflow_desktop.llm.step_tools import StepTools
from agentflow_desktop.llm.windows import SCHEMA_TOKENS, request_tokens


class StepTier:
    """Answers tasks of one tier in steps."""

    def __init__(self, parts: TierParts, tier: Tier) -> None:
        self._parts = parts
        self._tier = tier

    async def answer(self, question: Question, purpose: CallPurpose, watcher: Watcher) -> Outcome:
        """The answer. Raises ProviderError or BudgetExceeded only if nothing was found."""
        talk = Conversation(self._parts, question, purpose, watcher)
        outline = await asyncio.to_thread(outline_documents, question.documents)
        follow_ups = FollowUps(talk, ReadingWriter(self._parts.prompts, self._parts.settings))
        packs = await asyncio.to_thread(follow_ups.packs)
        desk = VerifyingDesk(talk, outline, packs)
        material = Material()
        tools = StepTools(talk, desk, material, follow_ups, packs)
        walk = StepWalk(talk, outline, tools, tools.offered(self._tier))
        reason: StopReason | None = None
        try:
            await walk.go()
            if not material.findings and not tools.has_read and not talk.is_late:
                await watcher.show_notice("The task is asked as it stands.")
                await tools.ask_heavy(question.task)
        except BudgetExceeded as error:
            if not material.findings:
                raise
            await watcher.show_notice(f"{error.message} What was found is kept.")
            reason = StopReason.BUDGET
        if talk.is_late and reason is None:
            reason = StopReason.TIME
        return await self._conclude(talk, desk, material, follow_ups, reason=reason)

    async def _conclude(
        self,
        talk: Conversation,
        desk: PlannerDesk,
        material: Material,
        follow_ups: FollowUps,
        *,
        reason: StopReason | None,
    ) -> Outcome:
        """The answer from what was found, written and reviewed unless a ``reason`` forbids it."""
        if not material.findings:
            if reason is StopReason.TIME:
                raise ReplyUnusable(
                    "The time for this answer was over before anything was found.",
                    hint="Raise verification.max_duration_s, or choose faster models.",
                )
            return desk.outcome(nothing_found(material), StopReason.NOTHING_FOUND)
        found = Draft(material.answer(""))
        if reason is not None:
            return desk.outcome(found.answer, reason)
        return await write_and_settle(talk, desk, material, found, follow_ups.answer)


@dataclass(slots=True)
class StepWalk:
    """The steps of one question. ``offered`` are the tools that may be named."""

    talk: Conversation
    outline: Outline
    tools: StepTools
    offered: tuple[StepTool, ...]
    taken: list[TakenStep] = field(default_factory=list[TakenStep])

    async def go(self) -> None:
        """Steps until the planner wants to answer, or can't go on.

        Raises BudgetExceeded, and ProviderError if not even the first step could be asked for.
        """
        for number in range(1, MOST_STEPS + 1):
            if self.talk.is_late:
                return
            step = await self._choose(number)
            if step is None or step.tool is StepTool.ANSWER:
                return
            earlier = next((t for t in self.taken if t.chosen.key == step.key), None)
            if earlier is None:
                self.taken.append(await self.tools.take(number, step))
            else:
                result = f"Not done: it is the same as step {earlier.number}."
                self.taken.append(TakenStep(number, step, result))
        await self.talk.watcher.show_notice(
            f"{self.talk.planner.name} did not come to an answer within {MOST_STEPS} steps: it is"
            " written from what was found."
        )

    async def _choose(self, number: int) -> ChosenStep | None:
        """The step that the planner names; None if it names none, which is told."""
        talk, parts = self.talk, self.talk.parts
        watched = await talk.begin(Role.PLANNER, f"Planner chooses step {number}")
        writer = StepWriter(parts.prompts, parts.settings, parts.windows)
        request = await asyncio.to_thread(
            writer.choose, talk.question, talk.planner, self.outline, self.offered, self.taken
        )
        asked = await talk.ask_unheard(watched, Role.PLANNER, request, self._reader())
        if asked.value is not None:
            same = any(taken.chosen.key == asked.value.key for taken in self.taken)
            refusal = "The same step was taken before." if same else ""
            await watched.show_step(asked.value, number, refusal)
            return asked.value
        first_error = asked.error if number == 1 else None
        if first_error is not None and not isinstance(first_error, ReplyUnusable):
            raise first_error
        await talk.watcher.show_notice(f"No further step is taken: {asked.problem}")
        return None

    def _reader(self) -> ReplyReader[ChosenStep]:
        prompts, names = self.talk.parts.prompts, tool_names(self.offered)
        return ReplyReader(
            lambda text: read_step(text, self.offered),
            lambda errors: prompts.render("repair_step", errors=errors, tools=names),
        )


class VerifyingDesk(PlannerDesk):
    """A desk at which the heavy model reviews: by the documents where it takes them whole, else
    by the outline and the quotes."""

    def __init__(self, talk: Conversation, outline: Outline, packs: tuple[Pack, ...]) -> None:
        super().__init__(talk, outline)
        self._packs = packs

    async def assess(self, draft: Answer) -> Review | None:
        """The heavy model's review; None if there is no usable one."""
        talk = self.talk
        is_other = talk.heavy != talk.planner
        who = "Heavy model verifies" if is_other else "Planner verifies itself"
        title = f"{who}: {talk.question.check.words}"
        parts = talk.parts
        if len(self._packs) == 1:
            writer = RequestWriter(parts.prompts, parts.settings)
            request = await asyncio.to_thread(writer.review, talk.question, talk.heavy, draft, ())
            if request_tokens(request) + SCHEMA_TOKENS <= parts.windows.heavy_room(talk.heavy):
                asked = await talk.ask(Role.HEAVY, title, request, ReviewForm)
                return await self.take_review(asked, draft)
        by_quotes = PlannerWriter(parts.prompts, parts.settings, parts.windows)
        request = await asyncio.to_thread(
            by_quotes.assess, talk.question, talk.heavy, self.outline, draft
        )
        asked_of_quotes = await talk.ask(Role.HEAVY, title, request, AssessmentForm)
        return await self.take_review(asked_of_quotes, draft)
