"""The self-test of a board: the request, what its steps give, and the result."""

from dataclasses import dataclass
from enum import StrEnum

KIND = "board_selftest"
REQUEST_KIND = "board_selftest.request"
ROW_KIND = "board_selftest.row"
CAMPAIGN_KIND = "board_selftest.campaign"


class Verdict(StrEnum):
    PASSED = "pass"
    FAILED = "fail"


class ProtectedBy(StrEnum):
    """Which of the two opens the pack in a row, with the other one silenced."""

    HOST = "host"
    FRONT_END = "front end"
    BOTH = "both"


class Release(StrEnum):
    """What lets a path close again after a trip."""

    LEVEL = "level"
    TIME = "time"
    OPERATOR = "operator"
    NOT_MEASURED = ""


@dataclass(frozen=True, slots=True)
class Override:
    """A field of which the firmware under test is given other values than the design has."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SelftestRequest:
    """Prove a design's limits on a simulated pack.

    ``design`` are the fields in which the design differs from the reference pack. Also the body of
    REQUEST_KIND, which a run emits first.
    """

    is_simulated: bool
    design: tuple[Override, ...] = ()
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SelftestRow:
    """One protection on one path: what the design says, and what was measured.

    Levels are in ``unit``, as the configuration holds them. ``limit`` is where the design puts the
    trip, as the path can hold it; ``trip`` the first level that opened the pack; ``bound`` the
    datasheet's, and ``margin`` what is left between the two after the path's error: negative means
    beyond. ``delay_us`` and ``delay_at_most_us`` are what the design allows, ``measured_delay_us``
    what it took until the path was open. ``release`` is a level, or with Release.TIME milliseconds.
    What does not apply to a row is None.
    """

    protection: str
    path: ProtectedBy
    verdict: Verdict
    reason: str
    field: str = ""
    unit: str = ""
    limit: int | None = None
    trip: int | None = None
    bound: int | None = None
    bound_field: str = ""
    error: int = 0
    margin: int | None = None
    delay_us: int | None = None
    delay_at_most_us: int | None = None
    measured_delay_us: int | None = None
    release_by: Release = Release.NOT_MEASURED
    release_limit: int | None = None
    release: int | None = None


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A single fault in a state. ``safe_state`` is what makes the pack safe against it; it must
    come within ``limit_ms``, and came after ``time_ms``, or never if that is None. ``diagnosis``
    is what the firmware told, empty if nothing."""

    fault: str
    state: str
    safe_state: str
    time_ms: float | None
    limit_ms: float
    diagnosis: str
    passed: bool


@dataclass(frozen=True, slots=True)
class SelftestCampaign:
    """Body of CAMPAIGN_KIND."""

    lines: tuple[CampaignLine, ...]


@dataclass(frozen=True, slots=True)
class SelftestResult:
    """What was proved, and of what. Hashes are as 16 hex digits."""

    is_simulated: bool
    firmware: str
    board: str
    design_hash: str
    board_hash: str
    overrides: tuple[Override, ...]
    rows: tuple[SelftestRow, ...]
    campaign: tuple[CampaignLine, ...]
    simulated_s: float
    packs: int

    @property
    def failed(self) -> tuple[SelftestRow, ...]:
        return tuple(row for row in self.rows if row.verdict is Verdict.FAILED)

    @property
    def unsafe(self) -> tuple[CampaignLine, ...]:
        return tuple(line for line in self.campaign if not line.passed)

    @property
    def is_passed(self) -> bool:
        return not self.failed and not self.unsafe
