"""Which tier a task can and shall take: by its size, by the windows of both models, by hand."""

from dataclasses import dataclass

from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.routing import Role, Tier
from agentflow_desktop.llm.conversation import TierParts
from agentflow_desktop.llm.planner_requests import SMALLEST_ROOM
from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.tiers import choose_tier, explain_tier
from agentflow_desktop.llm.windows import PROMPT_TOKENS, SCHEMA_TOKENS

TYPICAL_OUTPUT_SHARE = 3  # answers take about a third of the tokens they may take
_SMALLEST_PACK = 1_000
_ORDER = tuple(Tier)


@dataclass(frozen=True, slots=True)
class TaskSize:
    """Tokens of task, context and documents. ``is_exact``: by a model's own counter. The raw
    ones are uncalibrated estimates of what the person typed and of the documents with their
    fences."""

    tokens: int
    is_exact: bool
    typed_raw: int = 0
    documents_raw: int = 0


class TierChoice:
    """Chooses tiers. Spends nothing."""

    def __init__(self, parts: TierParts) -> None:
        self._parts = parts
        self._routing = parts.windows.routing

    def by_size(self, size: TaskSize) -> Tier:
        return choose_tier(size.tokens, self._routing)

    def choose(self, size: TaskSize, override: Tier | None) -> Tier:
        """The tier by hand, else by size, else the next larger one that the windows allow.

        Raises InputRefused if a window makes it impossible.
        """
        if self._parts.roles.is_built_in:
            return override or self.by_size(size)
        first = override or self.by_size(size)
        may_be = (first,) if override else _ORDER[_ORDER.index(first) :]
        for tier in may_be:
            if not self._obstacle(tier, size):
                return tier
        raise InputRefused(
            f"The {may_be[-1]} route is not possible: {self._obstacle(may_be[-1], size)}.",
            hint=self._hint(may_be[-1], size),
        )

    def explain(self, size: TaskSize, tier: Tier, override: Tier | None) -> str:
        """One sentence on the tier, with a warning if it goes against the size."""
        by_size = self.by_size(size)
        reason = explain_tier(size.tokens, by_size, self._routing)
        if override is None:
            if tier is by_size:
                return reason
            return f"{reason}, but {self._obstacle(by_size, size)}: it takes the {tier} route"
        if tier is by_size:
            return f"{reason}; {tier} was chosen by hand"
        drawback = _DRAWBACKS[_ORDER.index(tier) < _ORDER.index(by_size)]
        return (
            f"{reason}; warning: {tier} was chosen by hand although the size calls for {by_size}: "
            f"{drawback}"
        )

    def _obstacle(self, tier: Tier, size: TaskSize) -> str:
        """Why the windows don't allow a tier; empty if they do."""
        match tier:
            case Tier.SMALL:
                return self._too_long(Role.PLANNER, size) or self._too_long(Role.HEAVY, size)
            case Tier.MEDIUM:
                return self._planner_obstacle(size) or self._heavy_obstacle(size)
            case Tier.LARGE:
                return self._planner_obstacle(size) or self._pack_obstacle(size)

    def _too_long(self, role: Role, size: TaskSize) -> str:
        settings = self._parts.settings
        profile = self._profile(role)
        output = min(settings.max_answer_tokens, profile.max_output_tokens)
        tokens = size.tokens
        if role is Role.HEAVY:
            tokens += settings.max_answer_tokens // TYPICAL_OUTPUT_SHARE
        return _misfit(profile, tokens, output) if tokens + output > profile.window_tokens else ""

    def _heavy_obstacle(self, size: TaskSize) -> str:
        parts, profile = self._parts, self._profile(Role.HEAVY)
        questions = parts.settings.max_review_tokens
        raw = size.typed_raw + size.documents_raw + questions + PROMPT_TOKENS + SCHEMA_TOKENS
        if raw <= parts.windows.heavy_room(profile):
            return ""
        output = min(parts.settings.max_answer_tokens, profile.max_output_tokens)
        return _misfit(profile, parts.windows.calibration.scaled(raw, profile.model), output)

    def _pack_obstacle(self, size: TaskSize) -> str:
        if not size.documents_raw:
            return "no files were chosen that could be read in packs"
        windows, profile = self._parts.windows, self._profile(Role.HEAVY)
        room = windows.heavy_room(profile) - size.typed_raw - PROMPT_TOKENS - SCHEMA_TOKENS
        if room - self._parts.settings.max_review_tokens >= _SMALLEST_PACK:
            return ""
        return (
            f"the window of {profile.name} ({profile.window_tokens:,} tokens) has no room for "
            "documents beside the task, the questions and an answer"
        )

    def _planner_obstacle(self, size: TaskSize) -> str:
        profile = self._profile(Role.PLANNER)
        room = self._parts.windows.planner_room(profile)
        if room - size.typed_raw - PROMPT_TOKENS - SCHEMA_TOKENS >= SMALLEST_ROOM:
            return ""
        return (
            f"task and extra text leave {profile.name} no room for an outline of the documents "
            f"within {min(profile.window_tokens, self._routing.planner_max_tokens):,} tokens"
        )

    def _hint(self, tier: Tier, size: TaskSize) -> str:
        if tier is not Tier.SMALL and self._planner_obstacle(size):
            return "Put the extra text into a file, or choose a model with a larger window."
        if tier is Tier.LARGE and not size.documents_raw:
            return "Choose files or a folder, or leave the route to the size."
        if tier is not Tier.LARGE and not self._obstacle(Tier.LARGE, size):
            return "Leave the route to the size, choose fewer files, or a larger window."
        return "Choose fewer files, or a model with a larger window."

    def _profile(self, role: Role) -> ModelProfile:
        roles = self._parts.roles
        return roles.planner.profile if role is Role.PLANNER else roles.heavy.profile


_DRAWBACKS = {
    True: "models that are given more than the route is made for overlook more",
    False: "it makes more calls, and the planner does not see the documents",
}


def _misfit(profile: ModelProfile, tokens: int, output: int) -> str:
    return (
        f"{tokens:,} tokens and an answer of up to {output:,} do not fit the window of "
        f"{profile.name} ({profile.window_tokens:,} tokens)"
    )
