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
from agentflow_desktop.llm.step_tier import StepTier


class TierRunner(Protocol):
    """One tier's way to an answer."""

    async def answer(
        self, question: Question, purpose: CallPurpose, watcher: Watcher
    ) -> Outcome: ...


class Orchestrator:
    """Runs questions through both seats."""

    def __init__(self, parts: TierParts) -> None:
        self._is_built_in = parts.roles.is_built_in
        self._names_steps = parts.roles.planner.profile.names_steps
        self._tiers: Mapping[Tier, TierRunner] = {
            Tier.SMALL: SmallTier(parts),
            Tier.MEDIUM: MediumTier(parts),
            Tier.LARGE: LargeTier(parts),
        }
        self._step_tiers: Mapping[Tier, TierRunner] = {tier: StepTier(parts, tier) for tier in Tier}

    async def answer(
        self, question: Question, tier: Tier, purpose: CallPurpose, watcher: Watcher
    ) -> Outcome:
        """The answer by a tier; the built-in engine has one way for all sizes. Where the planner
        names one step at a time and there are documents, the tier's work is done in steps.

        Raises ProviderError or BudgetExceeded only if not even a first draft came about.
        """
        tiers = self._step_tiers if self._names_steps and question.documents else self._tiers
        runner = tiers[Tier.SMALL if self._is_built_in else tier]
        return await runner.answer(question, purpose, watcher)
