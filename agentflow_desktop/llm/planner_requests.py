"""What the planner of a medium or large task is asked. It is never given the documents.

Every request fits the planner's room: what must be in it comes first, the outline gets the rest.
"""

from collections.abc import Mapping, Sequence

from agentflow_desktop.core.settings import VerificationSettings
from agentflow_desktop.documents.outline import Outline
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.claims import Answer, Finding, Review
from agentflow_desktop.llm.material import Material, cut, describe_draft
from agentflow_desktop.llm.messages import ModelRequest
from agentflow_desktop.llm.prompts import PromptLibrary
from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.question import (
    Question,
    as_data,
    describe_review,
    user_turn,
    write_request,
)
from agentflow_desktop.llm.verification import unfound_quotes
from agentflow_desktop.llm.windows import SCHEMA_TOKENS, Windows

MOST_QUESTIONS = 8
MOST_FOLLOW_UPS = 4
SMALLEST_ROOM = 600
"""Raw tokens that must be left beside the prompt, the task and its extra text."""

_FENCES_TOKENS = 320  # the fences of a turn's sections and the sentence above them
_MOST_UNFOUND, _UNFOUND_CHARACTERS = 20, 120
_OUTLINE_SHARE = 4  # in a review the outline keeps at least this part of the room


class PlannerWriter:
    """Writes the planner's requests."""

    def __init__(
        self, prompts: PromptLibrary, settings: VerificationSettings, windows: Windows
    ) -> None:
        self._prompts = prompts
        self._settings = settings
        self._windows = windows

    def plan(self, question: Question, profile: ModelProfile, outline: Outline) -> ModelRequest:
        """Ask for the questions that the documents shall answer."""
        system = self._prompts.render(
            "plan",
            guidance=question.guidance(self._prompts),
            reading=self._prompts.reading(question.kind),
            most=str(MOST_QUESTIONS),
        )
        room = self._room(question, profile, system)
        sections = {"outline": outline.text(room)}
        return self._request(question, profile, system, sections, self._settings.max_review_tokens)

    def assess(
        self, question: Question, profile: ModelProfile, outline: Outline, draft: Answer
    ) -> ModelRequest:
        """Ask for a review of an answer by its quotes and the outline."""
        system = self._prompts.render(
            "assess",
            guidance=question.guidance(self._prompts),
            check=self._prompts.check(question.check),
            most=str(MOST_FOLLOW_UPS),
        )
        room = self._room(question, profile, system)
        answer = describe_draft(draft, room - room // _OUTLINE_SHARE)
        sections = {"outline": outline.text(room - raw_tokens(answer)), "answer": answer}
        return self._request(question, profile, system, sections, self._settings.max_review_tokens)

    def write(
        self,
        question: Question,
        profile: ModelProfile,
        material: Material,
        findings: Sequence[Finding],
        *,
        review: Review | None,
        before: Answer | None,
    ) -> ModelRequest | None:
        """Ask for the answer from findings, with what the one ``before`` rested on in vain; None
        if they must be condensed first."""
        system = self._prompts.render(
            "write",
            guidance=question.guidance(self._prompts),
            reading=self._prompts.reading(question.kind),
        )
        sections = {"review": describe_review(review)} if review is not None else {}
        unfound = sorted(unfound_quotes(before)) if before is not None else []
        if unfound:
            shown = [cut(quote, _UNFOUND_CHARACTERS) for quote in unfound[:_MOST_UNFOUND]]
            sections["not_found"] = as_data(shown)
        if material.gaps:
            sections["not_read"] = "\n".join(material.gaps)
        room = self._room(question, profile, system)
        room -= sum(raw_tokens(text) for text in sections.values())
        described = material.describe_findings(findings, room)
        if described is None:
            return None
        sections = {"findings": described, **sections}
        return self._request(question, profile, system, sections, self._settings.max_answer_tokens)

    def batches(
        self, question: Question, profile: ModelProfile, material: Material
    ) -> list[list[Finding]]:
        """The findings in batches that ``condense`` takes, in order, none left out."""
        room = self._room(question, profile, self._condense_system(question))
        batches: list[list[Finding]] = []
        left = 0
        for finding in material.findings:
            needed = raw_tokens(material.describe(finding, 0)) + 1
            if not batches or needed > left:
                batches.append([])
                left = room
            batches[-1].append(finding)
            left -= needed
        return batches

    def condense(
        self,
        question: Question,
        profile: ModelProfile,
        material: Material,
        batch: Sequence[Finding],
    ) -> ModelRequest | None:
        """Ask for findings brought together; None for one that is too long by itself."""
        system = self._condense_system(question)
        room = self._room(question, profile, system)
        described = material.describe_findings(batch, room)
        if described is None:
            return None
        sections = {"findings": described}
        return self._request(question, profile, system, sections, self._settings.max_answer_tokens)

    def _condense_system(self, question: Question) -> str:
        return self._prompts.render("condense", guidance=question.guidance(self._prompts))

    def _room(self, question: Question, profile: ModelProfile, system: str) -> int:
        fixed = raw_tokens(system) + question.typed_raw
        return self._windows.planner_room(profile) - fixed - SCHEMA_TOKENS - _FENCES_TOKENS

    def _request(
        self,
        question: Question,
        profile: ModelProfile,
        system: str,
        sections: Mapping[str, str],
        max_output_tokens: int,
    ) -> ModelRequest:
        turn = user_turn(question, (), sections)
        return write_request(profile, system, turn, max_output_tokens, self._settings.temperature)
