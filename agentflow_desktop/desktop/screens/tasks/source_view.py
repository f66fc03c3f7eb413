"""A part of a document with line numbers and the quoted lines lit."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from agentflow_desktop.desktop.screens.tasks.source_excerpt import Excerpt
from agentflow_desktop.desktop.theme import Theme


class _Gutter(QWidget):
    def __init__(self, view: "SourceView") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self._view.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        self._view.paint_gutter(self, event)


class SourceView(QPlainTextEdit):
    """Shows an Excerpt, read only; yellow is the quote and nothing else."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._excerpt: Excerpt | None = None
        self._gutter = _Gutter(self)
        self.setProperty("kind", "source")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Source text")
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.document().setDocumentMargin(8)
        self.updateRequest.connect(self._move_gutter)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def excerpt(self) -> Excerpt | None:
        return self._excerpt

    def show_excerpt(self, excerpt: Excerpt | None) -> None:
        if excerpt is self._excerpt:
            return
        self._excerpt = excerpt
        self.setPlainText(excerpt.text if excerpt is not None else "")
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)
        self._light()
        if excerpt is not None and excerpt.lit_end > excerpt.lit_start:
            self._scroll_to(excerpt.lit_start)

    def gutter_width(self) -> int:
        if self._excerpt is None or not self._excerpt.numbers:
            return 0
        digits = len(str(self._excerpt.numbers[-1]))
        return 24 + self.fontMetrics().horizontalAdvance("9") * max(digits, 2)

    def lit_text(self) -> str:
        """The characters that are lit, as they stand in the file."""
        excerpt = self._excerpt
        return excerpt.text[excerpt.lit_start : excerpt.lit_end] if excerpt is not None else ""

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(area.left(), area.top(), self.gutter_width(), area.height())

    def paint_gutter(self, gutter: QWidget, event: QPaintEvent) -> None:
        """Draw the line numbers and the bar beside lit lines."""
        painter = QPainter(gutter)
        painter.fillRect(event.rect(), self._theme.color("surface"))
        if self._excerpt is None:
            return
        painter.setFont(self.font())
        lit = self._lit_blocks()
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= event.rect().bottom():
            height = self.blockBoundingRect(block).height()
            number = block.blockNumber()
            if number < len(self._excerpt.numbers):
                room = QRect(0, round(top), gutter.width(), round(height))
                self._paint_number(painter, room, number, is_lit=number in lit)
            top += height
            block = block.next()

    def _paint_number(self, painter: QPainter, room: QRect, index: int, *, is_lit: bool) -> None:
        assert self._excerpt is not None
        if is_lit:
            painter.fillRect(room, self._theme.color("quote"))
            bar = QRect(0, room.top(), 3, room.height())
            painter.fillRect(bar, self._theme.color("quote_bar"))
        painter.setPen(self._theme.color("quote_text" if is_lit else "muted"))
        line = QRect(0, room.top(), room.width() - 10, self.fontMetrics().height())
        number = str(self._excerpt.numbers[index])
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, number)

    def _lit_blocks(self) -> range:
        excerpt = self._excerpt
        if excerpt is None or excerpt.lit_end <= excerpt.lit_start:
            return range(0)
        first = excerpt.text.count("\n", 0, excerpt.lit_start)
        return range(
            first, first + excerpt.text.count("\n", excerpt.lit_start, excerpt.lit_end) + 1
        )

    def _light(self) -> None:
        selections = [s for number in self._lit_blocks() for s in self._line_selections(number)]
        excerpt = self._excerpt
        if excerpt is not None and _is_part_of_a_line(excerpt):
            selections.append(self._quote_selection(excerpt))
        self.setExtraSelections(selections)
        self._gutter.update()

    def _line_selections(self, number: int) -> tuple[QTextEdit.ExtraSelection, ...]:
        """The whole block, then its last visual line, which a selection lights only to its end."""
        look = self._quote_format()
        look.setProperty(QTextFormat.Property.FullWidthSelection, True)
        whole = QTextCursor(self.document().findBlockByNumber(number))
        whole.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        end = QTextCursor(whole)
        end.clearSelection()
        return _selection(whole, look), _selection(end, look)

    def _quote_selection(self, excerpt: Excerpt) -> QTextEdit.ExtraSelection:
        look = self._quote_format()
        look.setFontUnderline(True)
        look.setUnderlineColor(self._theme.color("quote_bar"))
        cursor = QTextCursor(self.document())
        cursor.setPosition(_utf16(excerpt.text, excerpt.lit_start))
        cursor.setPosition(_utf16(excerpt.text, excerpt.lit_end), QTextCursor.MoveMode.KeepAnchor)
        return _selection(cursor, look)

    def _quote_format(self) -> QTextCharFormat:
        look = QTextCharFormat()
        look.setBackground(self._theme.color("quote"))
        look.setForeground(self._theme.color("quote_text"))
        return look

    def _scroll_to(self, offset: int) -> None:
        assert self._excerpt is not None
        cursor = QTextCursor(self.document())
        cursor.setPosition(_utf16(self._excerpt.text, offset))
        self.setTextCursor(cursor)
        self.centerCursor()

    def _move_gutter(self, rect: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())

    def _restyle(self) -> None:
        self.setFont(self._theme.mono_font(12))
        self._light()


def _selection(cursor: QTextCursor, look: QTextCharFormat) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    selection.cursor = cursor  # type: ignore[attr-defined]
    selection.format = look  # type: ignore[attr-defined]
    return selection


def _is_part_of_a_line(excerpt: Excerpt) -> bool:
    """Whether the quote is less than the lines that it lights, so that it must be told apart."""
    if excerpt.lit_end <= excerpt.lit_start:
        return False
    before = excerpt.text.rfind("\n", 0, excerpt.lit_start) + 1
    after = excerpt.text.find("\n", excerpt.lit_end)
    after = len(excerpt.text) if after == -1 else after
    rest = excerpt.text[before : excerpt.lit_start] + excerpt.text[excerpt.lit_end : after]
    return bool(rest.strip())


def _utf16(text: str, offset: int) -> int:
    """The offset in Qt's units: characters beyond the basic plane count twice there."""
    return offset + sum(1 for character in text[:offset] if ord(character) > 0xFFFF)
