"""Milliseconds of each read of a history of 100,000 runs, ours and by bare ``sqlite3``.

The bare queries read the same file and give the same rows as tuples. Prints one JSON object.
"""

import asyncio
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from agentflow_desktop.adapters.sqlite.database import Database, transaction
from agentflow_desktop.adapters.sqlite.history import SqliteHistory
from agentflow_desktop.app.jobs import event_codec
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.history import EVERY_RUN, RunFilter
from agentflow_desktop.core.runs import RunState

RUNS = 100_000
PAGE = 100
ROUNDS = 15
WORDS = "charge current limit fuse shunt cell pack thermal test value range log retry".split()
COLUMNS = (
    "run_id, kind, title, state, started_at, ended_at, cost_nusd, number, is_useful, note,"
    " deleted_at"
)
RUN = (
    "INSERT INTO runs (run_id, kind, title, state, started_at, ended_at, cost_nusd, owner_boot,"
    " owner_pid, owner_started, number) VALUES (?, 'ask', ?, ?, '2026-11-01T12:00:00.000000Z',"
    " '2026-11-01T12:01:00.000000Z', ?, '', 1, 1, ?)"
)


def fill(connection: sqlite3.Connection) -> int:
    """A year of busy use: answers of 60 words, two facts a run, one run in 50 about a rare word."""
    chance = random.Random(1)  # noqa: S311
    with transaction(connection):
        for number in range(1, RUNS + 1):
            state = chance.choice(("succeeded", "succeeded", "failed", "cancelled"))
            title = " ".join(chance.choices(WORDS, k=6))
            answer = " ".join(chance.choices(WORDS, k=60))
            rare = " contactor" if number % 50 == 0 else ""
            connection.execute(RUN, (f"run_{number:026}", title, state, number, number))
            connection.execute(
                "INSERT INTO run_search (rowid, title, task, answer) VALUES (?, ?, ?, ?)",
                (number, title, title, answer + rare),
            )
            for name, value in (("model", f"m{number % 5}"), ("task_kind", f"k{number % 8}")):
                connection.execute("INSERT INTO run_facts VALUES (?, ?, ?)", (number, name, value))
            connection.execute(
                "INSERT INTO budget_totals (scope, spent_nusd) VALUES (?, ?)",
                (f"run:run_{number:026}", number),
            )
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # as a year of use would have
    return RUNS


def best(work: Callable[[], object]) -> float:
    """The least milliseconds of some rounds: other work on the machine only adds to it."""
    times: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1_000)
    return min(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        database = Database(Path(folder) / "a.db")
        history = SqliteHistory(database, event_codec(), SystemClock())
        runner.run(database.call(fill))
        bare = sqlite3.connect(Path(folder) / "a.db")
        numbers = runner.run(history.numbers(EVERY_RUN))
        middle = numbers[RUNS // 2 : RUNS // 2 + PAGE]

        def ask(sql: str, *values: object) -> Callable[[], object]:
            return lambda: bare.execute(sql, values).fetchall()

        shown = f"SELECT {COLUMNS} FROM runs WHERE deleted_at IS NULL"  # noqa: S608
        marks = ", ".join("?" * PAGE)
        match = (
            "SELECT number FROM runs WHERE deleted_at IS NULL AND number IN"
            " (SELECT rowid FROM run_search WHERE run_search MATCH ?) ORDER BY number DESC"
        )
        times = {
            "first page": (
                lambda: runner.run(history.runs(EVERY_RUN, limit=PAGE)),
                ask(f"{shown} ORDER BY number DESC LIMIT {PAGE}"),
            ),
            "page in the middle": (
                lambda: runner.run(history.numbered(middle)),
                ask(f"{shown} AND number IN ({marks}) ORDER BY number DESC", *middle),
            ),
            "jump to the end": (
                lambda: runner.run(history.numbered(numbers[-PAGE:])),
                ask(f"{shown} ORDER BY number DESC LIMIT {PAGE} OFFSET {RUNS - PAGE}"),
            ),
            "whole list": (
                lambda: runner.run(history.numbers(EVERY_RUN)),
                ask("SELECT number FROM runs WHERE deleted_at IS NULL ORDER BY number DESC"),
            ),
            "search of a rare word": (
                lambda: runner.run(history.numbers(RunFilter(text="contactor"))),
                ask(match, '"contactor"*'),
            ),
            "counts of a filter": (
                lambda: runner.run(history.counts(RunFilter(state=RunState.FAILED))),
                ask("SELECT state, COUNT(*) FROM runs WHERE deleted_at IS NULL GROUP BY state"),
            ),
        }
        measured = {name: (best(ours), best(peer)) for name, (ours, peer) in times.items()}
        bare.close()
        database.close()
    print(json.dumps(measured))


main()
