"""The answer as it streams in, then as it stands, with numbers that lead to the quotes."""

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QTextBrowser

from agentflow_desktop.desktop.screens.tasks.answer_document import (
    CITATION_SCHEME,
    stream_format,
    write_answer,
    write_stream,
)
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.llm.claims import Answer

_CARET = "\u258d"


class AnswerView(QTextBrowser):
    """``cited`` gives the number of the citation that was clicked."""

    cited = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._streamed: str | None = None
        self._answer: Answer | None = None
        self._lit: int | None = None
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Answer")
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(0)
        self.setViewportMargins(16, 12, 12, 12)
        self.anchorClicked.connect(self._follow)
        theme.changed.connect(self._redraw)

    def loadResource(self, _kind: int, _name: QUrl | str) -> None:  # noqa: N802
        """Nothing: an answer never makes the window read a file."""
        return

    def show_stream(self, text: str) -> None:
        """Show what has been written so far, with a caret at its end."""
        if self._streamed is None or not text.startswith(self._streamed):
            write_stream(self.document(), self._theme)
            self._streamed, self._answer = "", None
        elif text == self._streamed:
            return
        bar = self.verticalScrollBar()
        was_at_end = bar.value() >= bar.maximum() - 4
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if self._streamed:
            cursor.deletePreviousChar()
        look = stream_format(self._theme)
        cursor.insertText(text[len(self._streamed) :], look)
        look.setForeground(self._theme.color("accent"))
        cursor.insertText(_CARET, look)
        self._streamed = text
        if was_at_end:
            bar.setValue(bar.maximum())

    def show_answer(self, answer: Answer, lit_number: int | None) -> None:
        """Show the answer as code has checked it."""
        if answer is self._answer and lit_number == self._lit:
            return
        is_other = answer is not self._answer
        position = self.verticalScrollBar().value()
        self._answer, self._lit, self._streamed = answer, lit_number, None
        write_answer(self.document(), answer, self._theme, lit_number)
        self.verticalScrollBar().setValue(0 if is_other else position)

    def show_nothing(self) -> None:
        if self._answer is not None or self._streamed is not None:
            self.document().clear()
        self._answer = self._streamed = self._lit = None

    def plain_text(self) -> str:
        return self.document().toPlainText()

    def _redraw(self) -> None:
        answer, streamed, lit = self._answer, self._streamed, self._lit
        self.show_nothing()
        if answer is not None:
            self.show_answer(answer, lit)
        elif streamed is not None:
            self.show_stream(streamed)

    def _follow(self, url: QUrl) -> None:
        if url.scheme() == CITATION_SCHEME and url.path().isdecimal():
            self.cited.emit(int(url.path()))
            self.setFocus(Qt.FocusReason.OtherFocusReason)
