"""Milliseconds until a year of 100,000 attempts is summed for chart and table, and by bare SQL."""

import asyncio
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path

from agentflow_desktop.adapters.sqlite.costs import SqliteCostBook
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.model_days import OF_ATTEMPTS
from agentflow_desktop.desktop.screens.costs.chart_data import assign_series, spend_data
from agentflow_desktop.llm.costs import CostGroup, Days

ATTEMPTS, MODELS, PER_RUN = 100_000, 8, 5
FIRST = date(2025, 11, 24)
YEAR = Days(FIRST, FIRST + timedelta(days=364))
ROUNDS = 9
KINDS = ("general", "logs", "security", "documents", "codebase")
BARE = (
    "SELECT day, model, SUM(charged_nusd), SUM(input_tokens), SUM(output_tokens) FROM attempts"
    " WHERE day BETWEEN ? AND ? GROUP BY day, model"
)


def fill(connection: sqlite3.Connection) -> None:
    """What the ledger would have written, in one transaction."""
    chance = random.Random(1)  # noqa: S311
    rows = []
    for number in range(ATTEMPTS):
        day = (FIRST + timedelta(days=number * 365 // ATTEMPTS)).isoformat()
        model, cost = f"model-{chance.randrange(MODELS)}", chance.randrange(10**6, 10**8)
        rows.append(
            (
                f"att_{number:026}", f"run_{number // PER_RUN:026}", "ask", chance.choice(KINDS),
                model, "settled", cost + 1_000, cost, 9_000, day, day, day, model, 3_000, 500, 800,
                300, 0, 0, "ok", "boot", 1, 1,
            )
        )  # fmt: skip
    connection.execute("BEGIN")
    places = ", ".join("?" for _ in rows[0])
    connection.executemany(f"INSERT INTO attempts VALUES ({places})", rows)  # noqa: S608
    connection.execute(
        f"INSERT INTO model_days SELECT day, model, served_model, task_kind, {OF_ATTEMPTS}"  # noqa: S608
        " FROM attempts GROUP BY 1, 2, 3, 4"
    )
    connection.execute("COMMIT")


async def milliseconds(work: Callable[[], Awaitable[object]]) -> float:
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await work()
        took.append((time.perf_counter() - started) * 1e3)
    return statistics.median(took)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "a.db")
        await database.call(fill)
        book = SqliteCostBook(database)
        ends = (YEAR.first.isoformat(), YEAR.last.isoformat())
        found = {
            "ours": await milliseconds(lambda: book.bars(YEAR, CostGroup.DAY)),
            "bare": await milliseconds(
                lambda: database.call(lambda c: c.execute(BARE, ends).fetchall())
            ),
            "table by model": await milliseconds(lambda: book.lines(YEAR, CostGroup.MODEL)),
            "table by run": await milliseconds(lambda: book.lines(YEAR, CostGroup.RUN, 500)),
        }
        bars = await book.bars(YEAR, CostGroup.DAY)
        series = assign_series({}, await book.lines(YEAR, CostGroup.MODEL))
        started = time.perf_counter()
        spend_data(YEAR, CostGroup.DAY, bars, series)
        found["bars of a year made of sums"] = (time.perf_counter() - started) * 1e3
        database.close()
    print(json.dumps(found))


asyncio.run(main())
