"""Keeps what was learnt of each model's token counts from one start to the next."""

import sqlite3
from collections.abc import Mapping

from agentflow_desktop.adapters.sqlite.database import Database, transaction
from agentflow_desktop.documents.tokens import Calibration, ModelRatio


class CalibrationTable:
    """The calibration's rows. Of two programs at once, the one that closes last is believed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> Calibration:
        """The calibration as it was kept last."""
        return Calibration(await self._database.call(_read))

    async def keep(self, calibration: Calibration) -> None:
        """Keep what was learnt."""
        ratios = calibration.snapshot()
        await self._database.call(lambda connection: _write(connection, ratios))


def _read(connection: sqlite3.Connection) -> Mapping[str, ModelRatio]:
    rows = connection.execute("SELECT model, raw, real FROM calibration")
    return {str(model): ModelRatio(float(raw), float(real)) for model, raw, real in rows}


def _write(connection: sqlite3.Connection, ratios: Mapping[str, ModelRatio]) -> None:
    with transaction(connection):
        connection.executemany(
            "INSERT INTO calibration VALUES (?, ?, ?)"
            " ON CONFLICT (model) DO UPDATE SET raw = excluded.raw, real = excluded.real",
            [(model, ratio.raw, ratio.real) for model, ratio in ratios.items()],
        )
