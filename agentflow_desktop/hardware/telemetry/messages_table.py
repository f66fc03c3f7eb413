"""Generated from schema/telemetry.yaml by schema/generate.py: change it there."""
# fmt: off
# ruff: noqa: E501

from dataclasses import dataclass
from enum import IntFlag
from struct import Struct

from agentflow_desktop.hardware.telemetry.names_table import (
    Command,
    Diagnosis,
    EventKind,
    Result,
    SimFault,
    SimQuantity,
    State,
)

VERSION = 1


def _text(raw: bytes) -> str:
    return raw.rstrip(b"\0").decode("ascii", "replace")


class TelemetryOutputs(IntFlag):
    """A path is closed if host and front end both enable it."""

    HOST_CHARGE = 1
    HOST_DISCHARGE = 2
    PRECHARGE = 4
    AFE_CHARGE = 8
    AFE_DISCHARGE = 16
    ZERO_CURRENT_REQUEST = 32
    CONTACTOR_SHOWN_CLOSED = 64


_TELEMETRY = Struct("<BBBHIIH16HIIii8hhHHiHH")


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What is measured and decided, every 100 ms."""

    state: State
    outputs: TelemetryOutputs  # A path is closed if host and front end both enable it.
    lights: int  # Status light in bits 0 to 1, fault light in 2 to 3, sound in 4 to 5.
    warnings: int
    active: int  # Tripped and not released.
    latched: int  # Waiting for the operator.
    reading_age_ms: int  # ms: Age of what follows; 65535 if there was none.
    cell_mv: tuple[int, ...]  # mV
    stack_mv: int  # mV
    pack_mv: int  # mV
    afe_current_ma: int  # mA: Charging is positive.
    ina_current_ma: int  # mA
    temp_ddegc: tuple[int, ...]  # 0.1 °C: -32768: no valid value.
    die_temp_ddegc: int  # 0.1 °C
    soc_permille: int  # 0.1 %
    soc_error_permille: int  # 0.1 %: Bound of its error, growing since the last anchor.
    charge_limit_ma: int  # mA: What the temperature allows.
    balancing: int  # Cells being balanced; bit 0 is cell 1.
    cycle_us: int  # µs: Longest cycle since the last frame.

    @classmethod
    def unpack(cls, payload: bytes) -> "Telemetry":
        """Raises struct.error or ValueError for what is no such message."""
        values = _TELEMETRY.unpack(payload)
        return cls(State(values[0]), TelemetryOutputs(values[1]), values[2], values[3], values[4], values[5], values[6], values[7:23], values[23], values[24], values[25], values[26], values[27:35], values[35], values[36], values[37], values[38], values[39], values[40])

    def pack(self) -> bytes:
        return _TELEMETRY.pack(self.state, self.outputs, self.lights, self.warnings, self.active, self.latched, self.reading_age_ms, *self.cell_mv, self.stack_mv, self.pack_mv, self.afe_current_ma, self.ina_current_ma, *self.temp_ddegc, self.die_temp_ddegc, self.soc_permille, self.soc_error_permille, self.charge_limit_ma, self.balancing, self.cycle_us)


_EVENT = Struct("<HIBBBiiHBQ")


@dataclass(frozen=True, slots=True)
class Event:
    """Something tripped, released, was acknowledged, or the state changed."""

    number: int  # Counts up; a gap is a lost event.
    at_ms: int  # ms
    kind: EventKind
    diagnosis: Diagnosis
    subject: int  # Number of the cell or sensor, from 1; 0 if it is about the pack.
    value: int  # In the unit of its diagnosis.
    limit: int  # In the unit of its diagnosis.
    limit_field: int  # Number of the field that the limit comes from; 65535 if none.
    state: State  # When it happened.
    config_hash: int

    @classmethod
    def unpack(cls, payload: bytes) -> "Event":
        """Raises struct.error or ValueError for what is no such message."""
        values = _EVENT.unpack(payload)
        return cls(values[0], values[1], EventKind(values[2]), Diagnosis(values[3]), values[4], values[5], values[6], values[7], State(values[8]), values[9])

    def pack(self) -> bytes:
        return _EVENT.pack(self.number, self.at_ms, self.kind, self.diagnosis, self.subject, self.value, self.limit, self.limit_field, self.state, self.config_hash)


_IDENTITY = Struct("<B16s24sQQQBBB")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks. Sent at start and when asked."""

    is_simulated: bool  # 1 from a simulated pack, always shown.
    firmware: str
    board: str
    config_hash: int  # Of the settings in use.
    built_hash: int  # Of the settings the firmware was built with.
    afe_hash: int  # Of the front end's settings as read back; 0 before.
    cell_count: int
    reset_cause: int
    schema_version: int  # Of pack_config.yaml.

    @classmethod
    def unpack(cls, payload: bytes) -> "Identity":
        """Raises struct.error or ValueError for what is no such message."""
        values = _IDENTITY.unpack(payload)
        return cls(bool(values[0]), _text(values[1]), _text(values[2]), values[3], values[4], values[5], values[6], values[7], values[8])

    def pack(self) -> bytes:
        return _IDENTITY.pack(self.is_simulated, self.firmware.encode("ascii"), self.board.encode("ascii"), self.config_hash, self.built_hash, self.afe_hash, self.cell_count, self.reset_cause, self.schema_version)


