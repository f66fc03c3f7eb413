"""A page that scrolls: one column of limited width, as wide as its room below that."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import Ground, column
from agentflow_desktop.desktop.widgets.text_label import TextLabel

_EDGE_PX = 24
READING_WIDTH_PX = 860


class ScrollPage(QScrollArea):
    """``content`` is the column to fill."""

    def __init__(self, theme: Theme, *, widest_px: int = READING_WIDTH_PX) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setMaximumWidth(widest_px)
        self.content: QVBoxLayout = column(inner, bottom=24)
        ground = Ground(theme)
        line = QHBoxLayout(ground)
        line.setContentsMargins(_EDGE_PX, 0, _EDGE_PX, 0)
        line.addWidget(inner, 100)
        line.addStretch(1)
        self.setWidget(ground)


def heading(theme: Theme, words: str) -> TextLabel:
    """What stands over a group of rows."""
    label = TextLabel(theme, words, size_px=15, weight=600)
    label.setContentsMargins(0, 20, 0, 6)
    return label


def clear(layout: QVBoxLayout) -> None:
    """Take every widget out of a column and let it go."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
