"""The tools that a planner names, carried out by code. A step gives findings whose quotes code
looked up; nothing that the planner wrote but the tool's name decides what is done.

Documents of a large task, or of one that the planner can't take whole, never reach it: then it is
offered only the tools that have others read.
"""

import asyncio
from collections.abc import Sequence

from agentflow_desktop.core.routing import Role, StepTool, Tier
from agentflow_desktop.documents.document import Document
from agentflow_desktop.documents.finder import find_passages
from agentflow_desktop.llm.claims import Claim, Finding, Review
from agentflow_desktop.llm.conversation import Conversation
from agentflow_desktop.llm.follow_ups import MOST_FOLLOW_UP_PACKS, FollowUps, quoted_sources
from agentflow_desktop.llm.material import Material, cut
from agentflow_desktop.llm.pack_reading import PackReader, PackReading, refuse_if_nothing_read
from agentflow_desktop.llm.packs import Pack
from agentflow_desktop.llm.planner_desk import PlannerDesk
from agentflow_desktop.llm.reading_requests import ReadingWriter
from agentflow_desktop.llm.replies import FindingsForm, QuoteForm
from agentflow_desktop.llm.step_format import ChosenStep
from agentflow_desktop.llm.step_requests import StepWriter, TakenStep
from agentflow_desktop.llm.verification import SourceIndex, check_findings
from agentflow_desktop.llm.windows import PROMPT_TOKENS, SCHEMA_TOKENS

_MOST_TOLD_CHARACTERS = 1_500  # of a review, to the planner


class StepTools:
    """Carries out the steps of one question; what is found goes into the material."""

    def __init__(
        self,
        talk: Conversation,
        desk: PlannerDesk,
        material: Material,
        follow_ups: FollowUps,
        packs: Sequence[Pack],
    ) -> None:
        self._talk = talk
        self._desk = desk
        self._material = material
        self._follow_ups = follow_ups
        self._packs = tuple(packs)
        parts = talk.parts
        self._steps = StepWriter(parts.prompts, parts.settings, parts.windows)
        self._reading = ReadingWriter(parts.prompts, parts.settings)
        self.has_read = False  # the heavy model was given all documents

    def offered(self, tier: Tier) -> tuple[StepTool, ...]:
        """The tools that fit the documents and the settings."""
        left_out: set[StepTool] = set()
        if not self._is_open_to_planner(tier):
            left_out |= {StepTool.SUMMARISE, StepTool.EXTRACT}
        if not self._talk.parts.settings.enabled:
            left_out.add(StepTool.VERIFY)
        return tuple(tool for tool in StepTool if tool not in left_out)

    async def take(self, number: int, step: ChosenStep) -> TakenStep:
        """A step, done. Raises BudgetExceeded, with what was found kept in the material."""
        before = len(self._material.findings)
        match step.tool:
            case StepTool.SUMMARISE:
                result = await self._summarise(step)
            case StepTool.EXTRACT:
                result = await self._extract(step)
            case StepTool.ASK_HEAVY:
                result = await self.ask_heavy(step.sub_goal, step.context, which=f"step {number}")
            case StepTool.VERIFY:
                result = await self._verify()
            case StepTool.ANSWER:
                result = ""
        return TakenStep(number, step, result, tuple(self._material.findings[before:]))

    def _is_open_to_planner(self, tier: Tier) -> bool:
        if tier is Tier.LARGE or len(self._packs) != 1:
            return False
        talk = self._talk
        beside = talk.question.typed_raw + talk.parts.settings.max_review_tokens
        room = talk.parts.windows.planner_room(talk.planner) - PROMPT_TOKENS - SCHEMA_TOKENS
        return self._packs[0].raw_tokens <= room - beside

    async def _summarise(self, step: ChosenStep) -> str:
        talk = self._talk
        asked = self._desk.question(_goal(step.sub_goal, step.context))
        request = await asyncio.to_thread(
            self._steps.summarise, talk.question, talk.planner, self._packs[0], asked
        )
        title = "Planner summarises the documents"
        reply = await talk.ask(Role.PLANNER, title, request, FindingsForm)
        if reply.value is None:
            await talk.watcher.show_notice(f"The summary did not come about: {reply.problem}")
            return "Not done: the reply could not be used."
        findings = await asyncio.to_thread(check_findings, reply.value, talk.sources, [asked])
        self._material.add(findings)
        await reply.step.show_findings(findings)
        return _counted(findings)

    async def _extract(self, step: ChosenStep) -> str:
        talk = self._talk
        watched = await talk.watcher.begin_step("Passages are looked for in the files", None, "")
        findings = await asyncio.to_thread(
            _passages, talk.question.documents, talk.sources, step.sub_goal
        )
        self._material.add(findings)
        await watched.show_findings(findings)
        return _counted(findings)

    async def ask_heavy(self, goal: str, context: str = "", *, which: str = "the task") -> str:
        """Everything is read the first time. Of a task in many packs later questions go to the
        files that share most words with them, else to those that were quoted."""
        talk = self._talk
        question = self._desk.question(_goal(goal, context))
        is_first, self.has_read = not self.has_read, True
        packs = self._packs
        if not is_first and len(packs) > MOST_FOLLOW_UP_PACKS:
            packs = await asyncio.to_thread(self._packs_about, goal)
        reader = PackReader(talk, self._reading)
        readings = await reader.read(packs, [question], f"answers {which} from")
        findings = tuple(finding for reading in readings for finding in reading.findings)
        self._material.add(findings)
        await self._tell_gaps(readings, is_first=is_first)
        if reader.budget_error is not None:
            raise reader.budget_error
        if not self._material.findings:
            refuse_if_nothing_read(readings)
        return _counted(findings)

    async def _tell_gaps(self, readings: Sequence[PackReading], *, is_first: bool) -> None:
        """What the first reading left out stands in the answer; later ones are only told of."""
        for reading in readings:
            if reading.gap and is_first:
                self._material.gaps.append(reading.gap)
            elif reading.gap and not reading.was_begun:
                await self._talk.watcher.show_notice(reading.gap)

    def _packs_about(self, goal: str) -> tuple[Pack, ...]:
        talk = self._talk
        found = find_passages(talk.question.documents, goal)
        only = frozenset(f"S{passage.source + 1}" for passage in found)
        only = only or quoted_sources(talk, self._material.answer(""))
        return self._follow_ups.packs(only)[:MOST_FOLLOW_UP_PACKS]

    async def _verify(self) -> str:
        if not self._material.findings:
            return "Nothing was found yet that could be verified."
        review = await self._desk.assess(self._material.answer(""))
        return _told(review) if review is not None else "Not done: there is no usable review."


