"""Child processes: started in a group of their own, ended by one ladder. Owns no protocol."""

import contextlib
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


def tool_command(name: str) -> list[str]:
    """The command that runs ``--tool NAME`` of this program, from source or frozen.

    ``-P`` keeps the working directory off the import path: a person may well ask about a folder
    that holds a ``json.py``.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, "--tool", name]
    return [sys.executable, "-P", "-m", "agentflow_desktop", "--tool", name]


def tool_environment() -> dict[str, str]:
    """The environment for ``tool_command``: as ours, with the package importable."""
    environment = dict(os.environ)
    if not getattr(sys, "frozen", False):
        installed = {Path(sysconfig.get_path(key)).resolve() for key in ("purelib", "platlib")}
        if _PACKAGE_PARENT not in installed:
            old = environment.get("PYTHONPATH")
            paths = [str(_PACKAGE_PARENT), *([old] if old else [])]
            environment["PYTHONPATH"] = os.pathsep.join(paths)
    return environment


def start_child(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """A child with pipes for stdin and stdout and nothing for stderr, leading its own group.

    Raises OSError if it can't be started.
    """
    if sys.platform == "win32":
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=cwd,
            creationflags=subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW,
        )
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=cwd,
        start_new_session=True,
    )


def signal_group(process: subprocess.Popen[bytes], *, kill: bool) -> None:
    """Ask the child and its descendants to end, or with ``kill`` make them. Returns at once.

    Windows has no groups to signal: there only the child itself is ended.
    """
    if sys.platform == "win32":
        process.kill() if kill else process.terminate()
        return
    if process.returncode is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL if kill else signal.SIGTERM)
    except ProcessLookupError:
        return


def stop_and_wait(process: subprocess.Popen[bytes], grace_s: float = 2.0) -> int:
    """Terminate, wait, kill, wait. Blocks; gives the exit code."""
    if process.poll() is None:
        signal_group(process, kill=False)
        try:
            process.wait(grace_s)
        except subprocess.TimeoutExpired:
            signal_group(process, kill=True)
    code = process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):  # what was still to be written has no reader
                pipe.close()
    return code
