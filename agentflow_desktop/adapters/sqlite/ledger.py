"""The ledger in SQLite: money is reserved before a call and settled after it.

Every reservation and settlement is one ``BEGIN IMMEDIATE`` transaction that writes the attempt
and the running sums of its run, day and month together, so processes that share the file can't
overdraw a limit between them. A reservation is on the disk itself before the call is sent; if a
power cut takes back a settlement, the hold remains and counts in full.

An attempt is charged at what it cost, even above its hold: the provider's bill is what it is.
Such an attempt is flagged (``is_over_hold``, a warning in the log) and what it took counts
against every later call. The owner of a hold is a process; see ``owner``.
"""

import asyncio
import secrets
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from threading import Lock

from structlog import get_logger

from agentflow_desktop.adapters.sqlite import costs, model_days, sweep, totals
from agentflow_desktop.adapters.sqlite.database import Database, durable, transaction
from agentflow_desktop.adapters.sqlite.limits import Fit, Standing, refusal, warning
from agentflow_desktop.adapters.sqlite.model_days import Cell, CellSums
from agentflow_desktop.adapters.sqlite.owner import this_process
from agentflow_desktop.adapters.sqlite.totals import Delta, Sums
from agentflow_desktop.core.clock import Clock, to_iso_z
from agentflow_desktop.core.errors import BudgetExceeded
from agentflow_desktop.core.money import from_nano_usd, to_nano_usd
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.llm.budget import (
    AttemptState,
    BudgetCalendar,
    Hold,
    Settlement,
    Spending,
    SpendingWarning,
)
from agentflow_desktop.llm.messages import Usage

_log = get_logger(__name__)

_MOST_NUSD = 1 << 62  # SQLite's integers have 64 bits
_SWEEP_EVERY_S = 2.0
_POLL_MS = (30, 150)
_NEVER_SENT = Settlement("", Usage(0, 0), Decimal(0), is_estimated=False, outcome="not_sent")

_INSERT = (
    "INSERT INTO attempts (attempt_id, run_id, job_kind, task_kind, model, state, held_nusd,"
    " charged_nusd, max_tokens, day, reserved_at, owner_boot, owner_pid, owner_started)"
    " VALUES (?, ?, ?, ?, ?, 'held', ?, ?, ?, ?, ?, ?, ?, ?)"
)
_FIND = (
    "SELECT run_id, day, model, task_kind, state, held_nusd, charged_nusd, max_tokens, settled_at"
    " FROM attempts WHERE attempt_id = ?"
)
_CLOSE = (
    "UPDATE attempts SET state = ?, charged_nusd = ?, settled_at = ?, served_model = ?,"
    " input_tokens = ?, cached_input_tokens = ?, output_tokens = ?, thinking_tokens = ?,"
    " is_estimated = ?, is_over_hold = ?, outcome = ? WHERE attempt_id = ?"
)


@dataclass(frozen=True, slots=True)
class _Blocked:
    """Only reservations stand in the way; the error to raise if they stay too long."""

    error: BudgetExceeded


Outcome = SpendingWarning | BudgetExceeded | _Blocked | None


class _Batch:
    """Holds that wait for the database's thread, to be decided in one transaction.

    Under load one commit reaches the disk for all of them, instead of one for each.
    """

    __slots__ = ("holds", "outcomes")

    def __init__(self) -> None:
        self.holds: list[tuple[Hold, int]] = []
        self.outcomes: Future[list[Outcome]] = Future()


