"""The door for probing models: what a server can do, found out and, with consent, kept."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from agentflow_desktop.core.errors import ConfigurationError, InputRefused
from agentflow_desktop.llm.model_entries import ModelEntry
from agentflow_desktop.llm.probe_report import ProbeReport
from agentflow_desktop.llm.probing import Prober
from agentflow_desktop.llm.provider import Billing, ModelProfile


class ProbedModels(Protocol):
    """The models as the files say at this moment. Every method may block."""

    def find(self, name: str) -> ModelEntry: ...
    def change(self, name: str, fields: Mapping[str, object]) -> Path | None: ...


class ModelProbing:
    """Every method is safe to await on the window's loop."""

    def __init__(self, models: ProbedModels, prober: Prober) -> None:
        self._models = models
        self._prober = prober

    async def probe_price(self, name: str, *, measures_window: bool = False) -> Decimal:
        """The most that a probe costs. Raises InputRefused for an unknown name, and
        ConfigurationError for a metered model without a price."""
        profile = await self._profile(name)
        price = await asyncio.to_thread(
            self._prober.at_most_usd, profile, measures_window=measures_window
        )
        if price is None:
            raise ConfigurationError(
                f"No price is known for {profile.name} ({profile.model}), so it was not asked.",
                hint="Enter its price in models.yaml (prices), or billing: free if it costs"
                " nothing.",
            )
        return price

    async def probe(
        self, name: str, *, measures_window: bool = False, may_pay: bool = False
    ) -> ProbeReport:
        """Ask the model what its server can do; two short questions, and with
        ``measures_window`` up to nine long ones, which ``may_pay`` must allow for a metered one.

        Raises InputRefused, BudgetExceeded, ConfigurationError.
        """
        profile = await self._profile(name)
        if measures_window and not may_pay and profile.billing is Billing.METERED:
            raise InputRefused(
                f"To measure the window of {name} costs money.",
                hint="Give --yes if you mean it; the price is said first.",
            )
        await self.probe_price(name)  # refuses what has none, and reads the list off the loop
        return await self._prober.probe(profile, measures_window=measures_window)

    async def keep_probe(self, report: ProbeReport) -> Path | None:
        """Write what a probe found into the person's models.yaml, comments and all else left as
        they are; gives the copy of the file as it was. Counts from the program's next start.

        Raises ConfigurationError if the file can't take it, StorageError if the disk refuses.
        """
        fields = {change.field: change.then for change in report.changes}
        if not fields:
            return None
        return await asyncio.to_thread(self._models.change, report.name, fields)

    async def _profile(self, name: str) -> ModelProfile:
        return (await asyncio.to_thread(self._models.find, name)).profile
