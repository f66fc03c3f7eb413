"""What a plan read is used by the next plan, while the files are as they were."""

from dataclasses import replace
from pathlib import Path

from agentflow_desktop.documents.document import (
    Document,
    FileReading,
    FileState,
    MediaKind,
    SurveyedFile,
)
from agentflow_desktop.workflows.ask.last_readings import MOST_CHARACTERS, LastReadings


def surveyed(name: str, digest: str) -> SurveyedFile:
    return SurveyedFile(Path(name), name, FileState.READ, 10, digest)


def reading(file: SurveyedFile, text: str = "text") -> FileReading:
    document = Document(name=file.name, digest=file.digest, media=MediaKind.TEXT, text=text)
    return FileReading(file, FileState.READ, document)


FILES = (surveyed("a.txt", "d1"), surveyed("b.txt", "d2"))


def test_the_same_files_are_known_and_a_changed_renamed_or_missing_one_is_not() -> None:
    last = LastReadings()
    assert last.of(FILES) is None
    readings = tuple(reading(file) for file in FILES)
    last.keep(FILES, readings)
    counted = tuple(replace(file, raw_tokens=7) for file in FILES)
    assert last.of(counted) is readings
    assert last.of((FILES[0], surveyed("b.txt", "d3"))) is None
    assert last.of((FILES[0], surveyed("c.txt", "d2"))) is None
    assert last.of(FILES[:1]) is None
    assert last.of((FILES[0], replace(FILES[1], state=FileState.FAILED))) is None


def test_a_reading_that_may_go_better_the_next_time_is_not_kept() -> None:
    last = LastReadings()
    failed = FileReading(FILES[1], FileState.FAILED, None, "It took too long.", is_passing=True)
    last.keep(FILES, (reading(FILES[0]), failed))
    assert last.of(FILES) is None


def test_a_great_lot_of_text_is_not_kept_in_memory() -> None:
    last = LastReadings()
    last.keep(FILES, (reading(FILES[0]), reading(FILES[1], "x" * MOST_CHARACTERS)))
    assert last.of(FILES) is None