class SqliteLedger:
    """The Ledger over a Database. ``saved_by_cache`` gives the dollars that the cache saved."""

    def __init__(
        self,
        database: Database,
        limits: CostSettings,
        calendar: BudgetCalendar,
        clock: Clock,
        saved_by_cache: Callable[[], Awaitable[Decimal]],
    ) -> None:
        self._database = database
        self._limits = limits
        self._calendar = calendar
        self._clock = clock
        self._saved_by_cache = saved_by_cache
        self._owner = this_process()
        self._warned: set[tuple[str, str]] = set()
        self._next_sweep_s = clock.monotonic_s()
        self._batch: _Batch | None = None
        self._batch_lock = Lock()

    async def reserve(self, hold: Hold, deadline_s: float | None = None) -> SpendingWarning | None:
        """See ``llm.budget.Ledger``. A warning comes once per run and limit.

        If the caller is cancelled, nothing stays reserved.
        """
        asked = to_nano_usd(hold.at_most_usd)
        if not 0 <= asked < _MOST_NUSD or hold.max_tokens < 0:
            raise ValueError(f"not an amount that can be held: {hold}")
        started_s = self._clock.monotonic_s()
        while True:
            outcome = await self._try(hold, asked)
            if isinstance(outcome, BudgetExceeded):
                raise outcome
            if not isinstance(outcome, _Blocked):
                return outcome
            waited_s = self._clock.monotonic_s() - started_s
            if deadline_s is not None and waited_s >= deadline_s:
                raise outcome.error
            if await self._sweep_now_and_then():
                continue
            low, high = _POLL_MS
            await asyncio.sleep((low + secrets.randbelow(high - low)) / 1000)

    async def settle(self, attempt_id: str, settlement: Settlement) -> Decimal:
        """See ``llm.budget.Ledger``. Done even if the caller is cancelled meanwhile.

        An attempt that was swept to unknown is corrected by its owner's settlement.
        Raises LookupError for an attempt that was never reserved.
        """
        return await self._database.call(lambda c: self._settle(c, attempt_id, settlement))

    async def sweep(self) -> int:
        """Turn the holds of dead processes to unknown, counted in full; gives how many.

        To be called at start; ``reserve`` does it too while reservations block.
        """
        now = self._clock.now()
        return await self._database.call(lambda c: sweep.sweep_dead(c, self._owner, now))

    async def spending(self) -> Spending:
        now = self._clock.now()
        saved_usd = await self._saved_by_cache()
        return await self._database.call(
            lambda c: costs.spending(c, self._limits, self._calendar, now, saved_usd)
        )

    async def run_cost(self, run_id: str) -> Decimal:
        sums = await self._database.call(lambda c: totals.read(c, totals.run_scope(run_id)))
        return from_nano_usd(sums.spent_nusd)

    async def disagreements(self) -> tuple[str, ...]:
        """Scopes and cells whose running sums differ from the sums of their attempts."""
        return await self._database.call(
            lambda c: totals.disagreements(c) + model_days.disagreements(c)
        )

    async def _try(self, hold: Hold, asked: int) -> Outcome:
        batch, place = self._join(hold, asked)
        try:
            outcomes = await asyncio.shield(asyncio.wrap_future(batch.outcomes))
        except asyncio.CancelledError:
            # It may be made already or still wait for its turn on the thread: release it after.
            self._database.submit(lambda c: self._release(c, hold.attempt_id))
            raise
        return outcomes[place]

    def _join(self, hold: Hold, asked: int) -> tuple[_Batch, int]:
        """Put a hold into the batch that is not yet begun; gives it and the hold's place."""
        with self._batch_lock:
            batch = self._batch
            if batch is None:
                batch = self._batch = _Batch()
                batch.outcomes = self._database.submit(lambda c, b=batch: self._reserve(c, b))
            batch.holds.append((hold, asked))
            place = len(batch.holds) - 1
        if place == 0:
            batch.outcomes.add_done_callback(lambda _: self._close_batch(batch))
        return batch, place

    def _close_batch(self, batch: _Batch) -> None:
        """No hold joins it any more: it is begun, or the database could not be opened."""
        with self._batch_lock:
            if self._batch is batch:
                self._batch = None

    def _reserve(self, connection: sqlite3.Connection, batch: _Batch) -> list[Outcome]:
        self._close_batch(batch)
        with durable(connection), transaction(connection):
            return [self._decide(connection, hold, asked) for hold, asked in batch.holds]

    def _decide(self, connection: sqlite3.Connection, hold: Hold, asked: int) -> Outcome:
        now = self._clock.now()
        day = self._calendar.day(now).isoformat()
        standings = self._standings(connection, hold, asked, day, now)
        stop = self._stop(standings) if self._limits.hard_limits else None
        if stop is not None:
            return stop
        self._insert(connection, hold, asked, day, now)
        return self._warning(hold.run_id, standings)

    def _insert(
        self, connection: sqlite3.Connection, hold: Hold, asked: int, day: str, now: datetime
    ) -> None:
        owner = self._owner
        connection.execute(
            _INSERT,
            (
                hold.attempt_id, hold.run_id, hold.job_kind, hold.task_kind.value, hold.model,
                asked, asked, hold.max_tokens, day, to_iso_z(now), owner.boot, owner.pid,
                owner.started,
            ),
        )  # fmt: skip
        delta = Delta(reserved_nusd=asked, reserved_tokens=hold.max_tokens)
        totals.add(connection, hold.run_id, day, delta)
        cell = Cell(day, hold.model, "", hold.task_kind.value)
        model_days.add(connection, cell, model_days.held(asked))

    def _standings(
        self, connection: sqlite3.Connection, hold: Hold, asked: int, day: str, now: datetime
    ) -> tuple[Standing, ...]:
        """Every limit as it stands: the task's dollars first, then its tokens, day, month."""
        limits = self._limits
        if not limits.enabled:
            return ()
        run, today, month = (totals.read(connection, s) for s in totals.scopes(hold.run_id, day))

        def dollars(name: str, limit: Decimal, sums: Sums, resets: datetime | None) -> Standing:
            spent, reserved = sums.spent_nusd, sums.reserved_nusd
            return Standing(name, _floor(limit), spent, reserved, asked, False, resets)

        return (
            dollars("per_task_limit", limits.per_task_limit, run, None),
            Standing(
                "per_task_max_tokens", limits.per_task_max_tokens, run.spent_tokens,
                run.reserved_tokens, hold.max_tokens, True, None,
            ),
            dollars("daily_limit", limits.daily_limit, today, self._calendar.day_end(now)),
            dollars("monthly_limit", limits.monthly_limit, month, self._calendar.month_end(now)),
        )  # fmt: skip

    def _stop(self, standings: Sequence[Standing]) -> BudgetExceeded | _Blocked | None:
        by_fit = {s.fit: s for s in reversed(standings)}  # the first of each kind is named
        refused, waits = by_fit.get(Fit.REFUSED), by_fit.get(Fit.WAITS)
        if refused is not None:
            return refusal(refused, standings[0] if refused.is_tokens else refused)
        if waits is not None:
            return _Blocked(refusal(waits, standings[0] if waits.is_tokens else waits))
        return None

    def _warning(self, run_id: str, standings: Sequence[Standing]) -> SpendingWarning | None:
        for standing in standings:
            found = warning(standing, self._limits.warn_at_percent)
            if found is not None and (run_id, found.limit_name) not in self._warned:
                self._warned.add((run_id, found.limit_name))
                return found
        return None

    def _settle(
        self, connection: sqlite3.Connection, attempt_id: str, settlement: Settlement
    ) -> Decimal:
        with transaction(connection):
            row = connection.execute(_FIND, (attempt_id,)).fetchone()
            if row is None:
                raise LookupError(f"attempt {attempt_id} was never reserved")
            run_id, day, model, kind, was, held, charged, max_tokens, settled_at = row
            if settled_at is not None:
                return from_nano_usd(charged)
            cost = settlement.cost_usd
            charged = held if cost is None else max(to_nano_usd(cost), 0)
            self._close(connection, attempt_id, settlement, charged, is_over_hold=charged > held)
            was = AttemptState(was)
            delta = _settled_delta(settlement.usage, was, held, charged, max_tokens)
            totals.add(connection, run_id, day, delta)
            before = (model_days.held if was is AttemptState.HELD else model_days.given_up)(held)
            _move(connection, Cell(day, model, "", kind), before, charged, settlement)
        if charged > held:
            _log.warning(
                "attempt_cost_more_than_held", attempt_id=attempt_id, held_nusd=held,
                charged_nusd=charged, served_model=settlement.served_model,
            )  # fmt: skip
        return from_nano_usd(charged)

    def _close(
        self,
        connection: sqlite3.Connection,
        attempt_id: str,
        settlement: Settlement,
        charged: int,
        *,
        is_over_hold: bool,
    ) -> None:
        usage = settlement.usage
        connection.execute(
            _CLOSE,
            (
                _end_state(settlement).value, charged, to_iso_z(self._clock.now()),
                settlement.served_model, usage.input_tokens, usage.cached_input_tokens,
                usage.output_tokens, usage.thinking_tokens, settlement.is_estimated,
                is_over_hold, settlement.outcome, attempt_id,
            ),
        )  # fmt: skip

    def _release(self, connection: sqlite3.Connection, attempt_id: str) -> None:
        if connection.execute(_FIND, (attempt_id,)).fetchone() is not None:
            self._settle(connection, attempt_id, _NEVER_SENT)

    async def _sweep_now_and_then(self) -> int:
        now_s = self._clock.monotonic_s()
        if now_s < self._next_sweep_s:
            return 0
        self._next_sweep_s = now_s + _SWEEP_EVERY_S
        return await self.sweep()


def _floor(limit_usd: Decimal) -> int:
    """A limit in nano-dollars, rounded down: costs round up, limits never do."""
    return -to_nano_usd(-limit_usd)


def _settled_delta(
    usage: Usage, was: AttemptState, held: int, charged: int, max_tokens: int
) -> Delta:
    tokens = usage.input_tokens + usage.output_tokens
    if was is AttemptState.HELD:
        return Delta(
            calls=1,
            spent_nusd=charged,
            reserved_nusd=-held,
            spent_tokens=tokens,
            reserved_tokens=-max_tokens,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
        )
    return Delta(
        spent_nusd=charged - held,
        spent_tokens=tokens - max_tokens,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
    )


def _end_state(settlement: Settlement) -> AttemptState:
    return AttemptState.UNKNOWN if settlement.cost_usd is None else AttemptState.SETTLED


def _move(
    connection: sqlite3.Connection, waited: Cell, before: CellSums, charged: int, end: Settlement
) -> None:
    """Take the attempt out of the cell it waited in and put it where it belongs."""
    model_days.add(connection, waited, before.negated())
    after = model_days.closed(_end_state(end), charged, end.usage, is_estimated=end.is_estimated)
    model_days.add(connection, waited._replace(served_model=end.served_model), after)
