"""What a probe found of a model, and what of its profile should be changed by that."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.llm.provider import ModelProfile, ProviderKind, ToldWindow

__all__ = ["MeasuredWindow", "ProbeReport", "ProfileChange", "SchemaUse", "ToldWindow"]

_OUTPUT_SHARE = 4  # of a window that has no room for the longest reply so far


class SchemaUse(StrEnum):
    """What the server does with a JSON Schema that is sent to it."""

    UNTRIED = "untried"
    HONOURED = "honoured"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class MeasuredWindow:
    """The longest prompt that was read whole, in the server's own tokens. ``is_at_least``: all of
    the claimed window. ``is_cut_silently``: more was sent, and dropped without a word."""

    tokens: int
    is_at_least: bool = False
    is_cut_silently: bool = False


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """A field of models.yaml that does not fit what was found: what stands there, what should."""

    field: str
    now: bool | int
    then: bool | int
    reason: str


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What was found of a model at a time. ``problem`` and ``hint`` say why it could not be asked,
    or no further; None in a field: not found out."""

    name: str
    at: datetime
    profile: ModelProfile
    problem: str = ""
    hint: str = ""
    note: str = ""
    is_listed: bool | None = None
    answer_ms: int | None = None
    served_model: str = ""
    is_other_model: bool = False
    schema: SchemaUse = SchemaUse.UNTRIED
    reports_usage: bool | None = None
    counts_tokens: bool | None = None
    told_window: ToldWindow | None = None
    measured: MeasuredWindow | None = None
    cost_usd: Decimal = ZERO_USD

    @property
    def is_usable(self) -> bool:
        """It answered; the built-in engine always does."""
        return self.answer_ms is not None or self.profile.provider is ProviderKind.BUILT_IN

    @property
    def true_window(self) -> int | None:
        """The context length in truth: measured, else by the server's word."""
        if self.measured is not None and not self.measured.is_at_least:
            return self.measured.tokens
        return self.told_window.tokens if self.told_window is not None else None

    @property
    def changes(self) -> tuple[ProfileChange, ...]:
        """What models.yaml should say instead. A window is only ever made smaller: a larger one
        may have been left unused on purpose."""
        return (*self._schema_change(), *self._counter_change(), *self._window_changes())

    def _schema_change(self) -> tuple[ProfileChange, ...]:
        now, is_honoured = self.profile.sends_schema, self.schema is SchemaUse.HONOURED
        if self.schema is SchemaUse.UNTRIED or now == is_honoured:
            return ()
        reason = f"a JSON Schema was {self.schema}"
        return (ProfileChange("sends_schema", now, is_honoured, reason),)

    def _counter_change(self) -> tuple[ProfileChange, ...]:
        now, then = self.profile.counts_tokens, self.counts_tokens
        if then is None or now == then:
            return ()
        reason = "the server counts tokens" if then else "the server counts no tokens"
        return (ProfileChange("counts_tokens", now, then, reason),)

    def _window_changes(self) -> tuple[ProfileChange, ...]:
        window, output = self.profile.window_tokens, self.profile.max_output_tokens
        truth = self.true_window
        if truth is None or truth >= window:
            return ()
        reason = f"its context length is {truth:,} tokens"
        changes = [ProfileChange("window_tokens", window, truth, reason)]
        if output >= truth:
            reason = "a reply must leave room for a question"
            then = truth // _OUTPUT_SHARE
            changes.append(ProfileChange("max_output_tokens", output, then, reason))
        return tuple(changes)
