"""Folders become documents in real worker processes; what can't be read costs one row."""

import asyncio
import hashlib
import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from agentflow_desktop.adapters.process import (
    start_child,
    stop_and_wait,
    tool_command,
    tool_environment,
)
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.settings import PerformanceSettings, WorkflowSettings
from agentflow_desktop.documents.document import FileReading, FileState, MediaKind, Selection
from support.log_watch import LogWatch
from support.pdf_files import encrypted_pdf_bytes, pdf_bytes, truncated_pdf_bytes
from support.reading import open_reader, read_all

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and groups of POSIX"),
]

# End tags that match nothing, below open ones without number: slow for any parser of HTML.
_ENDLESS_HTML = b"<b>" * 60_000 + b"</i>" * 60_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "chosen"
    place.mkdir()
    return place


def told(readings: dict[str, FileReading]) -> dict[str, str]:
    return {name: f"{reading.state}: {reading.reason}" for name, reading in readings.items()}


async def test_each_nasty_file_is_a_row_with_its_reason_and_the_rest_is_read(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "good.md").write_text("# Good\n\ntext\n")
    (folder / "locked.pdf").write_bytes(encrypted_pdf_bytes())
    (folder / "cut.pdf").write_bytes(truncated_pdf_bytes())
    (folder / "scan.pdf").write_bytes(pdf_bytes([[], []]))
    (folder / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (folder / "nul.txt").write_bytes(b"one\x00two\x00\x00\x00")
    (folder / "empty.txt").touch()
    (folder / "huge.csv").write_bytes(b"0,0\n" * 300_000)
    (folder / "gone.txt").symlink_to("nowhere")
    (folder / "me.txt").symlink_to("me.txt")
    (folder / "out.txt").symlink_to("/etc/hostname")
    (folder / "loop").symlink_to(folder)
    (folder / "same.md").symlink_to("good.md")
    os.mkfifo(folder / "pipe.txt")
    workflow = WorkflowSettings(max_file_mb=1)

    async with open_reader(tmp_path, workflow=workflow) as reader:
        rows = told(await read_all(reader, folder))

    assert rows == {
        "good.md": "read: ",
        "locked.pdf": "failed: It is protected by a password.",
        "cut.pdf": "failed: It is damaged or is no PDF.",
        "scan.pdf": "failed: Its pages are empty.",
        "picture.md": "skipped: It is a PNG picture.",
        "nul.txt": "skipped: It is not text.",
        "empty.txt": "skipped: The file is empty.",
        "huge.csv": "failed: Too large: 1 MB, at most 1 MB are read.",
        "gone.txt": "skipped: A link to a file that does not exist.",
        "me.txt": "skipped: A link that leads back to itself.",
        "out.txt": "skipped: A link that leaves the chosen folder.",
        "loop/": "skipped: A link to a folder that is listed under its own name.",
        "same.md": "skipped: A link to good.md, which is listed itself.",
        "pipe.txt": "skipped: Not a regular file.",
    }


async def test_encodings_and_wrong_names_are_seen_by_content(folder: Path, tmp_path: Path) -> None:
    (folder / "latin.txt").write_bytes(
        "Gr\u00f6\u00dfe \u00fcber alles, na\u00efve fa\u00e7ade".encode("latin-1")
    )
    (folder / "wide.txt").write_bytes("a wide text".encode("utf-16"))
    (folder / "bare-wide.txt").write_bytes("another wide text".encode("utf-16-le"))
    (folder / "marked.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree")
    (folder / "really.txt").write_bytes(pdf_bytes([["This is a PDF"]]))
    (folder / "letter.pdf").write_text("only words")

    async with open_reader(tmp_path) as reader:
        readings = await read_all(reader, folder)

    documents = {name: r.document for name, r in readings.items() if r.document is not None}
    assert len(documents) == 6
    assert documents["latin.txt"].text.startswith("Gr\u00f6\u00dfe \u00fcber")
    assert "guess" in documents["latin.txt"].notes[0]
    assert documents["wide.txt"].text == "a wide text"
    assert documents["bare-wide.txt"].text == "another wide text"
    assert documents["marked.txt"].text == "one\ntwo\nthree"
    assert documents["really.txt"].media is MediaKind.PDF
    assert documents["letter.pdf"].media is MediaKind.TEXT
    for name, document in documents.items():
        assert document.digest == hashlib.sha256((folder / name).read_bytes()).hexdigest()


async def test_a_long_pdf_is_split_among_workers_and_comes_back_in_order(
    folder: Path, tmp_path: Path
) -> None:
    pages = [[f"This is page {n}", "an inter-", "national line"] for n in range(1, 131)]
    pages[49] = []
    (folder / "long.pdf").write_bytes(pdf_bytes(pages))

    async with open_reader(tmp_path) as reader:
        document = (await read_all(reader, folder))["long.pdf"].document

    assert document is not None
    assert [page.number for page in document.pages] == list(range(1, 131))
    page = document.pages[99]
    assert document.text[page.start : page.end] == "This is page 100\nan inter-\nnational line"
    assert document.notes == ("Page 50 has no text layer.",)
    at = document.text.index("national line", page.start)
    assert (document.span(at, at + 8).page, document.span(at, at + 8).line) == (100, 3)


async def test_ignore_files_nest_and_left_out_folders_are_one_row(
    folder: Path, tmp_path: Path
) -> None:
    for name in ("a.log", "keep.log", "sub/b.log", "sub/c.txt", "node_modules/x/y.js", "out/z.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("text")
    (folder / ".gitignore").write_text("*.log\n!keep.log\n/out/\n")
    (folder / "sub" / ".agentflowignore").write_text("!b.log\nc.txt\n")

    async with open_reader(tmp_path) as reader:
        files = await reader.survey(Selection(directories=(folder,)))

    assert [(file.name, file.state.value) for file in files] == [
        (".gitignore", "skipped"),
        ("a.log", "skipped"),
        ("keep.log", "read"),
        ("node_modules/", "skipped"),
        ("out/", "skipped"),
        ("sub/.agentflowignore", "skipped"),
        ("sub/b.log", "read"),
        ("sub/c.txt", "skipped"),
    ]


async def test_a_chosen_file_is_read_though_an_ignore_file_names_it(
    folder: Path, tmp_path: Path
) -> None:
    (folder / ".gitignore").write_text("*\n")
    (folder / "a.txt").write_text("words")

    async with open_reader(tmp_path) as reader:
        files = await reader.survey(
            Selection(files=(folder / "a.txt", folder / "a.txt"), directories=(folder,))
        )

    assert [(file.name, file.state) for file in files if file.name == "a.txt"] == [
        ("a.txt", FileState.READ)
    ]


async def test_names_with_control_characters_are_read_and_shown_harmlessly(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "two\nlines.txt").write_text("one")
    (folder / "\U0001f50b.txt").write_text("two")
    (folder / "gnp.\u202etxt").write_text("three")
    with open(os.fsencode(folder) + b"/\xff\xfe.txt", "w") as file:  # noqa: ASYNC230, PTH123
        file.write("four")

    async with open_reader(tmp_path) as reader:
        readings = await read_all(reader, folder)

    assert {name: r.document.text for name, r in readings.items() if r.document} == {
        "two\ufffdlines.txt": "one",
        "\U0001f50b.txt": "two",
        "gnp.\ufffdtxt": "three",
        "\ufffd\ufffd.txt": "four",
    }


async def test_no_two_files_are_shown_by_one_name(folder: Path, tmp_path: Path) -> None:
    for name in ("a\x01.md", "a\x02.md", "a\u202e.md"):
        (folder / name).write_text(f"# {ord(name[1])}")

    async with open_reader(tmp_path) as reader:
        readings = await read_all(reader, folder)

    texts = {name: r.document.text for name, r in readings.items() if r.document}
    assert texts == {"a\ufffd.md": "# 1", "a\ufffd (2).md": "# 2", "a\ufffd (3).md": "# 8238"}


async def test_a_file_that_takes_too_long_is_a_row_and_its_worker_is_replaced(
    folder: Path, tmp_path: Path, logs: LogWatch
) -> None:
    (folder / "a.html").write_bytes(_ENDLESS_HTML)
    (folder / "b.txt").write_text("fine")
    performance = PerformanceSettings(reader_processes=1, reader_timeout_s=1.5)

    async with open_reader(tmp_path, performance=performance) as reader:
        readings = await read_all(reader, folder)
        rows = told(readings)

    assert rows == {"a.html": "failed: It took longer than 1.5 s to read.", "b.txt": "read: "}
    assert readings["a.html"].is_passing
    logs.expect("reader_process_lost")


async def test_a_file_that_needs_too_much_memory_is_a_row(folder: Path, tmp_path: Path) -> None:
    (folder / "a.txt").write_bytes(b"0123456 89abcde\n" * 2_500_000)
    (folder / "b.txt").write_text("fine")
    performance = PerformanceSettings(reader_processes=1, reader_memory_mb=128)

    async with open_reader(tmp_path, performance=performance) as reader:
        rows = told(await read_all(reader, folder))

    assert rows["a.txt"].startswith("failed: It needs more memory")
    assert rows["b.txt"] == "read: "


async def test_a_worker_that_dies_costs_its_file_a_row(
    folder: Path, tmp_path: Path, logs: LogWatch
) -> None:
    (folder / "a.html").write_bytes(_ENDLESS_HTML)
    (folder / "b.txt").write_text("fine")

    async with open_reader(tmp_path, performance=PerformanceSettings(reader_processes=1)) as reader:
        reading = asyncio.ensure_future(read_all(reader, folder))
        child = await _one_reader()
        child.send_signal(signal.SIGKILL)
        rows = told(await reading)

    assert rows == {
        "a.html": "failed: The reader process ended on it (exit code -9).",
        "b.txt": "read: ",
    }
    logs.expect("reader_process_lost")


async def test_a_cancelled_reading_ends_its_worker_and_the_next_one_works(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "a.html").write_bytes(_ENDLESS_HTML)

    async with open_reader(tmp_path, performance=PerformanceSettings(reader_processes=1)) as reader:
        reading = asyncio.ensure_future(read_all(reader, folder))
        child = await _one_reader()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.to_thread(child.wait)
        (folder / "a.html").write_text("<p>short")
        rows = await read_all(reader, folder)

    assert rows["a.html"].document is not None
    assert rows["a.html"].document.text == "short"


async def test_closing_ends_every_process(folder: Path, tmp_path: Path) -> None:
    for number in range(8):
        (folder / f"{number}.txt").write_text("text")
    async with open_reader(tmp_path) as reader:
        await read_all(reader, folder)
        children = _readers()
        assert children

    assert not [child for child in children if child.is_running()]


async def test_a_file_changed_after_the_survey_is_not_passed_off_as_the_old_one(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "a.txt").write_text("before")
    async with open_reader(tmp_path) as reader:
        files = await reader.survey(Selection(directories=(folder,)))
        (folder / "a.txt").write_text("after!")
        readings = [reading async for reading in reader.read(files)]

    assert readings[0].reason == "It was changed after the list of files was made."


async def test_the_index_spares_hashing_and_keeps_token_counts(
    folder: Path, tmp_path: Path
) -> None:
    path = folder / "a.txt"
    path.write_text("some words here")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    async with open_reader(tmp_path) as reader:
        await read_all(reader, folder)
        (first,) = await reader.survey(Selection(directories=(folder,)))
        path.write_text("other words now")
        (second,) = await reader.survey(Selection(directories=(folder,)))

    assert first.raw_tokens is not None
    assert second.raw_tokens is None
    assert second.digest == hashlib.sha256(b"other words now").hexdigest()


async def test_a_fresh_file_is_not_indexed_since_it_may_change_within_the_clocks_tick(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "a.txt").write_text("some words here")
    async with open_reader(tmp_path) as reader:
        await reader.survey(Selection(directories=(folder,)))
    database = Database(tmp_path / "index.sqlite3")
    rows = await database.call(lambda c: c.execute("SELECT COUNT(*) FROM file_index").fetchone())
    database.close()

    assert rows == (0,)


@pytest.mark.parametrize("limit", [3])
async def test_too_many_files_and_missing_paths_are_refused(
    folder: Path, tmp_path: Path, limit: int
) -> None:
    for number in range(limit + 1):
        (folder / f"{number}.txt").write_text("text")

    async with open_reader(tmp_path, workflow=WorkflowSettings(max_files=limit)) as reader:
        with pytest.raises(InputRefused, match="more than 3 files"):
            await reader.survey(Selection(directories=(folder,)))
        with pytest.raises(InputRefused, match="does not exist"):
            await reader.survey(Selection(files=(folder / "nowhere.txt",)))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
async def test_what_may_not_be_read_is_a_row(folder: Path, tmp_path: Path) -> None:
    (folder / "a.txt").write_text("text")
    (folder / "a.txt").chmod(0)
    (folder / "closed").mkdir(0)

    async with open_reader(tmp_path) as reader:
        rows = told(await read_all(reader, folder))

    assert rows["a.txt"] == "failed: It can't be read: permission denied."
    assert rows["closed/"] == "failed: The folder can't be opened: permission denied."


def _readers() -> list[psutil.Process]:
    return [c for c in psutil.Process().children() if "reader" in c.cmdline()]


async def _one_reader() -> psutil.Process:
    """The one reader process, once it works on something."""
    while True:
        for child in _readers():
            if child.cpu_times().user > 0.3:
                return child
        await asyncio.sleep(0.02)


async def test_a_worker_ends_by_itself_when_its_parent_is_gone_in_the_middle_of_a_file(
    folder: Path,
) -> None:
    (folder / "a.html").write_bytes(_ENDLESS_HTML)
    process = start_child(tool_command("reader"), environment=tool_environment())
    assert process.stdin is not None
    request = {"path": str(folder / "a.html"), "name": "a.html", "max_bytes": 10_000_000}
    lines = [{"timeout_s": -4.5}, request]  # so that its own alarm rings after half a second
    process.stdin.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    process.stdin.flush()

    assert await asyncio.to_thread(process.wait) == -signal.SIGALRM
    await asyncio.to_thread(stop_and_wait, process)
