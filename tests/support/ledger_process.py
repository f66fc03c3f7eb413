"""A process of its own that works on a shared database: races for a budget, stops to be killed,
opens, or fills the disk. Prints JSON lines. Run as ``python ledger_process.py MODE JSON``.
"""

import asyncio
import json
import random
import resource
import sqlite3
import sys
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

from agentflow_desktop.adapters.sqlite import totals
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.ledger import SqliteLedger
from agentflow_desktop.core.errors import BudgetExceeded, StorageError
from agentflow_desktop.core.money import from_nano_usd, to_nano_usd
from support.money import hold, open_ledger, settled


def say(**fields: Any) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def rest() -> None:
    """Wait to be killed."""
    threading.Event().wait()


async def race(options: dict[str, Any]) -> None:
    """Many tasks reserve odd amounts, spend part of them, and look at the sums meanwhile."""
    chance = random.Random(options["seed"])
    result = {"settled_nusd": 0, "calls": 0, "refused": 0, "highest_nusd": 0}
    limit = options["daily_limit"]
    with open_ledger(Path(options["database"]), daily_limit=Decimal(limit)) as (ledger, database):

        def committed(connection: sqlite3.Connection) -> int:
            days = (
                "SELECT SUM(spent_nusd + reserved_nusd) FROM budget_totals WHERE scope LIKE 'day:%'"
            )
            return int(connection.execute(days).fetchone()[0] or 0)

        async def task(number: int) -> None:
            held = chance.randrange(1, options["largest_nusd"])
            spent = chance.randrange(0, held + 1)
            attempt = f"att_{options['seed']}_{number}"
            asked = hold(attempt, str(from_nano_usd(held)), run_id=f"run_{attempt}")
            try:
                await ledger.reserve(asked)
            except BudgetExceeded:
                result["refused"] += 1
                return
            result["highest_nusd"] = max(result["highest_nusd"], await database.call(committed))
            await asyncio.sleep(chance.random() / 50)
            charged = await ledger.settle(attempt, settled(str(from_nano_usd(spent))))
            result["settled_nusd"] += to_nano_usd(charged)
            result["calls"] += 1

        database.open()
        say(ready=True)
        sys.stdin.readline()
        async with asyncio.TaskGroup() as group:
            for number in range(options["tasks"]):
                group.create_task(task(number))
    say(**result)


def stop_at_commit(database: Database) -> None:
    """From here on, the next COMMIT is announced and never made."""

    def watch(statement: str) -> None:
        if statement == "COMMIT":
            say(stopped=True)
            rest()

    database.call_blocking(lambda c: c.set_trace_callback(watch))


async def stop(options: dict[str, Any]) -> None:
    """Make an attempt up to a step, say so, and wait to be killed there."""
    step, attempt = options["step"], options["attempt"]
    with open_ledger(Path(options["database"])) as (ledger, database):
        if step == "before_reserve_commit":
            stop_at_commit_when_opened(database)
        await ledger.reserve(hold(attempt, "0.30", run_id=f"run_{attempt}"))
        if step == "mid_stream":
            await stream_a_little(ledger, attempt)
        if step == "before_settle_commit":
            stop_at_commit(database)
        if step in ("before_settle_commit", "settled"):
            await ledger.settle(attempt, settled("0.10"))
        say(stopped=True)
        await asyncio.Event().wait()


def stop_at_commit_when_opened(database: Database) -> None:
    database.open()
    stop_at_commit(database)


async def stream_a_little(ledger: SqliteLedger, attempt: str) -> None:
    """A first attempt broke and was settled; its retry is under way."""
    await ledger.settle(attempt, settled("0.10", outcome="broken"))
    await ledger.reserve(hold(f"{attempt}_retry", "0.30", run_id=f"run_{attempt}"))


def open_only(options: dict[str, Any]) -> None:
    """Open the database when told to, at the same moment as others."""
    database = Database(Path(options["database"]))
    say(ready=True)
    sys.stdin.readline()
    database.open()
    names = database.call_blocking(
        lambda c: [row[0] for row in c.execute("SELECT name FROM migrations")]
    )
    database.close()
    say(migrations=names)


async def fill(options: dict[str, Any]) -> None:
    """Reserve until the disk takes no more, then give room again and go on."""
    path = Path(options["database"])
    made = 0
    with open_ledger(path, daily_limit=Decimal(10**6), monthly_limit=Decimal(10**6)) as (
        ledger,
        database,
    ):
        database.open()
        if options["limit_bytes"]:
            limits = (options["limit_bytes"], resource.RLIM_INFINITY)
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        try:
            while made < options["most"]:
                await ledger.reserve(hold(f"att_{made}", "0.01", run_id=f"run_{made}"))
                made += 1
        except StorageError as error:
            say(made=made, message=error.message, hint=error.hint)
        else:
            say(made=made, message="", hint="")
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        sys.stdin.readline()
        await ledger.reserve(hold("att_after", "0.01", run_id="run_after"))
        kept = await database.call(
            lambda c: int(c.execute("SELECT COUNT(*) FROM attempts").fetchone()[0])
        )
        say(kept=kept, disagreements=list(await database.call(totals.disagreements)))


def main() -> None:
    mode, options = sys.argv[1], json.loads(sys.argv[2])
    match mode:
        case "race":
            asyncio.run(race(options))
        case "stop":
            asyncio.run(stop(options))
        case "open":
            open_only(options)
        case "fill":
            asyncio.run(fill(options))
        case _:
            raise SystemExit(f"no such mode: {mode}")


if __name__ == "__main__":
    main()
