"""CPU per call through our whole path: priced, held in the ledger, streamed, settled. The address
comes first, then gemini if it speaks that wire format."""

import asyncio
import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

from call_loop import CONCURRENCY, PROMPT, measure
from pydantic import SecretStr

from agentflow_desktop.adapters.google_genai import GoogleGenaiProvider
from agentflow_desktop.adapters.openai_compatible import OpenAICompatibleProvider
from agentflow_desktop.adapters.price_book import OfflinePriceBook
from agentflow_desktop.adapters.prompts_file import load_prompts
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.ledger import SqliteLedger
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.core.settings import CostSettings, ModelSettings
from agentflow_desktop.documents.tokens import Calibration
from agentflow_desktop.llm.budget import BudgetCalendar
from agentflow_desktop.llm.caller import ModelCaller
from agentflow_desktop.llm.calls import AttemptRecord, CallPurpose, Seat
from agentflow_desktop.llm.messages import Message, ModelRequest
from agentflow_desktop.llm.provider import ModelProfile, PriceOverride, ProviderKind


class Observer:
    """Collects what a screen would show."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.attempts: list[AttemptRecord] = []

    async def on_text(self, text: str) -> None:
        self.pieces.append(text)

    async def on_restart(self, reason: str) -> None:
        raise AssertionError(reason)

    async def on_attempt(self, record: AttemptRecord) -> None:
        self.attempts.append(record)

    async def on_notice(self, message: str) -> None:
        raise AssertionError(message)


async def nothing_saved() -> Decimal:
    return Decimal(0)


async def main(base_url: str, folder: Path, *, is_gemini: bool) -> None:
    clock = SystemClock()
    database = Database(folder / "bench.db", clock=clock)
    await asyncio.to_thread(database.open)
    limit = Decimal(1_000_000)
    limits = CostSettings(
        daily_limit=limit, monthly_limit=limit, per_task_limit=limit, per_task_max_tokens=10**12
    )
    ledger = SqliteLedger(database, limits, BudgetCalendar("UTC"), clock, nothing_saved)
    settings = ModelSettings()
    profile = ModelProfile(
        name="bench",
        provider=ProviderKind.GOOGLE_GENAI if is_gemini else ProviderKind.OPENAI_COMPATIBLE,
        model="test-model",
        base_url=base_url,
        prices=(PriceOverride(date(2020, 1, 1), Decimal("1.25"), Decimal(10)),),
    )
    adapter = GoogleGenaiProvider if is_gemini else OpenAICompatibleProvider
    provider = adapter(profile, SecretStr("none"), settings)
    caller = ModelCaller(
        ledger=ledger,
        prices=OfflinePriceBook(),
        settings=settings,
        prompts=load_prompts(folder / "none.yaml"),
        calibration=Calibration({}),
        clock=clock,
    )
    request = ModelRequest("test-model", (Message("user", PROMPT),), 2000)
    purpose = CallPurpose("run_bench", "ask", TaskKind.GENERAL)

    async def call() -> str:
        observer = Observer()
        await caller.call(Seat(profile, provider), request, purpose, observer)
        assert observer.attempts[0].cost_usd > 0
        return "".join(observer.pieces)

    assert CONCURRENCY == 32
    await measure(call)
    await provider.close()
    await asyncio.to_thread(database.close)


with tempfile.TemporaryDirectory() as name:
    asyncio.run(main(sys.argv[1], Path(name), is_gemini="gemini" in sys.argv))
