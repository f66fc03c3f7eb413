"""The pages of the settings, one under the other, at the left of the screen."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen

from agentflow_desktop.desktop.screens.settings.pages import SettingsPage
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.key_button import KeyButton
from agentflow_desktop.desktop.widgets.pane import Ground, column

WIDTH_PX = 176
_ICONS = {
    SettingsPage.MODELS: "cpu",
    SettingsPage.LIMITS: "currency-circle-dollar",
    SettingsPage.ROUTING: "git-branch",
    SettingsPage.VERIFICATION: "shield-check",
    SettingsPage.SPEED: "gauge",
    SettingsPage.CACHE: "archive",
    SettingsPage.LOGGING: "list-bullets",
    SettingsPage.APPEARANCE: "palette",
    SettingsPage.DATA: "database",
    SettingsPage.PROMPTS: "chat-text",
    SettingsPage.ABOUT: "info",
}


class _PageButton(KeyButton):
    def __init__(self, theme: Theme, page: SettingsPage) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = _ICONS[page]
        self.setText(page.value)
        self.setAccessibleName(page.value)
        self.setCheckable(True)
        self.setFixedHeight(32)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(WIDTH_PX - 16, 32)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_on = self.isChecked()
        if is_on or self.underMouse() or self.hasFocus():
            painter.setBrush(self._theme.color("accent_soft" if is_on else "hover"))
            edge = "accent" if self.hasFocus() else "accent_soft" if is_on else "hover"
            painter.setPen(QPen(self._theme.color(edge)))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        ink = "accent" if is_on else "muted"
        self._theme.paint_icon(painter, QRect(10, 8, 16, 16), self._icon_name, ink)
        painter.setFont(self._theme.font(13, 600 if is_on else 400))
        painter.setPen(self._theme.color("text"))
        words = self.rect().adjusted(36, 0, -4, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())


class PageList(Ground):
    """``chosen`` gives a SettingsPage. Up and down go from one to the next."""

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "window")
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName("Pages of the settings")
        self.buttons = {page: _PageButton(theme, page) for page in SettingsPage}
        stack = column(self, left=8, top=12, right=8, bottom=12, spacing=2)
        for page, button in self.buttons.items():
            button.clicked.connect(lambda _=False, page=page: self.chosen.emit(page))
            stack.addWidget(button)
        stack.addStretch(1)

    def show_page(self, page: SettingsPage | None) -> None:
        """Mark the page that is shown; None while a search shows several."""
        for name, button in self.buttons.items():
            button.setChecked(name is page)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        focused = [n for n, button in enumerate(self.buttons.values()) if button.hasFocus()]
        if step is None or not focused:
            super().keyPressEvent(event)
            return
        pages = tuple(self.buttons)
        page = pages[(focused[0] + step) % len(pages)]
        self.buttons[page].setFocus(Qt.FocusReason.TabFocusReason)
        self.chosen.emit(page)
