"""The note in the route card that a model does not answer, with one action: test again."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from agentflow_desktop.desktop.screens.tasks.reach import ReachNotice
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel


class ReachNote(QWidget):
    """Hidden where all is well."""

    test_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._icon = QLabel()
        self._words = TextLabel(theme, size_px=12, weight=500, wraps=True)
        self._reasons = ElidingLabel(theme, size_px=12)
        self.test_button = QPushButton("Test again")
        self.test_button.clicked.connect(self.test_asked)
        stack = column(spacing=6)
        stack.addWidget(self._words)
        foot = row(spacing=8)
        foot.addWidget(self.test_button)
        foot.addWidget(self._reasons, 1)
        stack.addLayout(foot)
        line = row(left=10, top=8, right=10, bottom=8, spacing=8)
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(stack, 1)
        self.setLayout(line)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def show_notice(self, notice: ReachNotice | None) -> None:
        """Say it, or hide."""
        self.setVisible(notice is not None)
        if notice is None:
            return
        self._words.setText(notice.words)
        self._reasons.setText(notice.reasons)
        self.setAccessibleName(f"{notice.words} {notice.reasons}")
        self.test_button.setEnabled(not notice.is_being_tested)
        self.test_button.setText("Testing…" if notice.is_being_tested else "Test again")
        self._hold_height()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._hold_height()

    def _hold_height(self) -> None:
        """A full pane would squeeze wrapped words below what they need."""
        self.setMinimumHeight(max(0, self.heightForWidth(self.width())))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("warning_soft"))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)

    def _restyle(self) -> None:
        self._icon.setPixmap(self._theme.pixmap("warning-fill", "warning", 16))
        self.update()
