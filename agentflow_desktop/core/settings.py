"""Every setting as a frozen, typed section, and where each value came from.

Read by ``adapters.settings_files``. A constructor takes its own section, never the whole.
``config/settings.yaml`` documents each field and holds the shipped values; the defaults here
are the same, and a test compares them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agentflow_desktop.core.routing import TaskKind, VerificationMode


class Section(BaseModel):
    """A part of the settings: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ModelSettings(Section):
    """Which configured model plays which role. Empty: see ``llm.roles``."""

    planner: str = ""
    heavy: str = ""
    planner_fallback: str = ""
    heavy_fallback: str = ""
    request_deadline_s: float = Field(default=180.0, gt=0)
    connect_timeout_s: float = Field(default=10.0, gt=0)
    stall_timeout_s: float = Field(default=60.0, gt=0)
    max_attempts: int = Field(default=4, ge=1, le=10)
    pause_after_failures: int = Field(default=5, ge=1, le=100)
    pause_s: float = Field(default=30.0, gt=0)


class RoutingSettings(Section):
    """Token thresholds between the tiers."""

    small_max_tokens: int = Field(default=8_000, gt=0)
    medium_max_tokens: int = Field(default=100_000, gt=0)
    planner_max_tokens: int = Field(default=16_000, gt=0)
    count_exactly_within_pct: int = Field(default=15, ge=0, le=100)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.small_max_tokens >= self.medium_max_tokens:
            raise ValueError("small_max_tokens must be less than medium_max_tokens")
        return self


class VerificationSettings(Section):
    enabled: bool = True
    mode: VerificationMode = VerificationMode.CORRECTNESS
    max_iterations: int = Field(default=2, ge=1, le=8)
    max_duration_s: float = Field(default=600.0, gt=0)
    debate_rounds: int = Field(default=2, ge=1, le=4)
    max_answer_tokens: int = Field(default=2_000, ge=64)
    max_review_tokens: int = Field(default=1_500, ge=64)
    temperature: float = Field(default=0.0, ge=0, le=2)


class EvaluationWeights(Section):
    """Weights of the five criteria; they sum to 1."""

    correctness: Decimal = Field(default=Decimal("0.30"), ge=0, le=1)
    performance: Decimal = Field(default=Decimal("0.20"), ge=0, le=1)
    security: Decimal = Field(default=Decimal("0.20"), ge=0, le=1)
    maintainability: Decimal = Field(default=Decimal("0.15"), ge=0, le=1)
    simplicity: Decimal = Field(default=Decimal("0.15"), ge=0, le=1)

    @model_validator(mode="after")
    def _check_sum(self) -> Self:
        total = (
            self.correctness
            + self.performance
            + self.security
            + self.maintainability
            + self.simplicity
        )
        if total != 1:
            raise ValueError(f"the five weights must sum to 1, and sum to {total}")
        return self


class EvaluationSettings(Section):
    weights: EvaluationWeights = EvaluationWeights()
    task_weights: dict[TaskKind, EvaluationWeights] = Field(default_factory=dict)
    tie_within: Decimal = Field(default=Decimal("0.1"), ge=0, le=1)


class WorkflowSettings(Section):
    """Bounds on what one run may read."""

    max_files: int = Field(default=5_000, gt=0)
    max_file_mb: int = Field(default=50, gt=0)
    max_pdf_pages: int = Field(default=5_000, gt=0)


class PerformanceSettings(Section):
    reader_processes: int = Field(default=2, ge=1, le=32)
    reader_memory_mb: int = Field(default=1_024, ge=128)
    reader_timeout_s: float = Field(default=60.0, gt=0)
    max_concurrent_tasks: int = Field(default=4, ge=1, le=64)


class LoggingSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    directory: str = ""
    keep_days: int = Field(default=30, ge=1)


class BudgetSettings(Section):
    """``timezone``: an IANA name; empty is the machine's own."""

    timezone: str = ""


class CachingSettings(Section):
    enabled: bool = True
    directory: str = ""
    max_age_hours: float = Field(default=24.0, gt=0)
    min_files_to_cache: int = Field(default=1, ge=0)
    min_tokens_to_cache: int = Field(default=2_000, ge=0)


class CostSettings(Section):
    """Limits in US dollars. ``hard_limits: false`` turns a refusal into a warning."""

    enabled: bool = True
    daily_limit: Decimal = Field(default=Decimal("50.0"), ge=0)
    monthly_limit: Decimal = Field(default=Decimal("500.0"), ge=0)
    per_task_limit: Decimal = Field(default=Decimal("5.0"), ge=0)
    per_task_max_tokens: int = Field(default=2_000_000, gt=0)
    warn_at_percent: int = Field(default=80, ge=1, le=100)
    hard_limits: bool = True


class ProductionSettings(Section):
    caching: CachingSettings = CachingSettings()
    cost_tracking: CostSettings = CostSettings()


class Settings(Section):
    """All sections. Only wiring and the settings commands see this type."""

    models: ModelSettings = ModelSettings()
    context_routing: RoutingSettings = RoutingSettings()
    verification: VerificationSettings = VerificationSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    workflow: WorkflowSettings = WorkflowSettings()
    performance: PerformanceSettings = PerformanceSettings()
    logging: LoggingSettings = LoggingSettings()
    budget: BudgetSettings = BudgetSettings()
    production: ProductionSettings = ProductionSettings()


class Origin(StrEnum):
    """Which layer gave a value; a later one wins."""

    SHIPPED = "shipped"
    USER = "user"
    ENVIRONMENT = "environment"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting as it stands. ``place`` is where it was set: a file and line, or a name."""

    key: str
    value: str
    origin: Origin
    place: str


@dataclass(frozen=True, slots=True)
class Overrides:
    """What was said on the command line.

    ``values`` maps a setting's key (``models.planner``) to the text that was given for it.
    ``config_file`` takes the place of the person's own settings file.
    """

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    config_file: Path | None = None
    debug: bool = False


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings with the origin of each, in the order of the sections."""

    settings: Settings
    lines: tuple[SettingLine, ...]
