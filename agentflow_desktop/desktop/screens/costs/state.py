"""What the Costs & Cache screen shows, as frozen records. Plain data, no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.desktop.problem import Problem
from agentflow_desktop.desktop.screens.costs.limits import LimitsDraft
from agentflow_desktop.desktop.screens.costs.periods import RangeKind
from agentflow_desktop.llm.budget import Spending
from agentflow_desktop.llm.cache import (
    CacheLine,
    CacheStats,
    CacheUse,
    RemovedEntry,
)
from agentflow_desktop.llm.costs import CostBar, CostGroup, CostLine, CostSums, Days
from agentflow_desktop.llm.forecast import MonthOutlook


@dataclass(frozen=True, slots=True)
class Figures:
    """What was read of one range. ``others`` sums the runs beyond the dearest."""

    days: Days
    step: CostGroup
    spending: Spending
    bars: tuple[CostBar, ...]
    models: tuple[CostLine, ...]
    lines: tuple[CostLine, ...]
    total: CostSums
    outlook: MonthOutlook
    uses: tuple[CacheUse, ...]
    uses_before: tuple[CacheUse, ...]
    cache: CacheStats

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever spent or reserved."""
        total = self.spending.total
        return not total.calls and not total.reserved_usd


@dataclass(frozen=True, slots=True)
class State:
    """``figures`` is None until the first reading; ``entries`` is None while they are not shown.

    ``is_drawable`` says whether the charts' library is loaded.
    """

    is_drawable: bool = False
    kind: RangeKind = RangeKind.MONTH
    days: Days | None = None
    today: date | None = None
    step: CostGroup = CostGroup.DAY
    group: CostGroup = CostGroup.MODEL
    limits: CostSettings = field(default_factory=CostSettings)
    figures: Figures | None = None
    series: Mapping[str, int] = field(default_factory=dict[str, int])
    problem: Problem | None = None
    is_banner_closed: bool = False
    draft: LimitsDraft | None = None
    draft_problem: str = ""
    entries: tuple[CacheLine, ...] | None = None
    removed: tuple[RemovedEntry, ...] = ()
    notice: str = ""

    @property
    def can_go_later(self) -> bool:
        """Whether there is anything after the range."""
        return self.days is not None and self.today is not None and self.days.last < self.today
