"""Grounds and lines that panes are made of."""

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agentflow_desktop.desktop.theme import Theme

EDGE_PX = 16
PANE_HEADER_PX = 36


class Ground(QWidget):
    """A flat ground in a token's colour, optionally with a hairline below or above."""

    def __init__(
        self,
        theme: Theme,
        color: str = "surface",
        *,
        line_below: bool = False,
        line_above: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._color = color
        self._line_below, self._line_above = line_below, line_above
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color(self._color))
        painter.setPen(self._theme.color("border"))
        if self._line_below:
            painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        if self._line_above:
            painter.drawLine(0, 0, self.width(), 0)


class Card(QWidget):
    """A raised ground with a border, for one object."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color("border"))
        painter.setBrush(self._theme.color("raised"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)


class Hairline(QWidget):
    """One pixel between two parts."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedHeight(1)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        QPainter(self).fillRect(self.rect(), self._theme.color("border"))


def row(
    *, left: int = 0, top: int = 0, right: int = 0, bottom: int = 0, spacing: int = 8
) -> QHBoxLayout:
    """A horizontal layout with these margins."""
    layout = QHBoxLayout()
    layout.setContentsMargins(left, top, right, bottom)
    layout.setSpacing(spacing)
    return layout


def column(
    parent: QWidget | None = None,
    *,
    left: int = 0,
    top: int = 0,
    right: int = 0,
    bottom: int = 0,
    spacing: int = 0,
) -> QVBoxLayout:
    """A vertical layout with these margins."""
    layout = QVBoxLayout() if parent is None else QVBoxLayout(parent)
    layout.setContentsMargins(left, top, right, bottom)
    layout.setSpacing(spacing)
    return layout


def pane_header(theme: Theme) -> tuple[Ground, QHBoxLayout]:
    """A header of 36 px with a hairline below, and the row to fill."""
    header = Ground(theme, line_below=True)
    header.setFixedHeight(PANE_HEADER_PX)
    layout = row(left=EDGE_PX, right=8)
    header.setLayout(layout)
    return header, layout
