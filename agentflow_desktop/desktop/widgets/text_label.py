"""Labels in the look's type sizes. The eliding one never widens the window."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from agentflow_desktop.desktop.formatting import as_plain_tip
from agentflow_desktop.desktop.theme import Theme


class TextLabel(QLabel):
    """Plain text in one size, weight and colour of the look; wraps if asked to.

    Never reads its text as markup: much of it comes out of documents.
    """

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        *,
        size_px: int = 13,
        weight: int = 400,
        color: str = "text",
        wraps: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._size_px, self._weight, self._color = size_px, weight, color
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        self._restyle()
        theme.changed.connect(self._restyle)

    def set_color(self, color: str) -> None:
        """Change to the colour of another token."""
        if color != self._color:
            self._color = color
            self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._theme.font(self._size_px, self._weight))
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.color(self._color))
        self.setPalette(palette)


class ElidingLabel(TextLabel):
    """One line that ends in an ellipsis where it lacks room; the tooltip has all of it."""

    def __init__(
        self, theme: Theme, text: str = "", *, elide_middle: bool = False, **style
    ) -> None:
        self._full_text = text
        self._mode = Qt.TextElideMode.ElideMiddle if elide_middle else Qt.TextElideMode.ElideRight
        super().__init__(theme, text, **style)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:  # noqa: N802
        if text != self._full_text:
            self._full_text = text
            super().setText(text)
            self._note_elision()
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.fontMetrics().averageCharWidth() * 3, super().sizeHint().height())

    def sizeHint(self) -> QSize:  # noqa: N802
        width = self.fontMetrics().horizontalAdvance(self._full_text) + 2
        return QSize(width, self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._note_elision()

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        alignment = self.alignment() | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.contentsRect(), alignment, self._elided())

    def _elided(self) -> str:
        return self.fontMetrics().elidedText(
            self._full_text, self._mode, self.contentsRect().width()
        )

    def _note_elision(self) -> None:
        is_cut = self._elided() != self._full_text
        self.setToolTip(as_plain_tip(self._full_text) if is_cut else "")