def _goal(sub_goal: str, context: str) -> str:
    """A step's words as a question to one who reads."""
    return f"{sub_goal}\nGiven with it: {context}" if context else sub_goal


def _counted(findings: Sequence[Finding]) -> str:
    if not findings:
        return "Nothing was found."
    quotes = sum(len(finding.claim.evidence) for finding in findings)
    return f"{len(findings)} findings with {quotes} quotes that stand in the files."


def _told(review: Review) -> str:
    lines = [f"Verdict: {review.verdict}."]
    lines += [f"{issue.severity}: {issue.why}" for issue in review.open_issues]
    lines += [f"Still open: {question.text}" for question in review.questions]
    return cut("\n".join(lines), _MOST_TOLD_CHARACTERS)


def _passages(
    documents: Sequence[Document], sources: SourceIndex, goal: str
) -> tuple[Finding, ...]:
    """Passages that share words with a goal, as findings: each quotes itself."""
    findings: list[Finding] = []
    for number, passage in enumerate(find_passages(documents, goal), start=1):
        text = documents[passage.source].text[passage.start : passage.end]
        evidence = sources.find(QuoteForm(source=f"S{passage.source + 1}", text=text))
        about = f"has {', '.join(passage.matched)}" if passage.matched else "opening of the file"
        heading = f"{passage.heading.strip()} " if passage.heading.strip() else ""
        shown = f"Passage {heading}({about}): {' '.join(text.split())}"
        if evidence.state.is_found:
            findings.append(Finding(Claim(f"F{number}", shown, (evidence,))))
    return tuple(findings)
