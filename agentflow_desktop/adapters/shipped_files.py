"""The only finder of files that come with the program: config, resources, templates.

In a wheel and in the packaged program they stand in ``agentflow_desktop/_shipped``; in a
checkout beside the package.
"""

from pathlib import Path

from agentflow_desktop.core.errors import ConfigurationError

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
