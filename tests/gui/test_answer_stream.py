"""An answer that comes in pieces looks as if it had come whole."""

import pytest
from PySide6.QtWidgets import QApplication

from agentflow_desktop.desktop.screens.tasks.answer_view import AnswerView
from agentflow_desktop.desktop.theme import Theme

TEXT = (
    "The cell takes **0.5C**.\n\n| Part | Limit |\n|---|---|\n| Fuse | 15 A |\n\n"
    "- one\n- two\n\nIt melts at 40 °C."
)


@pytest.mark.parametrize("step", [1, 7, 1_000])
def test_a_stream_in_pieces_gives_the_document_of_the_whole(qapp: QApplication, step: int) -> None:
    theme = Theme(qapp, "light")
    whole, pieces = AnswerView(theme), AnswerView(theme)
    whole.show_stream(TEXT)
    for end in range(step, len(TEXT) + step, step):
        pieces.show_stream(TEXT[:end])
    assert pieces.document().toMarkdown() == whole.document().toMarkdown()
    assert pieces.document().blockCount() == whole.document().blockCount()


def test_a_stream_that_begins_anew_leaves_nothing_of_the_first(qapp: QApplication) -> None:
    view = AnswerView(Theme(qapp, "light"))
    view.show_stream("First.\n\nSecond")
    view.show_stream("Other")
    assert view.plain_text().startswith("Other")
    assert "First" not in view.plain_text()