_PARAMETERVALUE = Struct("<HBiiQ")


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """One value, as in use and as staged."""

    field: int
    index: int
    value: int
    staged: int
    staged_hash: int  # Of all that is staged: what a commit must name.

    @classmethod
    def unpack(cls, payload: bytes) -> "ParameterValue":
        """Raises struct.error or ValueError for what is no such message."""
        values = _PARAMETERVALUE.unpack(payload)
        return cls(values[0], values[1], values[2], values[3], values[4])

    def pack(self) -> bytes:
        return _PARAMETERVALUE.pack(self.field, self.index, self.value, self.staged, self.staged_hash)


_ANSWER = Struct("<HBBH")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request, by its seq."""

    request_seq: int
    request_type: int
    result: Result
    detail: int

    @classmethod
    def unpack(cls, payload: bytes) -> "Answer":
        """Raises struct.error or ValueError for what is no such message."""
        values = _ANSWER.unpack(payload)
        return cls(values[0], values[1], Result(values[2]), values[3])

    def pack(self) -> bytes:
        return _ANSWER.pack(self.request_seq, self.request_type, self.result, self.detail)


_TRIPLOGENTRY = Struct("<HHIBBBiiHBQ4i4i")


@dataclass(frozen=True, slots=True)
class TripLogEntry:
    """One entry of the trip log, with the subject's values around it."""

    remaining: int  # Entries that follow.
    number: int  # Counts up; a gap is a lost event.
    at_ms: int  # ms
    kind: EventKind
    diagnosis: Diagnosis
    subject: int  # Number of the cell or sensor, from 1; 0 if it is about the pack.
    value: int  # In the unit of its diagnosis.
    limit: int  # In the unit of its diagnosis.
    limit_field: int  # Number of the field that the limit comes from; 65535 if none.
    state: State  # When it happened.
    config_hash: int
    before: tuple[int, ...]  # The four readings before, oldest first.
    after: tuple[int, ...]  # The four readings after.

    @classmethod
    def unpack(cls, payload: bytes) -> "TripLogEntry":
        """Raises struct.error or ValueError for what is no such message."""
        values = _TRIPLOGENTRY.unpack(payload)
        return cls(values[0], values[1], values[2], EventKind(values[3]), Diagnosis(values[4]), values[5], values[6], values[7], values[8], State(values[9]), values[10], values[11:15], values[15:19])

    def pack(self) -> bytes:
        return _TRIPLOGENTRY.pack(self.remaining, self.number, self.at_ms, self.kind, self.diagnosis, self.subject, self.value, self.limit, self.limit_field, self.state, self.config_hash, *self.before, *self.after)


_SIMREACHED = Struct("<QBBQQiiihH")


@dataclass(frozen=True, slots=True)
class SimReached:
    """A simulation came to the end of a SimAdvance. What is true, not what is measured."""

    time_us: int  # µs
    is_charge_closed: bool
    is_discharge_closed: bool
    charge_opened_us: int  # µs: When the charge path last opened; 0 if never.
    discharge_opened_us: int  # µs
    current_ma: int  # mA
    cell_min_mv: int  # mV
    cell_max_mv: int  # mV
    temp_max_ddegc: int  # 0.1 °C
    soc_permille: int  # 0.1 %

    @classmethod
    def unpack(cls, payload: bytes) -> "SimReached":
        """Raises struct.error or ValueError for what is no such message."""
        values = _SIMREACHED.unpack(payload)
        return cls(values[0], bool(values[1]), bool(values[2]), values[3], values[4], values[5], values[6], values[7], values[8], values[9])

    def pack(self) -> bytes:
        return _SIMREACHED.pack(self.time_us, self.is_charge_closed, self.is_discharge_closed, self.charge_opened_us, self.discharge_opened_us, self.current_ma, self.cell_min_mv, self.cell_max_mv, self.temp_max_ddegc, self.soc_permille)


_REQUEST = Struct("<B")


