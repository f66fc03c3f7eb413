"""The door for drafts: open tasks that outlive the window."""

import json
from collections.abc import Sequence

from pydantic import TypeAdapter
from structlog import get_logger

from agentflow_desktop.workflows.ask.drafts import DraftRow, DraftStore, TaskDraft

_log = get_logger(__name__)
_DRAFT: TypeAdapter[TaskDraft] = TypeAdapter(TaskDraft)


class DraftQueries:
    """Reads and keeps drafts. Every method is safe to await on the window's loop."""

    def __init__(self, store: DraftStore) -> None:
        self._store = store

    async def load(self) -> tuple[TaskDraft, ...]:
        """Every draft that this version can read, in the order of their opening.

        One that it can't read stays stored as it is: the version that wrote it can.
        """
        found: list[TaskDraft] = []
        for row in await self._store.rows():
            try:
                found.append(_DRAFT.validate_python(json.loads(row.body)))
            except ValueError as error:
                _log.warning(
                    "draft_not_readable", draft_id=row.draft_id, error=type(error).__name__
                )
        return tuple(found)

    async def keep(self, kept: Sequence[TaskDraft], dropped: Sequence[str] = ()) -> None:
        """Keep these as they are now and forget the ids in ``dropped``. Raises StorageError."""
        await self._store.change([_row(draft) for draft in kept], dropped)


def _row(draft: TaskDraft) -> DraftRow:
    # Not pydantic's own JSON: it refuses file names that are no text, which Python's writes
    # as lone surrogates and reads back.
    return DraftRow(draft.draft_id, json.dumps(_DRAFT.dump_python(draft, mode="json")))
