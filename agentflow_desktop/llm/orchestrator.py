"""The tiers under one roof: a question goes to the one that its route names."""

from collections.abc import Mapping
from typing import Protocol

from agentflow_desktop.core.routing import Tier
from agentflow_desktop.llm.calls import CallPurpose
from agentflow_desktop.llm.conversation import TierParts
from agentflow_desktop.llm.large_tier import LargeTier
from agentflow_desktop.llm.medium_tier import MediumTier
from agentflow_desktop.llm.outcome import Outcome, Watcher
from agentflow_desktop.llm.question import Question
from agentflow_desktop.llm.small_tier import SmallTier


class TierRunner(Protocol):
    """One tier's way to an answer."""

    async def answer(
        self, question: Question, purpose: CallPurpose, watcher: Watcher
    ) -> Outcome: ...


class Orchestrator:
    """Runs questions through both seats."""

    def __init__(self, parts: TierParts) -> None:
        self._is_built_in = parts.roles.is_built_in
        self._tiers: Mapping[Tier, TierRunner] = {
            Tier.SMALL: SmallTier(parts),
            Tier.MEDIUM: MediumTier(parts),
            Tier.LARGE: LargeTier(parts),
        }

    async def answer(
        self, question: Question, tier: Tier, purpose: CallPurpose, watcher: Watcher
    ) -> Outcome:
        """The answer by a tier; the built-in engine has one way for all sizes.

        Raises ProviderError or BudgetExceeded only if not even a first draft came about.
        """
        runner = self._tiers[Tier.SMALL if self._is_built_in else tier]
        return await runner.answer(question, purpose, watcher)
