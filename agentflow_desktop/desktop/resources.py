"""Where the window's own fonts and styles stand.

Looks in the two places where shipped files can be, without asking wiring, whose imports would
delay the first window.
"""

from pathlib import Path

from agentflow_desktop.core.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent.parent


def resource_path(name: str) -> Path:
    """The path of a file or folder in ``resources``, e.g. ``fonts``.

    Raises ConfigurationError if the installation lacks it.
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parent):
        path = root / "resources" / name
        if path.exists():
            return path
    raise ConfigurationError(
        f"The installation is incomplete: resources/{name} is missing.",
        hint="Install AgentFlow again.",
    )
