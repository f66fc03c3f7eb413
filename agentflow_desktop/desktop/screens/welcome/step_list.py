"""The steps of the assistant, with what is done and where one is."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen

from agentflow_desktop.desktop.screens.welcome.view_model import Step
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.key_button import KeyButton
from agentflow_desktop.desktop.widgets.pane import Ground, column

WIDTH_PX = 208


class _StepButton(KeyButton):
    def __init__(self, theme: Theme, step: Step) -> None:
        super().__init__()
        self._theme = theme
        self._number = str(step.number + 1)
        self._is_done = False
        self.setText(step.value)
        self.setCheckable(True)
        self.setFixedHeight(36)
        theme.changed.connect(self.update)

    def show_done(self, *, is_done: bool, is_current: bool) -> None:
        self._is_done = is_done
        self.setChecked(is_current)
        self.setAccessibleName(f"{self.text()}, done" if is_done else self.text())
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(WIDTH_PX - 16, 36)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, is_on = self._theme, self.isChecked()
        if is_on or self.underMouse() or self.hasFocus():
            painter.setBrush(theme.color("accent_soft" if is_on else "hover"))
            edge = "accent" if self.hasFocus() else "accent_soft" if is_on else "hover"
            painter.setPen(QPen(theme.color(edge)))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        mark = QRect(10, 8, 20, 20)
        if self._is_done and not is_on:
            theme.paint_icon(painter, mark, "check-circle-fill", "success")
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent" if is_on else "neutral"))
            painter.drawEllipse(mark)
            painter.setPen(theme.color("on_accent" if is_on else "text"))
            painter.setFont(theme.font(11, 600))
            painter.drawText(mark, Qt.AlignmentFlag.AlignCenter, self._number)
        painter.setFont(theme.font(13, 600 if is_on else 400))
        painter.setPen(theme.color("text"))
        words = self.rect().adjusted(40, 0, -4, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())


class StepList(Ground):
    """``chosen`` gives the Step that a person wants to go to; any may be gone to."""

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "window")
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName("Steps")
        self.buttons = {step: _StepButton(theme, step) for step in Step}
        stack = column(self, left=8, top=16, right=8, bottom=12, spacing=4)
        for step, button in self.buttons.items():
            button.clicked.connect(lambda _=False, step=step: self.chosen.emit(step))
            stack.addWidget(button)
        stack.addStretch(1)

    def show_steps(self, current: Step, done: frozenset[Step]) -> None:
        """Mark where one is and what is done."""
        for step, button in self.buttons.items():
            button.show_done(is_done=step in done, is_current=step is current)
