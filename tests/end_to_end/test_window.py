"""The whole program in a real window on a virtual screen: first start, report, look, leaving."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from agentflow_desktop.desktop.application import DesktopProgram
from agentflow_desktop.desktop.main_window import MainWindow
from agentflow_desktop.desktop.widgets.rail import RailButton
from support.real_window import Place, RealWindow, wait_until
from support.window_places import places_of

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
OpenWindow = Callable[..., RealWindow]
EXAMPLE = "What limits the charge current?"
LIGHT, DARK, DARK_SURFACE = "#f2f4f6", "#121518", "#181c20"
"""The ground of the rail in both themes, and of its chosen button in the dark one."""


def first_example(_: DesktopProgram, window: MainWindow) -> list[QWidget]:
    return [window.tasks_screen.page.result.empty.buttons[0]]


def rail_buttons(_: DesktopProgram, window: MainWindow) -> list[QWidget]:
    return list(window.rail.findChildren(RailButton))


def test_a_newcomer_clicks_an_example_and_writes_its_report_with_the_keyboard(
    open_window: OpenWindow, qapp: QApplication, tmp_path: Path
) -> None:
    window = open_window()
    (example,) = places_of(qapp, tmp_path / "twin", window.size, first_example)
    window.click(example)
    wait_until(lambda: window.draft_is_kept(EXAMPLE), "for the example to be put into the task")
    window.press("ctrl+Return")
    wait_until(lambda: window.runs() == [(EXAMPLE, "succeeded")], "for the answer")
    window.press("ctrl+3")
    page, paper = tmp_path / "answer.html", tmp_path / "answer.pdf"
    for report in (page, paper):
        window.open_file_dialog("ctrl+e", "Export the report", report)
        wait_until(report.exists, f"for {report.name}")
    assert EXAMPLE in page.read_text(encoding="utf-8")
    assert paper.read_bytes().startswith(b"%PDF-")
    window.close()


def test_look_size_and_screen_are_as_they_were_left(
    open_window: OpenWindow, qapp: QApplication, tmp_path: Path
) -> None:
    window = open_window()
    window.resize(1_100, 760)
    left, top = 28, 400
    wait_until(lambda: window.color_at((left, top)) == LIGHT, "for light")
    window.find_and_do("dark")
    wait_until(lambda: window.color_at((left, top)) == DARK, "for dark")
    buttons = [
        (x_px - 14, y_px - 10)  # beside the icon
        for x_px, y_px in places_of(qapp, tmp_path / "twin", window.size, rail_buttons)
    ]
    for number, button in enumerate(buttons, 1):
        window.press(f"ctrl+{number}")
        wait_until(lambda at=button: is_chosen(window, at), f"for screen {number}")
        window.assert_no_complaint()
    window.close()
    again = open_window()
    wait_until(lambda: is_chosen(again, buttons[-1]), "for the last screen in dark")
    assert again.size == (1_100, 760)
    again.close()


def is_chosen(window: RealWindow, button: Place) -> bool:
    return window.color_at(button) == DARK_SURFACE


def test_a_polite_kill_closes_the_window_with_everything_settled(open_window: OpenWindow) -> None:
    window = open_window()
    window.process.send_signal(signal.SIGTERM)
    window.assert_ends_well()
