"""What was asked before on the same documents: one folded line each, above the answer."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QTextBrowser, QToolButton, QWidget

from agentflow_desktop.desktop.formatting import as_one_line
from agentflow_desktop.desktop.screens.tasks.answer_document import put_paragraphs
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, column, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel
from agentflow_desktop.llm.exchange import Exchange

_LINE_PX = 30
_MOST_PX = 240


class _PastAnswer(QTextBrowser):
    """An answer as it was, without its quotes; as tall as it is long."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Earlier answer")
        self.document().setDocumentMargin(0)
        self.setViewportMargins(54, 4, 16, 8)
        put_paragraphs(self.document(), 0, text.split("\n\n"), theme)

    def loadResource(self, _kind: int, _name: object) -> None:  # noqa: N802
        """Nothing: an answer never makes the window read a file."""
        return

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.document().setTextWidth(self.viewport().width())
        self.setFixedHeight(round(self.document().size().height()) + 12)


class _ExchangeRow(Ground):
    """The question in one line; the answer below it once it is opened."""

    def __init__(self, theme: Theme, exchange: Exchange) -> None:
        super().__init__(theme, line_below=True)
        self._theme, self._exchange = theme, exchange
        self._answer: _PastAnswer | None = None
        self.toggle = QToolButton()
        self.toggle.setFixedSize(20, 20)
        self.toggle.clicked.connect(self.flip)
        question = ElidingLabel(theme, as_one_line(exchange.question), size_px=12, weight=500)
        head = QWidget()
        head.setFixedHeight(_LINE_PX - 1)
        line = row(left=10, right=EDGE_PX, spacing=8)
        line.addWidget(self.toggle)
        line.addWidget(question, 1)
        line.addWidget(ElidingLabel(theme, "asked before", size_px=12, color="muted"))
        head.setLayout(line)
        self._column = column(self)
        self._column.addWidget(head)
        theme.changed.connect(self._restyle)
        self._restyle()

    def flip(self) -> None:
        if self._answer is None:
            self._answer = _PastAnswer(self._theme, self._exchange.answer)
            self._column.addWidget(self._answer)
        else:
            self._answer.hide()
            self._answer.deleteLater()
            self._answer = None
        self._restyle()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.position().y() < _LINE_PX:
            self.flip()
        super().mousePressEvent(event)

    def _restyle(self) -> None:
        caret = "caret-down" if self._answer is not None else "caret-right"
        self.toggle.setIcon(self._theme.icon(caret, "muted", 14))
        verb = "Fold" if self._answer is not None else "Open"
        self.toggle.setAccessibleName(f"{verb} {as_one_line(self._exchange.question)}")


class EarlierList(QScrollArea):
    """Hidden while nothing was asked before."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[Exchange, ...] = ()
        self.rows: list[_ExchangeRow] = []
        inner = Ground(theme)
        self._column = column(inner)
        self._column.addStretch(1)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(inner)
        self.hide()

    def show_exchanges(self, exchanges: tuple[Exchange, ...]) -> None:
        """Oldest first."""
        if exchanges == self._shown:
            return
        self._shown = exchanges
        for old in self.rows:
            old.hide()
            self._column.removeWidget(old)
            old.deleteLater()
        self.rows = [_ExchangeRow(self._theme, exchange) for exchange in exchanges]
        for index, fresh in enumerate(self.rows):
            fresh.toggle.clicked.connect(self._fit)
            self._column.insertWidget(index, fresh)
        self.setVisible(bool(exchanges))
        self._fit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseReleaseEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As tall as the rows, up to a part of the pane."""
        opened = any(not row.toggle.accessibleName().startswith("Open ") for row in self.rows)
        folded_px = min(4, len(self.rows)) * _LINE_PX
        self.setFixedHeight(_MOST_PX if opened else folded_px)
