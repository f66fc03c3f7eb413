"""A switch between two to five views that exclude each other."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.key_button import KeyButton


class _Segment(KeyButton):
    def __init__(self, theme: Theme, word: str) -> None:
        super().__init__()
        self._theme = theme
        self.setText(word)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        font = self._theme.font(12, 600)
        return QSize(QFontMetrics(font).horizontalAdvance(self.text()) + 24, 24)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.hasFocus():
            painter.setBrush(self._theme.color("surface" if self.isChecked() else "sunken"))
            painter.setPen(self._theme.color("accent" if self.hasFocus() else "border"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setFont(self._theme.font(12, 600 if self.isChecked() else 500))
        painter.setPen(self._theme.color("text" if self.isChecked() else "muted"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class Segmented(QWidget):
    """``chosen`` gives the index of the segment that a person picked."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, words: tuple[str, ...], name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        line = QHBoxLayout(self)
        line.setContentsMargins(2, 2, 2, 2)
        line.setSpacing(2)
        self._segments = [_Segment(theme, word) for word in words]
        for index, segment in enumerate(self._segments):
            segment.clicked.connect(lambda _=False, index=index: self.chosen.emit(index))
            line.addWidget(segment)
        self._segments[0].setChecked(True)

    def set_index(self, index: int) -> None:
        self._segments[index].setChecked(True)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("sunken"))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
