"""A process of its own that keeps a result in a shared cache file."""

import json
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from agentflow_desktop.adapters.sqlite.cache_file import CacheFile
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.llm.budget import BudgetCalendar
from agentflow_desktop.llm.cache import CacheEntry


def main() -> None:
    """``python cache_process.py put JSON``: open at the same moment as others, put, close."""
    options = json.loads(sys.argv[2])
    file = CacheFile(
        Path(options["path"]), timedelta(hours=1), BudgetCalendar("UTC"), SystemClock()
    )
    sys.stdout.write('{"ready": true}\n')
    sys.stdout.flush()
    sys.stdin.readline()
    moment = datetime.fromisoformat(options["now"])
    file.put(CacheEntry(options["key"], "ask", "", "{}", moment, Decimal(0), 0.0, 0, ()))
    file.close()


if __name__ == "__main__":
    main()
