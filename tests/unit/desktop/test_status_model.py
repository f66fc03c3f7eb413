"""What the status bar knows, without a window."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from agentflow_desktop.app.queries import HealthCheck, ModelLine
from agentflow_desktop.core.errors import ConfigurationError, StorageError
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.status_model import RunningLine, StatusModel
from agentflow_desktop.llm.budget import Period, Spending

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOTHING = Period(0, Decimal(0), Decimal(0), 0, 0)
SPENDING = Spending(
    NOTHING, NOTHING, NOTHING, Decimal(50), Decimal(500), AT, AT, Decimal(0)
)  # fmt: skip


def line(name: str, provider: str, *roles: Role) -> ModelLine:
    return ModelLine(name, provider, name, "somewhere", roles, "not needed", "$0")


class Run:
    def __init__(self, run_id: str) -> None:
        self.run_id, self.title, self.step_title = run_id, f"Task {run_id}", "Planner proposes"
        self.ended: object | None = None
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Runs:
    def __init__(self, *running: Run) -> None:
        self.running = running


class Costs:
    """A ledger that can be read, or not."""

    def __init__(self) -> None:
        self.error: StorageError | None = None

    async def spending(self) -> Spending:
        if self.error is not None:
            raise self.error
        return SPENDING


class Door:
    def __init__(self, *models: ModelLine) -> None:
        self._models = models
        self.costs = Costs()
        self.asked: list[str] = []

    async def models(self) -> Sequence[ModelLine]:
        return self._models

    async def test_model(self, name: str) -> HealthCheck:
        self.asked.append(name)
        return HealthCheck(f"model {name}", is_usable=False, message=f"{name} is not there.")


def spawn(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.get_running_loop().create_task(work)


async def turns(number: int = 20) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_only_models_that_sit_in_a_role_are_asked_how_they_are() -> None:
    model = StatusModel(spawn)
    door = Door(
        line("local", "openai_compatible", Role.PLANNER),
        line("idle", "openai_compatible"),
        line("built-in", "built_in"),
    )
    model.connect(Runs(), door)
    await turns()
    assert door.asked == ["local"]
    assert model.state.health["local"].message == "local is not there."
    seated = model.state.line_of(Role.PLANNER)
    assert seated is not None
    assert seated.name == "local"
    assert model.state.line_of(Role.HEAVY) is None
    model.disconnect()


async def test_models_are_asked_again_at_once_where_a_person_wants_it() -> None:
    model = StatusModel(spawn)
    model.test_again()
    assert not model.state.is_asking, "there is nobody to ask yet"
    door = Door(line("local", "openai_compatible", Role.PLANNER))
    model.connect(Runs(), door)
    await turns()
    model.test_again()
    assert model.state.is_asking
    await turns()
    assert door.asked == ["local", "local"]
    assert not model.state.is_asking
    model.disconnect()


async def test_the_built_in_engine_is_never_asked() -> None:
    model = StatusModel(spawn)
    door = Door(line("built-in", "built_in", Role.PLANNER))
    model.connect(Runs(), door)
    await turns()
    assert door.asked == []
    model.disconnect()


async def test_what_runs_is_told_with_its_step_and_can_be_cancelled_by_its_id() -> None:
    one, two, over = Run("run_1"), Run("run_2"), Run("run_3")
    over.ended = object()
    model = StatusModel(spawn)
    model.connect(Runs(one, two, over), Door())
    await turns()
    assert model.state.running == (
        RunningLine("run_1", "Task run_1", "Planner proposes"),
        RunningLine("run_2", "Task run_2", "Planner proposes"),
    )
    model.cancel("run_2")
    assert (one.is_cancelled, two.is_cancelled) == (False, True)
    model.disconnect()
    model.cancel("run_1")
    assert not one.is_cancelled


async def test_a_ledger_that_cannot_be_read_is_a_sentence_until_it_can() -> None:
    model = StatusModel(spawn, interval_s=0)
    door = Door()
    door.costs.error = StorageError("The ledger is locked.", hint="Close the other program.")
    model.connect(Runs(), door)
    await turns()
    assert model.state.problem == "The ledger is locked. Close the other program."
    door.costs.error = None
    async with asyncio.timeout(5):
        while model.state.problem:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    assert model.state.spending == SPENDING
    model.disconnect()


async def test_a_problem_of_opening_is_gone_once_the_program_is_open() -> None:
    model = StatusModel(spawn)
    model.report_opening_problem(ConfigurationError("A key is unknown.", hint="Mend it."))
    assert model.state.opening_problem is not None
    assert model.state.opening_problem.hint == "Mend it."
    model.connect(Runs(), Door())
    assert model.state.opening_problem is None
    model.disconnect()
