"""Every quote of an answer: those that stand in the files, then those that do not."""

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate

from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.desktop.formatting import as_one_line, as_plain_tip, place_words
from agentflow_desktop.desktop.screens.tasks.quote_line import quote_badges
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import badge_size, paint_badge
from agentflow_desktop.desktop.widgets.table_delegate import draw_elided, paint_row_ground
from agentflow_desktop.llm.claims import Answer
from agentflow_desktop.workflows.ask.citations import number_citations

ROW_PX = 42
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """``number`` is None for a quote that was rejected."""

    number: int | None
    evidence: Evidence
    place: str


def quote_rows(answer: Answer | None) -> tuple[QuoteRow, ...]:
    """Found quotes by number, then rejected ones."""
    if answer is None:
        return ()
    citations = number_citations(answer)
    found = [QuoteRow(n, e, place_words(e)) for n, e in enumerate(citations.quotes, start=1)]
    lost = [QuoteRow(None, e, place_words(e)) for e in citations.rejected]
    return (*found, *lost)


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[QuoteRow, ...] = ()

    def set_rows(self, rows: tuple[QuoteRow, ...]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = 0):
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            badges = ", ".join(words for words, _, _ in quote_badges(row.evidence))
            return f"{as_one_line(row.evidence.quote)}. {row.place}. {badges}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_plain_tip(f"{row.evidence.quote[:1_000]}\n{row.place}")
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, _option, _index: _Index) -> QSize:  # noqa: N802
        return QSize(120, ROW_PX)

    def paint(self, painter: QPainter, option, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, _Model)
        row, theme, rect = model.rows[index.row()], self._theme, option.rect
        painter.save()
        paint_row_ground(painter, theme, rect, option.state, is_first=True)
        left = self._paint_badges(painter, rect, row.evidence)
        self._paint_number(painter, rect, row)
        room = QRect(rect.left() + 44, rect.top() + 5, left - rect.left() - 52, 16)
        painter.setFont(theme.font(12, 500))
        painter.setPen(theme.color("text"))
        draw_elided(painter, room, as_one_line(row.evidence.quote))
        painter.setFont(theme.font(11))
        painter.setPen(theme.color("muted"))
        below, mode = room.translated(0, 16), Qt.TextElideMode.ElideMiddle
        draw_elided(painter, below, row.place, mode=mode)
        painter.restore()

    def _paint_badges(self, painter: QPainter, rect: QRect, evidence: Evidence) -> int:
        """From the right edge; gives where the leftmost begins."""
        left = rect.right() - 12
        for words, tone, icon in reversed(quote_badges(evidence)):
            size = badge_size(self._theme, words, icon)
            left -= size.width() + 4
            top = rect.top() + (rect.height() - size.height()) // 2
            place = QRect(left, top, size.width(), size.height())
            paint_badge(painter, self._theme, place, words, tone, icon=icon)
        return left

    def _paint_number(self, painter: QPainter, rect: QRect, row: QuoteRow) -> None:
        if row.number is None:
            top = rect.top() + (rect.height() - 16) // 2
            icon = QRect(rect.left() + 14, top, 16, 16)
            self._theme.paint_icon(painter, icon, "prohibit", "danger")
            return
        painter.setFont(self._theme.font(12, 600))
        painter.setPen(self._theme.color("accent"))
        room = QRect(rect.left() + 10, rect.top(), 24, rect.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, str(row.number))


class QuotesList(QListView):
    """``chosen`` gives the Evidence of a quote that was clicked or moved to."""

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._model = _Model()
        self._delegate = _Delegate(theme)
        self._answer: Answer | None = None
        self._is_syncing = False
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Quotes")
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(self._choose)
        theme.changed.connect(self.viewport().update)

    @property
    def rows(self) -> tuple[QuoteRow, ...]:
        return self._model.rows

    def show_answer(self, answer: Answer | None) -> None:
        if answer is not self._answer:
            self._answer = answer
            self._is_syncing = True
            self._model.set_rows(quote_rows(answer))
            self._is_syncing = False

    def select_evidence(self, evidence: Evidence | None) -> None:
        """Mark the row of the quote that is looked at."""
        self._is_syncing = True
        for index, row in enumerate(self._model.rows):
            if evidence is not None and row.evidence == evidence:
                self.setCurrentIndex(self._model.index(index, 0))
                break
        else:
            self.setCurrentIndex(QModelIndex())
        self._is_syncing = False

    def _choose(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._is_syncing or not current.isValid():
            return
        row = self._model.rows[current.row()]
        if row.evidence.state.is_found:
            self.chosen.emit(row.evidence)
