"""One simulated pack under test: what it is told, what it has said, and where it stands."""

from collections.abc import Sequence
from enum import IntEnum

from agentflow_desktop.core.errors import DeviceSilent
from agentflow_desktop.hardware.telemetry.messages_table import (
    Answer,
    DownMessage,
    Event,
    Identity,
    ParameterCommit,
    ParameterRead,
    ParameterStage,
    ParameterValue,
    Request,
    SimAdvance,
    SimAdvanceStopWhenOpened,
    SimInject,
    SimReached,
    SimSet,
    Telemetry,
    UpMessage,
)
from agentflow_desktop.hardware.telemetry.names_table import (
    Command,
    Diagnosis,
    EventKind,
    Result,
    SimFault,
    SimQuantity,
    State,
)
from agentflow_desktop.workflows.board.pack_link import PackLink, PackValues

NEITHER = SimAdvanceStopWhenOpened(0)
CHARGE = SimAdvanceStopWhenOpened.CHARGE
DISCHARGE = SimAdvanceStopWhenOpened.DISCHARGE
MS = 1_000
_SLICE_US = 100 * MS
_IDLE_WITHIN_US = 10_000 * MS
_CLOSED_WITHIN_US = 30_000 * MS


def name_of(member: IntEnum) -> str:
    """As the schema names it."""
    return member.name.lower()


class NotReady(Exception):
    """The pack could not be brought to where a measurement begins; the text says why."""


class PackBench:
    """Keeps every event, the last telemetry and the last place in time."""

    def __init__(self, link: PackLink, values: PackValues) -> None:
        self.values = values
        self._link = link
        self._identity: Identity | None = None
        self.events: list[Event] = []
        self.telemetry: Telemetry | None = None
        self.reached: SimReached | None = None

    async def prepare(self) -> None:
        """Half charged, at 25 °C, measured without noise: so that a limit shows sharply."""
        await self.set(SimQuantity.SPEED_PERMILLE, 0)
        await self.set(SimQuantity.NOISE_PERMILLE, 0)
        await self.set(SimQuantity.AMBIENT_DDEGC, 250)
        await self.set(SimQuantity.SOC_PERMILLE, 500)

    async def become_idle(self) -> None:
        """Until all is configured and measured. Raises NotReady if that does not come."""
        await self._advance_until(State.IDLE, _IDLE_WITHIN_US)

    async def close(self) -> None:
        """Close the pack, by precharge. Raises NotReady if it does not close."""
        answer = await self.request(Command.CLOSE)
        if answer.result is not Result.DONE:
            raise NotReady(f"the pack refused to close ({name_of(answer.result)})")
        await self._advance_until(State.NORMAL, _CLOSED_WITHIN_US)
        for _ in range(_CLOSED_WITHIN_US // _SLICE_US):
            reached = await self.advance(_SLICE_US)
            if reached.is_charge_closed and reached.is_discharge_closed:
                return
        raise NotReady("the pack did not close both paths")

    async def set(self, quantity: SimQuantity, value: int, index: int = 0) -> None:
        await self._do(SimSet(quantity, index, value))

    async def inject(self, fault: SimFault, index: int = 0) -> None:
        """A fault begins."""
        await self._do(SimInject(fault, index, True))

    async def repair(self, fault: SimFault, index: int = 0) -> None:
        """A fault ends."""
        await self._do(SimInject(fault, index, False))

    async def advance(
        self, duration_us: int, stop: SimAdvanceStopWhenOpened = NEITHER
    ) -> SimReached:
        """Go on for this long, or until a path opens."""
        reached = await self._ask(SimAdvance(duration_us, stop))
        assert isinstance(reached, SimReached)
        return reached

    async def request(self, command: Command) -> Answer:
        answer = await self._ask(Request(command))
        assert isinstance(answer, Answer)
        return answer

    async def identity(self) -> Identity:
        await self._ask(Request(Command.IDENTIFY))
        if self._identity is None:
            raise DeviceSilent("The simulated pack does not say who it is.")
        return self._identity

    async def parameter(self, field: int, index: int = 0) -> ParameterValue:
        value = await self._ask(ParameterRead(field, index))
        assert isinstance(value, ParameterValue)
        return value

    async def stage(self, field: int, value: int, index: int = 0) -> Answer:
        answer = await self._ask(ParameterStage(field, index, value))
        assert isinstance(answer, Answer)
        return answer

    async def commit(self, staged_hash: int) -> Answer:
        answer = await self._ask(ParameterCommit(staged_hash))
        assert isinstance(answer, Answer)
        return answer

    def has(self, kind: EventKind, diagnosis: Diagnosis) -> bool:
        return self.event(kind, diagnosis) is not None

    def event(self, kind: EventKind, diagnosis: Diagnosis) -> Event | None:
        """The first event of this kind about a diagnosis."""
        found = (e for e in self.events if (e.kind, e.diagnosis) == (kind, diagnosis))
        return next(found, None)

    def is_latched(self, diagnosis: Diagnosis) -> bool:
        """Whether it waits for the operator, by the last telemetry."""
        return self.telemetry is not None and bool(self.telemetry.latched >> diagnosis & 1)

    @property
    def cells(self) -> int:
        return self.values["cell_count"][0]

    @property
    def sensors(self) -> int:
        return self.values["ntc_count"][0]

    @property
    def time_us(self) -> int:
        return self.reached.time_us if self.reached is not None else 0

    async def _advance_until(self, state: State, within_us: int) -> None:
        for _ in range(within_us // _SLICE_US):
            await self.advance(_SLICE_US)
            if self.telemetry is not None and self.telemetry.state is state:
                return
        seen = name_of(self.telemetry.state) if self.telemetry is not None else "silent"
        tripped = [name_of(e.diagnosis) for e in self.events if e.kind is EventKind.TRIPPED]
        because = f" after {', '.join(tripped)}" if tripped else ""
        raise NotReady(
            f"the pack was {seen}, not {name_of(state)}, after {within_us // 1_000_000} s{because}"
        )

    async def _do(self, message: SimSet | SimInject) -> None:
        answer = await self._ask(message)
        if not isinstance(answer, Answer) or answer.result is not Result.DONE:
            raise DeviceSilent(f"The simulated pack does not know {message}.")

    async def _ask(self, message: DownMessage) -> UpMessage:
        came = await self._link.ask(message)
        self._keep(came)
        return came[-1]

    def _keep(self, came: Sequence[UpMessage]) -> None:
        for message in came:
            match message:
                case Event():
                    self.events.append(message)
                case Telemetry():
                    self.telemetry = message
                case SimReached():
                    self.reached = message
                case Identity():
                    self._identity = message
                case _:
                    pass
