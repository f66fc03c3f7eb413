"""The answer as it streams in, then as it stands, with numbers that lead to the quotes."""

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QTextBrowser

from agentflow_desktop.desktop.screens.tasks.answer_document import (
    CITATION_SCHEME,
    put_paragraphs,
    stream_format,
    write_answer,
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
        self._finished = 0  # paragraphs of the stream that are set as Markdown
        self._tail = ""
        self._tail_at = 0  # where the paragraph that is being written begins
        self._answer: Answer | None = None
        self._lit: int | None = None
        self._shows_passages = False
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
        """Show what has been written so far, with a caret at its end.

        A finished paragraph is set as Markdown, once; the one being written grows as it comes.
        """
        if text == self._streamed:
            return
        bar = self.verticalScrollBar()
        was_at_end = bar.value() >= bar.maximum() - 4
        *finished, tail = text.split("\n\n")
        is_more = self._streamed is not None and text.startswith(self._streamed)
        if not is_more:
            self.document().clear()
            self._finished, self._tail, self._tail_at = 0, "", 0
        is_same_paragraph = is_more and self._finished == len(finished)
        if not is_same_paragraph:
            new = finished[self._finished :]
            self._tail_at = put_paragraphs(self.document(), self._tail_at, new, self._theme)
            self._tail = ""
        self._grow(tail[len(self._tail) :], has_caret=is_same_paragraph)
        self._streamed, self._finished, self._tail = text, len(finished), tail
        self._answer = None
        if was_at_end:
            bar.setValue(bar.maximum())

    def _grow(self, text: str, *, has_caret: bool) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if has_caret:
            cursor.deletePreviousChar()
        look = stream_format(self._theme)
        cursor.insertText(text, look)
        look.setForeground(self._theme.color("accent"))
        cursor.insertText(_CARET, look)

    def show_answer(
        self, answer: Answer, lit_number: int | None, *, shows_passages: bool = False
    ) -> None:
        """Show the answer as code has checked it."""
        self._shows_passages = shows_passages
        if answer is self._answer and lit_number == self._lit:
            return
        is_other = answer is not self._answer
        position = self.verticalScrollBar().value()
        self._answer, self._lit, self._streamed = answer, lit_number, None
        write_answer(
            self.document(),
            answer,
            self._theme,
            lit_number=lit_number,
            shows_passages=shows_passages,
        )
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
            self.show_answer(answer, lit, shows_passages=self._shows_passages)
        elif streamed is not None:
            self.show_stream(streamed)

    def _follow(self, url: QUrl) -> None:
        if url.scheme() == CITATION_SCHEME and url.path().isdecimal():
            self.cited.emit(int(url.path()))
            self.setFocus(Qt.FocusReason.OtherFocusReason)
