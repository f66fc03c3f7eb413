"""Sizes of folders in which files come and go."""

from pathlib import Path

import pytest

from agentflow_desktop.app.upkeep_queries import UpkeepQueries
from agentflow_desktop.core.log_lines import LogLevel, LogTail

pytestmark = pytest.mark.anyio


class SoundDatabase:
    async def check(self) -> str:
        return ""

    async def back_up(self, reason: str) -> Path:
        return Path(reason)


def no_log(*, most: int, least: LogLevel, run_id: str) -> LogTail:
    return LogTail(None, ())


async def test_a_folder_counts_its_files_and_a_missing_one_nothing(tmp_path: Path) -> None:
    home = tmp_path / "agentflow-1.2"
    (home / "below").mkdir(parents=True)
    (home / "a.log").write_bytes(b"12345")
    (home / "below" / "b.log").write_bytes(b"123")
    (home / "gone.db-wal").symlink_to(home / "nowhere")
    upkeep = UpkeepQueries(
        database=SoundDatabase(),
        list_backups=tuple,
        read_log=no_log,
        list_prompts=tuple,
        list_licences=tuple,
        places=(("Log", home), ("Kept results", tmp_path / "absent")),
        prompts_file=tmp_path / "prompts.yaml",
    )
    log, absent = await upkeep.places()
    assert (log.is_there, log.byte_count) == (True, 8)
    assert (absent.is_there, absent.byte_count) == (False, 0)