@dataclass(frozen=True, slots=True)
class Request:
    """A command."""

    command: Command

    @classmethod
    def unpack(cls, payload: bytes) -> "Request":
        """Raises struct.error or ValueError for what is no such message."""
        values = _REQUEST.unpack(payload)
        return cls(Command(values[0]))

    def pack(self) -> bytes:
        return _REQUEST.pack(self.command)


_PARAMETERREAD = Struct("<HB")


@dataclass(frozen=True, slots=True)
class ParameterRead:
    """Ask for one value."""

    field: int
    index: int

    @classmethod
    def unpack(cls, payload: bytes) -> "ParameterRead":
        """Raises struct.error or ValueError for what is no such message."""
        values = _PARAMETERREAD.unpack(payload)
        return cls(values[0], values[1])

    def pack(self) -> bytes:
        return _PARAMETERREAD.pack(self.field, self.index)


_PARAMETERSTAGE = Struct("<HBi")


@dataclass(frozen=True, slots=True)
class ParameterStage:
    """Stage one value; nothing changes until a commit."""

    field: int
    index: int
    value: int

    @classmethod
    def unpack(cls, payload: bytes) -> "ParameterStage":
        """Raises struct.error or ValueError for what is no such message."""
        values = _PARAMETERSTAGE.unpack(payload)
        return cls(values[0], values[1], values[2])

    def pack(self) -> bytes:
        return _PARAMETERSTAGE.pack(self.field, self.index, self.value)


_PARAMETERCOMMIT = Struct("<Q")


@dataclass(frozen=True, slots=True)
class ParameterCommit:
    """Put what is staged into use and into memory, if its hash is the one that the sender read back."""

    config_hash: int

    @classmethod
    def unpack(cls, payload: bytes) -> "ParameterCommit":
        """Raises struct.error or ValueError for what is no such message."""
        values = _PARAMETERCOMMIT.unpack(payload)
        return cls(values[0])

    def pack(self) -> bytes:
        return _PARAMETERCOMMIT.pack(self.config_hash)


_SIMSET = Struct("<BBi")


@dataclass(frozen=True, slots=True)
class SimSet:
    """Simulation only."""

    quantity: SimQuantity
    index: int
    value: int

    @classmethod
    def unpack(cls, payload: bytes) -> "SimSet":
        """Raises struct.error or ValueError for what is no such message."""
        values = _SIMSET.unpack(payload)
        return cls(SimQuantity(values[0]), values[1], values[2])

    def pack(self) -> bytes:
        return _SIMSET.pack(self.quantity, self.index, self.value)


_SIMINJECT = Struct("<BBB")


@dataclass(frozen=True, slots=True)
class SimInject:
    """Simulation only; a fault begins or ends."""

    fault: SimFault
    index: int
    is_on: bool

    @classmethod
    def unpack(cls, payload: bytes) -> "SimInject":
        """Raises struct.error or ValueError for what is no such message."""
        values = _SIMINJECT.unpack(payload)
        return cls(SimFault(values[0]), values[1], bool(values[2]))

    def pack(self) -> bytes:
        return _SIMINJECT.pack(self.fault, self.index, self.is_on)


class SimAdvanceStopWhenOpened(IntFlag):
    """Stop early when this path opens."""

    CHARGE = 1
    DISCHARGE = 2


_SIMADVANCE = Struct("<IB")


@dataclass(frozen=True, slots=True)
class SimAdvance:
    """Simulation only; run on for this long at full speed, then answer SimReached."""

    duration_us: int  # µs
    stop_when_opened: SimAdvanceStopWhenOpened  # Stop early when this path opens.

    @classmethod
    def unpack(cls, payload: bytes) -> "SimAdvance":
        """Raises struct.error or ValueError for what is no such message."""
        values = _SIMADVANCE.unpack(payload)
        return cls(values[0], SimAdvanceStopWhenOpened(values[1]))

    def pack(self) -> bytes:
        return _SIMADVANCE.pack(self.duration_us, self.stop_when_opened)


UpMessage = Telemetry | Event | Identity | ParameterValue | Answer | TripLogEntry | SimReached
DownMessage = Request | ParameterRead | ParameterStage | ParameterCommit | SimSet | SimInject | SimAdvance
Message = UpMessage | DownMessage

MESSAGE_TYPES: dict[int, type[Message]] = {
    1: Telemetry,
    2: Event,
    3: Identity,
    4: ParameterValue,
    5: Answer,
    6: TripLogEntry,
    7: SimReached,
    16: Request,
    17: ParameterRead,
    18: ParameterStage,
    19: ParameterCommit,
    48: SimSet,
    49: SimInject,
    50: SimAdvance,
}

MAX_PAYLOAD_BYTES = 93
