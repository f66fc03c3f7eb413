"""Where this person's files of AgentFlow stand on this machine. Creates nothing."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

_APP = "agentflow"


@dataclass(frozen=True, slots=True)
class Folders:
    """``config``: settings and models; ``data``: the database; ``cache``: kept results."""

    config: Path
    data: Path
    cache: Path
    logs: Path


def find_folders(environ: Mapping[str, str]) -> Folders:
    """The usual folders of the platform, or all below ``AGENTFLOW_HOME`` if that is set."""
    home = environ.get("AGENTFLOW_HOME", "")
    if home:
        root = expanded(home)
        return Folders(root / "config", root / "data", root / "cache", root / "logs")
    return Folders(
        config=platformdirs.user_config_path(_APP, appauthor=False),
        data=platformdirs.user_data_path(_APP, appauthor=False),
        cache=platformdirs.user_cache_path(_APP, appauthor=False),
        logs=platformdirs.user_log_path(_APP, appauthor=False),
    )


def expanded(path: str) -> Path:
    """The absolute path of what a person wrote; ``~`` is the home folder, ``~nobody`` a name."""
    return Path(os.path.expanduser(path)).absolute()  # noqa: PTH111  (Path's own raises there)
