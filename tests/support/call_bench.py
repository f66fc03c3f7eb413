"""A ModelCaller over a real server, a real ledger file and real prices, and what a test looks at
afterwards.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from agentflow_desktop.adapters.price_book import OfflinePriceBook
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.ledger import SqliteLedger
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.documents.tokens import Calibration
from agentflow_desktop.llm.attempts import upper_bound_tokens
from agentflow_desktop.llm.caller import ModelCaller
from agentflow_desktop.llm.calls import Seat
from agentflow_desktop.llm.messages import ModelReply, ModelRequest
from support.call_parts import PURPOSE, SETTINGS, Notes, a_request, a_seat, some_prompts
from support.loopback_server import LoopbackServer, Reply, Script
from support.money import open_ledger
from support.openai_server import OpenAIServer


@dataclass
class Bench:
    """A caller over a server, with everything that a test looks at afterwards."""

    server: LoopbackServer
    seat: Seat
    caller: ModelCaller
    ledger: SqliteLedger
    database: Database
    notes: Notes
    calibration: Calibration
    waits: list[float] = field(default_factory=list[float])

    async def call(self, request: ModelRequest | None = None) -> ModelReply:
        return await self.caller.call(self.seat, request or a_request(), PURPOSE, self.notes)

    async def attempts(self) -> list[tuple[str, int, int, str]]:
        """State, held and charged nano-dollars, outcome of every attempt, oldest first."""
        return await self.database.call(
            lambda c: c.execute(
                "SELECT state, held_nusd, charged_nusd, outcome FROM attempts ORDER BY reserved_at"
            ).fetchall()
        )

    async def outcomes(self) -> list[str]:
        return [outcome for *_, outcome in await self.attempts()]


@asynccontextmanager
async def open_bench(
    folder: Path,
    *replies: Reply,
    script: Script | None = None,
    settings: ModelSettings = SETTINGS,
    profile: dict[str, Any] | None = None,
    server_type: type[LoopbackServer] = OpenAIServer,
    **limits: Any,
) -> AsyncIterator[Bench]:
    """A bench; on leaving, no hold may be open and the ledger's sums must agree."""
    waits: list[float] = []

    async def note_wait(seconds: float) -> None:
        waits.append(seconds)

    with (
        server_type(script or list(replies)) as server,
        open_ledger(folder / "test.db", **limits) as (ledger, database),
    ):
        given = {"base_url": server.base_url, **(profile or {})}
        seat = a_seat(given.pop("base_url"), settings=settings, **given)
        calibration = Calibration()
        caller = ModelCaller(
            ledger=ledger,
            prices=OfflinePriceBook(),
            settings=settings,
            prompts=some_prompts(),
            calibration=calibration,
            clock=SystemClock(),
            sleep=note_wait,
        )
        made = Bench(server, seat, caller, ledger, database, Notes(), calibration, waits)
        try:
            yield made
        finally:
            await seat.provider.close()
        assert "held" not in [state for state, *_ in await made.attempts()]
        assert await ledger.disagreements() == ()
        charged = sum(charged for _, _, charged, _ in await made.attempts())
        assert await ledger.run_cost(PURPOSE.run_id) == Decimal(charged).scaleb(-9)


def held_nusd(request: ModelRequest) -> int:
    """What the tests' model holds: a token a byte at $1, the output limit at $2 per million."""
    return upper_bound_tokens(request) * 1000 + request.max_output_tokens * 2000
