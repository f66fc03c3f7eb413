"""Drafts in the program's database: a name and a body that is only stored."""

import sqlite3
from collections.abc import Sequence

from agentflow_desktop.adapters.sqlite.database import Database, transaction
from agentflow_desktop.workflows.ask.drafts import DraftRow


class SqliteDraftStore:
    """A ``DraftStore``. Two windows share the rows; of one draft the last word stays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rows(self) -> Sequence[DraftRow]:
        """See ``workflows.ask.drafts.DraftStore``."""
        return await self._database.call(_read)

    async def change(self, kept: Sequence[DraftRow], dropped: Sequence[str]) -> None:
        """See ``workflows.ask.drafts.DraftStore``."""
        await self._database.call(lambda connection: _write(connection, kept, dropped))


def _read(connection: sqlite3.Connection) -> list[DraftRow]:
    rows = connection.execute("SELECT draft_id, body FROM drafts ORDER BY draft_id")
    return [DraftRow(str(draft_id), str(body)) for draft_id, body in rows]


def _write(
    connection: sqlite3.Connection, kept: Sequence[DraftRow], dropped: Sequence[str]
) -> None:
    with transaction(connection):
        connection.executemany(
            "INSERT INTO drafts VALUES (?, ?)"
            " ON CONFLICT (draft_id) DO UPDATE SET body = excluded.body",
            [(row.draft_id, row.body) for row in kept],
        )
        connection.executemany(
            "DELETE FROM drafts WHERE draft_id = ?", [(draft_id,) for draft_id in dropped]
        )
