"""What the heavy model of a medium or large task is asked: it reads, and answers with quotes."""

from collections.abc import Mapping, Sequence

from agentflow_desktop.core.settings import VerificationSettings
from agentflow_desktop.llm.claims import PlannedQuestion
from agentflow_desktop.llm.messages import ModelRequest
from agentflow_desktop.llm.packs import Pack
from agentflow_desktop.llm.prompts import PromptLibrary
from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.question import Question, as_data, user_turn, write_request
from agentflow_desktop.llm.source_blocks import SourceText, number_sources

_FINDINGS_SHARE = 0.7  # of a reply: JSON around the findings takes the rest


class ReadingWriter:
    """Writes the heavy model's requests: the sources first, the questions and the task last."""

    def __init__(self, prompts: PromptLibrary, settings: VerificationSettings) -> None:
        self._prompts = prompts
        self._settings = settings

    def answer(
        self, question: Question, profile: ModelProfile, plan: Sequence[PlannedQuestion]
    ) -> ModelRequest:
        """Ask for the answer by a plan, from all documents at once."""
        system = self._prompts.render(
            "answer",
            guidance=question.guidance(self._prompts),
            reading=self._prompts.reading(question.kind),
        )
        sections = {"plan": describe_questions(plan)}
        sources = number_sources(question.documents)
        return self._request(question, profile, system, sources, sections)

    def findings(
        self,
        question: Question,
        profile: ModelProfile,
        pack: Pack,
        asked: Sequence[PlannedQuestion],
    ) -> ModelRequest:
        """Ask what one pack says about the questions."""
        system = self._prompts.render(
            "findings",
            guidance=question.guidance(self._prompts),
            reading=self._prompts.reading(question.kind),
            room=str(int(self._output(profile) * _FINDINGS_SHARE)),
        )
        sections = {"pack": _describe_pack(pack), "questions": describe_questions(asked)}
        sources = pack.texts(question.documents)
        return self._request(question, profile, system, sources, sections)

    def _output(self, profile: ModelProfile) -> int:
        return min(self._settings.max_answer_tokens, profile.max_output_tokens)

    def _request(
        self,
        question: Question,
        profile: ModelProfile,
        system: str,
        sources: Sequence[SourceText],
        sections: Mapping[str, str],
    ) -> ModelRequest:
        turn = user_turn(question, sources, sections)
        return write_request(
            profile, system, turn, self._settings.max_answer_tokens, self._settings.temperature
        )


def describe_questions(questions: Sequence[PlannedQuestion]) -> str:
    """Questions with their ids, as the heavy model sees them."""
    return as_data(
        [
            {"id": q.question_id, "question": q.text, "likely_sources": list(q.sources)}
            for q in questions
        ]
    )


def _describe_pack(pack: Pack) -> str:
    """Up front what of the documents this is, and which files are cut."""
    parts = [
        f"{piece.source_id} is part {piece.part} of {piece.parts} of its file."
        for piece in pack.pieces
        if piece.parts > 1
    ]
    return "\n".join([f"This is {pack.title}.", *parts])
