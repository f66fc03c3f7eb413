"""The calls that each tier intends to make, with their sizes. Prices are the route planner's."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pydantic import BaseModel

from agentflow_desktop.core.routing import Role, Tier
from agentflow_desktop.documents.outline import outline_documents
from agentflow_desktop.llm.claims import Answer, Review, Verdict
from agentflow_desktop.llm.conversation import TierParts
from agentflow_desktop.llm.follow_ups import MOST_FOLLOW_UP_PACKS
from agentflow_desktop.llm.messages import ModelRequest
from agentflow_desktop.llm.packs import pack_documents
from agentflow_desktop.llm.planner_requests import PlannerWriter
from agentflow_desktop.llm.question import Question, RequestWriter
from agentflow_desktop.llm.reading_requests import ReadingWriter
from agentflow_desktop.llm.replies import AnswerForm, RefinedForm, ReviewForm
from agentflow_desktop.llm.step_requests import MOST_STEPS
from agentflow_desktop.llm.tier_choice import TYPICAL_OUTPUT_SHARE, TaskSize
from agentflow_desktop.llm.windows import SCHEMA_TOKENS, request_tokens

_BYTES_PER_TOKEN = 6  # of a reply put into a later prompt; four and a half are usual
_NOTHING_YET = Answer("", ())
_NO_REVIEW = Review(Verdict.APPROVE, ())


@dataclass(frozen=True, slots=True)
class CallSize:
    """One intended call. ``tokens`` is about what goes in, ``bound_tokens`` no less than that.
    ``is_on_all``: it begins with all the documents, as do others of the run."""

    role: Role
    purpose: str
    tokens: int
    bound_tokens: int
    max_output_tokens: int
    is_certain: bool = True
    is_on_all: bool = False


class RouteCalls:
    """The calls for one question."""

    def __init__(self, parts: TierParts, question: Question, size: TaskSize) -> None:
        self._parts = parts
        self._question = question
        self._size = size
        self._settings = parts.settings
        self._plan_request: ModelRequest | None = None
        self._answer_tokens = parts.settings.max_answer_tokens // TYPICAL_OUTPUT_SHARE

    def of(self, tier: Tier) -> tuple[CallSize, ...]:
        """The calls of a tier in the order they are made."""
        if self._parts.roles.is_built_in:
            return (self._proposes("finds passages"),)
        if self._parts.roles.planner.profile.names_steps and self._question.documents:
            return tuple(self._step_calls())
        match tier:
            case Tier.SMALL:
                return tuple(self._small_calls())
            case Tier.MEDIUM:
                return tuple(self._medium_calls())
            case Tier.LARGE:
                return tuple(self._large_calls())

    def _small_calls(self) -> Iterator[CallSize]:
        yield self._proposes("proposes")
        if not self._settings.enabled:
            return
        planner, heavy = self._parts.roles.planner, self._parts.roles.heavy
        writer = RequestWriter(self._parts.prompts, self._settings)
        review = writer.review(self._question, heavy.profile, _NOTHING_YET, ())
        refine = writer.refine(self._question, planner.profile, _NOTHING_YET, _NO_REVIEW)
        answer_tokens = refine.max_output_tokens
        verifies = self._small(Role.HEAVY, "verifies", review, ReviewForm, answer_tokens)
        refines = replace(
            self._small(
                Role.PLANNER,
                "refines",
                refine,
                RefinedForm,
                answer_tokens + review.max_output_tokens,
            ),
            is_certain=False,
        )
        yield verifies
        for _ in range(1, self._settings.max_iterations):
            yield refines
            yield replace(verifies, purpose="verifies again", is_certain=False)
        yield refines

    def _proposes(self, purpose: str) -> CallSize:
        planner = self._parts.roles.planner.profile
        writer = RequestWriter(self._parts.prompts, self._settings)
        request = writer.propose(self._question, planner)
        return self._small(Role.PLANNER, purpose, request, AnswerForm, 0)

    def _small(
        self,
        role: Role,
        purpose: str,
        request: ModelRequest,
        form: type[BaseModel],
        written_tokens: int,
    ) -> CallSize:
        """A call whose request will also quote replies of at most ``written_tokens``."""
        roles = self._parts.roles
        seat = roles.planner if role is Role.PLANNER else roles.heavy
        bound = self._parts.caller.most_input_tokens(seat, request, form)
        bound += written_tokens * _BYTES_PER_TOKEN
        tokens = self._size.tokens + written_tokens // TYPICAL_OUTPUT_SHARE
        is_on_all = bool(request.shared_characters)
        return CallSize(
            role, purpose, tokens, bound, request.max_output_tokens, is_on_all=is_on_all
        )

    def _medium_calls(self) -> Iterator[CallSize]:
        plans = self._planner("plans", 0)
        yield plans
        heavy = self._parts.roles.heavy.profile
        writer = ReadingWriter(self._parts.prompts, self._settings)
        request = writer.answer(self._question, heavy, ())
        is_on_all = bool(request.shared_characters)
        reads = replace(self._heavy("answers by the plan", request), is_on_all=is_on_all)
        yield reads
        yield from self._review_calls([replace(reads, purpose="answers follow-ups")])
        yield self._planner("writes the answer", self._answer_tokens)

    def _large_calls(self) -> Iterator[CallSize]:
        yield self._planner("breaks the task into questions", 0)
        reads = self._pack_calls()
        yield from reads
        yield from self._condense_calls(len(reads))
        yield self._planner("writes the answer", self._answer_tokens * len(reads))
        largest = sorted(reads, key=lambda call: -call.tokens)[:MOST_FOLLOW_UP_PACKS]
        yield from self._review_calls(
            [replace(call, purpose="answers follow-ups") for call in largest],
            writes_anew=True,
        )

    def _pack_calls(self) -> list[CallSize]:
        profile = self._parts.roles.heavy.profile
        writer = ReadingWriter(self._parts.prompts, self._settings)
        question = self._question
        room = self._parts.windows.pack_room(profile, question.typed_raw)
        return [
            self._heavy(f"reads {pack.label}", writer.findings(question, profile, pack, ()))
            for pack in pack_documents(question.documents, room)
        ]

    def _step_calls(self) -> Iterator[CallSize]:
        """A planner that names one step at a time: the first step reads everything, a later one
        some of it or none, the answer is written and verified."""
        yield self._planner("chooses step 1", 0)
        reads = self._pack_calls()
        if len(reads) == 1:
            reads = [replace(reads[0], is_on_all=True)]
        yield from reads
        largest = sorted(reads, key=lambda call: -call.tokens)[:MOST_FOLLOW_UP_PACKS]
        again = [self._with_answer(call, "answers a later step") for call in largest]
        for number in range(2, MOST_STEPS + 1):
            chooses = self._planner(f"chooses step {number}", self._answer_tokens)
            yield replace(chooses, is_certain=number == 2)
            yield from again
        readings = len(reads) + MOST_STEPS - 1
        yield from self._condense_calls(readings)
        yield self._planner("writes the answer", self._answer_tokens * readings)
        yield from self._verify_calls(largest)

    def _verify_calls(self, largest: list[CallSize]) -> Iterator[CallSize]:
        """The heavy model's reviews of an answer, and what follows from each. It asks further
        where it did not read all documents."""
        if not self._settings.enabled:
            return
        verifies = self._with_answer(largest[0], "verifies")
        yield replace(verifies, is_certain=True)
        asked = largest if len(largest) > 1 else []
        writes = self._planner("writes the answer anew", self._answer_tokens)
        for number in range(self._settings.max_iterations):
            yield from (replace(c, purpose="answers follow-ups", is_certain=False) for c in asked)
            yield replace(writes, is_certain=False)
            if number < self._settings.max_iterations - 1:
                yield replace(verifies, purpose="verifies again")

    def _with_answer(self, call: CallSize, purpose: str) -> CallSize:
        """A call that is given what all steps found beside what it reads, if it is needed."""
        found_tokens = MOST_STEPS * self._settings.max_answer_tokens
        return replace(
            call,
            purpose=purpose,
            tokens=call.tokens + self._answer_tokens,
            bound_tokens=call.bound_tokens + found_tokens * _BYTES_PER_TOKEN,
            is_certain=False,
        )

    def _condense_calls(self, packs: int) -> Iterator[CallSize]:
        """If the packs give as much as they may, the findings come together in batches."""
        room = self._parts.windows.planner_room(self._parts.roles.planner.profile)
        batches = -(-packs * self._settings.max_answer_tokens // max(1, room))
        if batches > 1:
            call = replace(self._planner("brings findings together", room), is_certain=False)
            yield from [call] * batches

    def _review_calls(
        self, follow_ups: list[CallSize], *, writes_anew: bool = False
    ) -> Iterator[CallSize]:
        if not self._settings.enabled:
            return
        reviews = self._planner("reviews", self._answer_tokens)
        yield reviews
        rounds = self._settings.max_iterations
        for number in range(rounds):
            yield from (replace(call, is_certain=False) for call in follow_ups)
            if writes_anew or number < rounds - 1:
                writes = self._planner("writes the answer anew", self._answer_tokens)
                yield replace(writes, is_certain=False)
            if number < rounds - 1:
                yield replace(reviews, purpose="reviews again", is_certain=False)

    def _planner(self, purpose: str, more_tokens: int) -> CallSize:
        """A call of the planner: the outline, and ``more_tokens`` of what was said before."""
        profile = self._parts.roles.planner.profile
        if self._plan_request is None:
            writer = PlannerWriter(self._parts.prompts, self._settings, self._parts.windows)
            outline = outline_documents(self._question.documents)
            self._plan_request = writer.plan(self._question, profile, outline)
        most = self._parts.windows.routing.planner_max_tokens
        raw = request_tokens(self._plan_request) + SCHEMA_TOKENS + more_tokens
        tokens = min(self._parts.windows.calibration.scaled(raw, profile.model), most)
        bound = max(self._plan_request.byte_count() + SCHEMA_TOKENS, most * _BYTES_PER_TOKEN)
        output = min(self._settings.max_answer_tokens, profile.max_output_tokens)
        return CallSize(Role.PLANNER, purpose, tokens, bound, output)

    def _heavy(self, purpose: str, request: ModelRequest) -> CallSize:
        """A call of the heavy model, with room for the planner's questions."""
        profile = self._parts.roles.heavy.profile
        questions = self._settings.max_review_tokens
        raw = request_tokens(request) + SCHEMA_TOKENS + questions // TYPICAL_OUTPUT_SHARE
        tokens = self._parts.windows.calibration.scaled(raw, profile.model)
        bound = request.byte_count() + SCHEMA_TOKENS + questions * _BYTES_PER_TOKEN
        return CallSize(Role.HEAVY, purpose, tokens, bound, request.max_output_tokens)
