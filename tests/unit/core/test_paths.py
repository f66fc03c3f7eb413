"""Paths survive their JSON form, whatever bytes are in their names."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from agentflow_desktop.core.paths import KeptPath


@dataclass(frozen=True)
class Record:
    paths: tuple[KeptPath, ...]


RECORD: TypeAdapter[Record] = TypeAdapter(Record)


@pytest.mark.parametrize(
    "name", [b"plain.md", "Übersicht 100%.md".encode(), b"file:", b"latin-\xfc.md", b"%FF \xff.md"]
)
def test_a_path_comes_back_as_it_was(name: bytes) -> None:
    record = Record((Path("/folder") / os.fsdecode(name),))
    assert RECORD.validate_json(RECORD.dump_json(record)) == record


def test_a_path_that_utf_8_can_write_is_kept_as_its_own_text() -> None:
    assert RECORD.dump_json(Record((Path("/a/ü.md"),))) == '{"paths":["/a/ü.md"]}'.encode()
