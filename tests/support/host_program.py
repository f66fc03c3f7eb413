"""The simulated pack for tests: built by ``python3 dev.py setup`` where there is a compiler."""

import pytest

from agentflow_desktop.adapters.shipped_files import host_program
from agentflow_desktop.core.errors import ToolMissing


def _is_missing() -> bool:
    try:
        host_program("simulated_pack")
    except ToolMissing:
        return True
    return False


needs_simulated_pack = pytest.mark.skipif(
    _is_missing(), reason="build/host/simulated_pack is not built: there is no C++17 compiler"
)
