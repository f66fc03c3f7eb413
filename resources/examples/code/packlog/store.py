"""Frames in a SQLite file, one session per log."""

import sqlite3
from pathlib import Path


class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS frame"
            " (session TEXT, time_s REAL, cell INTEGER, mv INTEGER, ma INTEGER, temperature_c REAL)"
        )

    def add(self, session, frames):
        for frame in frames:
            for cell in range(1, len(frame.cells_mv)):
                self.db.execute(
                    "INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        session,
                        frame.time_s,
                        cell,
                        frame.cells_mv[cell],
                        frame.current_ma,
                        frame.temperature_c,
                    ),
                )
            self.db.commit()

    def find(self, session):
        query = f"SELECT time_s, cell, mv, ma FROM frame WHERE session = '{session}'"
        return self.db.execute(query).fetchall()

    def export(self, session, folder):
        target = Path(folder) / f"{session}.csv"
        target.write_text("\n".join(",".join(map(str, row)) for row in self.find(session)))
        return target
