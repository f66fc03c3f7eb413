"""Prints which of our heavy libraries are loaded once ``agentflow --help`` has been shown."""

import contextlib
import io
import json
import sys

from agentflow_desktop.__main__ import main

sys.argv = ["agentflow", "--help"]
with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.suppress(SystemExit):
    main()
assert "costs" in shown.getvalue()
loaded = {name.partition(".")[0] for name in sys.modules}
heavy = {"PySide6", "shiboken6", "qasync", "pyqtgraph", "openai", "httpx2", "google"}
print(json.dumps(sorted(heavy & loaded)))
