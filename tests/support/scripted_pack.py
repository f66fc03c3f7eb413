"""A small pack in Python behind the self-test's own protocol: it does what a test tells it to.

For what the firmware never does: release by itself, fall silent, keep its reasons to itself.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

from agentflow_desktop.hardware.telemetry.messages_table import (
    Answer,
    DownMessage,
    Event,
    Identity,
    ParameterRead,
    ParameterValue,
    Request,
    SimAdvance,
    SimInject,
    SimReached,
    SimSet,
    Telemetry,
    TelemetryOutputs,
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
from agentflow_desktop.workflows.board.model import CampaignLine
from agentflow_desktop.workflows.board.pack_link import PackLink, PackValues

_NONE_US = 2**62


@dataclass(slots=True)
class Behaviour:
    """How the pack treats its over-voltage limit, and faults. Times are in milliseconds."""

    trips_above_mv: int = 3580
    delay_ms: int = 1000
    releases_at_mv: int = 3400
    latches: bool = False
    can_be_let_go_at_any_time: bool = False
    releases_by_itself: bool = False
    tells: bool = True
    becomes_idle: bool = True
    may_close: bool = True
    opens_after_ms: dict[SimFault, int] = field(default_factory=dict[SimFault, int])


class ScriptedPacks:
    """The SimulatedPacks of a test."""

    def __init__(self, behaviour: Behaviour, campaign: Sequence[CampaignLine] = ()) -> None:
        self._behaviour = behaviour
        self._campaign = campaign

    def switched_on(self, values: PackValues) -> AbstractAsyncContextManager[PackLink]:
        return self._switched_on()

    @asynccontextmanager
    async def _switched_on(self) -> AsyncGenerator[PackLink]:
        yield ScriptedPack(self._behaviour)

    async def campaign(self, values: PackValues) -> Sequence[CampaignLine]:
        return self._campaign


class ScriptedPack:
    """Both paths hang on one switch; one cell can be held at a voltage."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._is = behaviour
        self._now_us = 0
        self._is_closed = False
        self._opened_us = 0
        self._above_since_us = _NONE_US
        self._cell_mv = 3300
        self._faulty_from_us = _NONE_US
        self._is_tripped = False
        self._diagnosis = Diagnosis.CELL_OVER_VOLTAGE
        self._seq = 0
        self._came: list[UpMessage] = []

    async def ask(self, message: DownMessage) -> Sequence[UpMessage]:
        self._came = []
        result = Result.DONE
        match message:
            case SimSet(quantity=SimQuantity.CELL_MV, value=value):
                self._cell_mv = value
                self._note_level()
            case SimInject(fault=fault) if fault in self._is.opens_after_ms:
                self._faulty_from_us = self._now_us + self._is.opens_after_ms[fault] * 1000
            case SimAdvance():
                return self._advanced(message)
            case ParameterRead(field=number):
                return [ParameterValue(number, 0, 0, 0, 0)]
            case Request(command=command):
                result = self._commanded(command)
            case _:
                pass
        answer = Answer(self._seq, 0, result, 0)
        self._seq += 1
        return [*self._came, answer]

    def _commanded(self, command: Command) -> Result:
        if command is Command.IDENTIFY:
            self._came.append(Identity(True, "script", "scripted pack", 0, 0, 0, 16, 0, 1))
        if command is Command.CLOSE:
            self._is_closed = self._is.may_close
            return Result.DONE if self._is.may_close else Result.REFUSED_BY_DIAGNOSIS
        if command is Command.ACKNOWLEDGE and self._is_tripped:
            is_gone = self._cell_mv <= self._is.releases_at_mv
            if is_gone or self._is.can_be_let_go_at_any_time:
                self._is_tripped = False
                self._tell(EventKind.ACKNOWLEDGED)
        return Result.DONE

    def _advanced(self, message: SimAdvance) -> list[UpMessage]:
        end_us = self._now_us + message.duration_us
        while self._now_us < end_us:
            self._now_us += min(1000, end_us - self._now_us)
            was_closed = self._is_closed
            self._judge()
            if was_closed and not self._is_closed and message.stop_when_opened:
                break
        at = self._is_closed
        reached = SimReached(
            self._now_us, at, at, self._opened_us, self._opened_us, 0, 3300, self._cell_mv, 250, 500
        )
        return [*self._came, self._telemetry(), reached]

    def _note_level(self) -> None:
        is_above = self._cell_mv > self._is.trips_above_mv
        self._above_since_us = min(self._above_since_us, self._now_us) if is_above else _NONE_US

    def _judge(self) -> None:
        is_over = self._now_us - self._above_since_us >= self._is.delay_ms * 1000
        if not self._is_tripped and (is_over or self._now_us >= self._faulty_from_us):
            self._is_tripped, self._is_closed, self._opened_us = True, False, self._now_us
            self._tell(EventKind.TRIPPED)
        may_release = not self._is.latches or self._is.releases_by_itself
        if self._is_tripped and may_release and self._cell_mv <= self._is.releases_at_mv:
            self._is_tripped = False
            self._tell(EventKind.RELEASED)

    def _tell(self, kind: EventKind) -> None:
        if self._is.tells:
            at_ms = self._now_us // 1000
            self._came.append(
                Event(0, at_ms, kind, self._diagnosis, 1, self._cell_mv, 0, 0, State.NORMAL, 0)
            )

    def _telemetry(self) -> Telemetry:
        state = State.NORMAL if self._is_closed else State.IDLE
        told = replace(_QUIET, state=state if self._is.becomes_idle else State.INIT)
        is_latched = self._is.latches and self._is_tripped
        return replace(told, latched=1 << self._diagnosis if is_latched else 0)


_QUIET = Telemetry(
    State.IDLE, TelemetryOutputs(0), 0, 0, 0, 0, 0, (3300,) * 16, 52_800, 0, 0, 0, (250,) * 8,
    250, 500, 0, 0, 0, 0,
)  # fmt: skip
