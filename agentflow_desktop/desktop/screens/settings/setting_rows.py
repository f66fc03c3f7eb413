"""A column of settings in groups: a page's, or what a search found."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from agentflow_desktop.desktop.screens.settings.pages import group_of
from agentflow_desktop.desktop.screens.settings.setting_row import SettingRowView
from agentflow_desktop.desktop.screens.settings.view_model import SettingRow, SettingsViewModel
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column
from agentflow_desktop.desktop.widgets.scroll_page import clear, heading


class SettingRows(QWidget):
    """Draws rows and tells the view-model what is typed. Widgets are made anew only where other
    settings are to be shown."""

    def __init__(self, theme: Theme, model: SettingsViewModel) -> None:
        super().__init__()
        self._theme, self._model = theme, model
        self.rows: dict[str, SettingRowView] = {}
        self._column = column(self)

    def show_rows(self, settings: tuple[SettingRow, ...]) -> None:
        """Show these settings, in this order."""
        if [setting.key for setting in settings] != list(self.rows):
            self._make(settings)
        for setting in settings:
            self.rows[setting.key].show_setting(setting)

    def reveal(self, key: str) -> QWidget | None:
        """Mark the row of a setting; gives it if it is here."""
        for name, view in self.rows.items():
            view.set_revealed(name == key)
        return self.rows.get(key)

    def _make(self, settings: tuple[SettingRow, ...]) -> None:
        clear(self._column)
        self.rows = {}
        group = ""
        for setting in settings:
            if group_of(setting.key) != group:
                group = group_of(setting.key)
                self._column.addWidget(heading(self._theme, group))
            view = SettingRowView(self._theme, setting)
            view.typed.connect(self._model.type)
            view.meant.connect(self._model.commit)
            # The row may go with the click that asked for it: let the click end first.
            view.reset_asked.connect(
                lambda key: QTimer.singleShot(0, self, lambda: self._model.reset(key))
            )
            self._column.addWidget(view)
            self.rows[setting.key] = view
