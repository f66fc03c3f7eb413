"""The time for an answer is over in the middle of a large task: what there is stands."""

from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agentflow_desktop.adapters.price_book import OfflinePriceBook
from agentflow_desktop.core.errors import ReplyUnusable
from agentflow_desktop.core.routing import Badge, Role, TaskKind
from agentflow_desktop.core.settings import ModelSettings, RoutingSettings, VerificationSettings
from agentflow_desktop.documents.document import Document, MediaKind
from agentflow_desktop.documents.tokens import Calibration
from agentflow_desktop.llm.caller import ModelCaller
from agentflow_desktop.llm.calls import Seat
from agentflow_desktop.llm.claims import (
    Answer,
    Finding,
    IssueResponse,
    PlannedQuestion,
    Review,
    StopReason,
)
from agentflow_desktop.llm.conversation import TierParts
from agentflow_desktop.llm.large_tier import LargeTier
from agentflow_desktop.llm.messages import (
    Finish,
    FinishPart,
    ModelRequest,
    ReplyPart,
    ServedPart,
    TextPart,
    Usage,
    UsagePart,
)
from agentflow_desktop.llm.outcome import Outcome
from agentflow_desktop.llm.provider import (
    Billing,
    ContextCache,
    ModelProfile,
    ProviderHealth,
    ProviderKind,
    ToldWindow,
)
from agentflow_desktop.llm.question import Question
from agentflow_desktop.llm.roles import Roles
from agentflow_desktop.llm.step_format import ChosenStep
from agentflow_desktop.llm.windows import Windows
from support.call_parts import PURPOSE, Notes, some_prompts
from support.money import open_ledger
from support.openai_server import Received
from support.set_clock import SetClock
from support.tier_home import TierModels, code_file

pytestmark = pytest.mark.anyio

_MINUTE = timedelta(minutes=1)


class SlowModel:
    """A provider whose every reply takes a minute of the clock that it is given."""

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock
        self._models = TierModels()
        self.asked: list[str] = []

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ReplyPart]:
        assert request.schema is not None
        self.asked.append(request.schema.name)
        turns = tuple((message.role, message.content) for message in request.messages)
        received = Received("POST", "/", {}, {}, turns, request.schema.name)
        self._clock.advance(_MINUTE)
        yield ServedPart(request.model)
        yield TextPart(self._models(received).text)
        yield UsagePart(Usage(10, 10))
        yield FinishPart(Finish.STOP)

    async def count_tokens(self, request: ModelRequest) -> int | None:
        return None

    async def list_models(self) -> tuple[str, ...]:
        return ("slow",)

    async def told_window(self) -> ToldWindow | None:
        return None

    async def keep_context(self, request: ModelRequest, ttl_s: int) -> ContextCache | None:
        return None

    async def drop_context(self, name: str) -> None:
        """Nothing is kept."""

    async def health(self) -> ProviderHealth:
        return ProviderHealth(is_usable=True, message="Slow.")

    async def close(self) -> None:
        """Nothing is open."""


class Step(Notes):
    """A StepWatcher that needs nothing of what it is shown."""

    async def show_draft(
        self, answer: Answer, iteration: int, responses: tuple[IssueResponse, ...]
    ) -> None: ...

    async def show_review(self, review: Review, iteration: int) -> None: ...
    async def show_questions(self, questions: tuple[PlannedQuestion, ...]) -> None: ...
    async def show_step(self, step: ChosenStep, number: int, refusal: str) -> None: ...
    async def show_findings(self, findings: tuple[Finding, ...]) -> None: ...


class Steps:
    """A Watcher that writes the titles down."""

    def __init__(self) -> None:
        self.titles: list[str] = []

    async def begin_step(self, title: str, role: Role | None, model: str) -> Step:
        self.titles.append(title)
        return Step()

    async def show_notice(self, message: str) -> None: ...


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def model(clock: SetClock) -> SlowModel:
    return SlowModel(clock)


@pytest.fixture
def caller(tmp_path: Path, clock: SetClock) -> Iterator[ModelCaller]:
    with open_ledger(tmp_path / "ledger.db", clock=clock) as (ledger, database):
        database.open()
        yield ModelCaller(
            ledger=ledger,
            prices=OfflinePriceBook(),
            settings=ModelSettings(request_deadline_s=600),
            prompts=some_prompts(),
            calibration=Calibration(),
            clock=clock,
        )


async def answer(
    caller: ModelCaller, model: SlowModel, clock: SetClock, *, minutes: float
) -> Outcome:
    """A task of four packs, one read at a time, within so many minutes."""
    profile = ModelProfile(
        name="slow",
        provider=ProviderKind.OPENAI_COMPATIBLE,
        model="slow",
        window_tokens=16_000,
        billing=Billing.FREE,
    )
    seat = Seat(profile, model)
    settings = VerificationSettings(max_duration_s=minutes * 60, max_iterations=3)
    parts = TierParts(
        roles=Roles(seat, seat),
        caller=caller,
        prompts=some_prompts(),
        settings=settings,
        windows=Windows(Calibration(), RoutingSettings(), settings),
        clock=clock,
        concurrent_packs=1,
    )
    documents = tuple(
        Document(name=f"{n}.py", digest=str(n), media=MediaKind.CODE, text=code_file(n, 300))
        for n in range(1, 5)
    )
    question = Question("What is limited?", "", TaskKind.CODEBASE, documents)
    return await LargeTier(parts).answer(question, PURPOSE, Steps())


async def test_packs_that_time_did_not_reach_are_gaps_and_the_findings_stand(
    caller: ModelCaller, model: SlowModel, clock: SetClock
) -> None:
    outcome = await answer(caller, model, clock, minutes=2.5)
    assert model.asked == ["plan", "findings", "findings"]
    assert outcome.stop_reason is StopReason.TIME
    gaps = [claim.text for claim in outcome.answer.claims if claim.is_gap]
    assert [gap[:13] for gap in gaps] == ["Pack 3 of 4 (", "Pack 4 of 4 ("]
    assert all("the time for this answer was over" in gap for gap in gaps)
    assert {e.file for c in outcome.answer.claims for e in c.evidence} == {"1.py", "2.py"}
    assert outcome.badges == (Badge.NOT_VERIFIED, Badge.INCOMPLETE)


async def test_time_that_ends_before_the_review_keeps_the_written_answer(
    caller: ModelCaller, model: SlowModel, clock: SetClock
) -> None:
    outcome = await answer(caller, model, clock, minutes=5.5)
    assert model.asked == ["plan", *["findings"] * 4, "written"]
    assert outcome.stop_reason is StopReason.TIME
    assert outcome.answer.title == "Written"


async def test_time_that_is_over_before_any_pack_fails_with_the_reason(
    caller: ModelCaller, model: SlowModel, clock: SetClock
) -> None:
    with pytest.raises(ReplyUnusable, match="the time for this answer was over"):
        await answer(caller, model, clock, minutes=0.5)
