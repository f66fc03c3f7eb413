"""Draws a table's cells: swatch, icon, words with a second line, badge, share bar."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import badge_size, paint_badge
from agentflow_desktop.desktop.widgets.table_model import Cell, TableModel

PADDING_PX = 12
_GAP_PX = 6
_ICON_PX = 16
_SWATCH_PX = 9
_BAR_PX = 4
_RIGHT, _MIDDLE = Qt.TextElideMode.ElideRight, Qt.TextElideMode.ElideMiddle
_Index = QModelIndex | QPersistentModelIndex


class TableDelegate(QStyledItemDelegate):
    """One for every table, so that all look alike."""

    def __init__(self, theme: Theme, row_px: int) -> None:
        super().__init__()
        self._theme = theme
        self._row_px = row_px

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:  # noqa: N802
        return QSize(40, self._row_px)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, TableModel)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        painter.save()
        paint_row_ground(painter, self._theme, rect, state, is_first=index.column() == 0)
        is_number = model.columns[index.column()].is_number
        # A number stands at the right and is never cut: what is left of it may be used.
        room = rect.adjusted(0 if is_number else PADDING_PX, 0, -PADDING_PX, -1)
        cell = model.cell(index)
        if cell is None:
            self._paint_waiting(painter, room)
        else:
            self._paint_cell(painter, room, cell, is_number=is_number)
        painter.restore()

    def _paint_waiting(self, painter: QPainter, room: QRect) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("sunken"))
        width = min(room.width(), 120)
        painter.drawRoundedRect(QRect(room.left(), room.center().y() - 4, width, 8), 4, 4)

    def _paint_cell(self, painter: QPainter, room: QRect, cell: Cell, *, is_number: bool) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if cell.share is not None:
            room = self._paint_share(painter, room, cell)
        if cell.swatch:
            top = room.top() + (room.height() - _SWATCH_PX) // 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(cell.swatch))
            painter.drawRoundedRect(QRect(room.left(), top, _SWATCH_PX, _SWATCH_PX), 2, 2)
            room = room.adjusted(_SWATCH_PX + _GAP_PX, 0, 0, 0)
        if cell.icon:
            top = room.top() + (room.height() - _ICON_PX) // 2
            place = QRect(room.left(), top, _ICON_PX, _ICON_PX)
            self._theme.paint_icon(painter, place, cell.icon, cell.icon_tone)
            room = room.adjusted(_ICON_PX + _GAP_PX, 0, 0, 0)
        if cell.badge:
            room = self._paint_badge(painter, room, cell, is_number=is_number)
        self._paint_words(painter, room, cell, is_number=is_number or cell.share is not None)

    def _paint_badge(self, painter: QPainter, room: QRect, cell: Cell, *, is_number: bool) -> QRect:
        """The badge after the words, or at the right end; gives the room that is left."""
        size = badge_size(self._theme, cell.badge, cell.badge_icon)
        width = min(size.width(), room.width())
        left = room.right() + 1 - width if cell.text or is_number else room.left()
        top = room.top() + (room.height() - size.height()) // 2
        place = QRect(left, top, width, size.height())
        paint_badge(painter, self._theme, place, cell.badge, cell.badge_tone, icon=cell.badge_icon)
        return room.adjusted(0, 0, -width - _GAP_PX, 0)

    def _paint_share(self, painter: QPainter, room: QRect, cell: Cell) -> QRect:
        """The bar with its words at the right; gives the room of the words."""
        words_px = 52 if cell.text else 0
        whole = QRectF(
            room.left(), room.center().y() - _BAR_PX / 2, room.width() - words_px, _BAR_PX
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("border"))
        painter.drawRoundedRect(whole, 2, 2)
        filled = QRectF(whole)
        filled.setWidth(whole.width() * min(max(cell.share or 0.0, 0.0), 1.0))
        painter.setBrush(self._theme.color(cell.share_tone))
        painter.drawRoundedRect(filled, 2, 2)
        return room.adjusted(room.width() - words_px, 0, 0, 0)

    def _paint_words(self, painter: QPainter, room: QRect, cell: Cell, *, is_number: bool) -> None:
        side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
        if not cell.second:
            self._choose_pen(painter, cell.tone, self._theme.font(12, cell.weight))
            mode = _MIDDLE if cell.elides_middle else _RIGHT
            draw_elided(painter, room, cell.text, side, mode)
            return
        height = room.height() // 2 - 2
        upper = QRect(room.left(), room.top() + 4, room.width(), height)
        self._choose_pen(painter, cell.tone, self._theme.font(12, cell.weight))
        draw_elided(painter, upper, cell.text, side)
        lower = QRect(room.left(), upper.bottom(), room.width(), height)
        self._choose_pen(painter, "muted", self._theme.font(11))
        draw_elided(painter, lower, cell.second, side)

    def _choose_pen(self, painter: QPainter, tone: str, font: QFont) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.color(tone))


def paint_row_ground(
    painter: QPainter, theme: Theme, rect: QRect, state: QStyle.StateFlag, *, is_first: bool
) -> None:
    """What is behind a cell: chosen, below the mouse, or plain, with a hairline under it. The
    first of a chosen row has a bar at its edge."""
    if state & QStyle.StateFlag.State_Selected:
        painter.fillRect(rect, theme.color("accent_soft"))
        if is_first:
            painter.fillRect(
                QRect(rect.left(), rect.top(), 3, rect.height()), theme.color("accent")
            )
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(rect, theme.color("hover"))
    painter.setPen(theme.color("grid"))
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())


def draw_elided(
    painter: QPainter,
    room: QRect,
    text: str,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    mode: Qt.TextElideMode = _RIGHT,
) -> None:
    """Draw a line of text, cut with an ellipsis where it is longer than the room."""
    shown = painter.fontMetrics().elidedText(text, mode, room.width())
    painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, shown)
