"""Both streams of a command: what goes where, and what a hostile text can't do."""

import io
import os

import pytest

from agentflow_desktop.cli.terminal import OutputClosed, Terminal, as_table, visible


class Tty(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def rich_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_control_and_direction_characters_become_visible() -> None:
    hostile = "a\x1b[2Jb\x9b1mc\u202ed\x07e\tf\ng\rh\r\ni"
    assert visible(hostile) == "a\ufffd[2Jb\ufffd1mc\ufffdd\ufffde\tf\ng\ufffdh\ni"


@pytest.mark.usefixtures("rich_world")
def test_a_status_line_is_wiped_before_the_next_line() -> None:
    err = Tty()
    terminal = Terminal(io.StringIO(), err)
    terminal.status("1 of 2")
    terminal.status("2 of 2")
    terminal.note("done")
    assert err.getvalue() == "\r\x1b[K1 of 2\r\x1b[K2 of 2\r\x1b[Kdone\n"


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("NO_COLOR", "1")])
async def test_a_plain_terminal_gets_no_codes(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    out, err = Tty(), Tty()
    terminal = Terminal(out, err)
    terminal.status("1 of 2")
    terminal.note("done")
    await terminal.show_markdown("**bold** [1]")
    assert (out.getvalue(), err.getvalue()) == ("**bold** [1]\n", "done\n")


@pytest.mark.usefixtures("rich_world")
async def test_a_terminal_gets_drawn_markdown_without_links_to_click(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    out = Tty()
    await Terminal(out, Tty()).show_markdown("**bold** [text](http://evil.example) [1]")
    assert "\x1b[1mbold" in out.getvalue()
    assert "\x1b]8" not in out.getvalue()
    assert "http://evil.example" in out.getvalue()


def test_a_closed_stdout_is_told_apart_and_a_closed_stderr_is_no_matter() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    broken = os.fdopen(write_end, "w")
    with pytest.raises(OutputClosed):
        Terminal(broken, io.StringIO()).print("x" * 100_000)
    Terminal(io.StringIO(), broken).note("x" * 100_000)
    broken.close()


def test_tables_align_and_stay_one_line_a_row() -> None:
    table = as_table(("name", "n"), [("a\nb", "1"), ("\x1b[1mlong", "1,000")], right=(1,))
    assert table.splitlines() == ["name          n", "a b           1", "\ufffd[1mlong  1,000"]
