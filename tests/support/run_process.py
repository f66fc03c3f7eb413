"""A process of its own that starts a run in a shared database and waits to be killed."""

import asyncio
import json
import sys
import threading
from datetime import datetime
from pathlib import Path

from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.runs import SqliteRunStore
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.events import EventCodec, RunStarted


def main() -> None:
    """``python run_process.py start JSON``."""
    options = json.loads(sys.argv[2])
    moment = datetime.fromisoformat(options["now"])
    store = SqliteRunStore(Database(Path(options["path"])), EventCodec({}), SystemClock())
    event = RunStarted(run_id=options["run_id"], at=moment, kind="ask", title="")
    asyncio.run(store.append(event))
    sys.stdout.write('{"started": true}\n')
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
