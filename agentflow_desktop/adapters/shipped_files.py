"""The only finder of files that come with the program: config, resources, templates, programs.

In a wheel and in the packaged program they stand in ``agentflow_desktop/_shipped``; in a
checkout beside the package.
"""

import os
from pathlib import Path

from agentflow_desktop.core.errors import ConfigurationError, ToolMissing

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped_path(name: str) -> Path:
    """The path of a shipped file or folder, e.g. ``config/settings.yaml``.

    Raises ConfigurationError if the installation lacks it.
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parent):
        path = root / name
        if path.exists():
            return path
    raise ConfigurationError(
        f"The installation is incomplete: {name} is missing.", hint="Install AgentFlow again."
    )


def host_program(name: str) -> Path:
    """The path of a program for this machine that was built from the firmware's sources.

    Raises ToolMissing if it is not here.
    """
    file = f"{name}.exe" if os.name == "nt" else name
    for folder in (_PACKAGE / "_shipped" / "host", _PACKAGE.parent / "build" / "host"):
        path = folder / file
        if path.is_file():
            return path
    raise ToolMissing(
        f"The program {name} is not on this machine.",
        hint="python3 dev.py setup builds it; it needs a C++17 compiler.",
    )
