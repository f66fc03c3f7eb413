"""The Settings screen: pages at the left, a search over all settings, the page in the middle."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QWidget

from agentflow_desktop.desktop.applying import Applier, ApplyPhase, ApplyState
from agentflow_desktop.desktop.commands import Command
from agentflow_desktop.desktop.navigator import Navigator, ShowSetting, Subject
from agentflow_desktop.desktop.screens.models.view import ModelsPage
from agentflow_desktop.desktop.screens.models.view_model import ModelsViewModel
from agentflow_desktop.desktop.screens.screen import Screen
from agentflow_desktop.desktop.screens.settings.appearance import AppearancePage
from agentflow_desktop.desktop.screens.settings.page_list import PageList
from agentflow_desktop.desktop.screens.settings.pages import SettingsPage
from agentflow_desktop.desktop.screens.settings.setting_rows import SettingRows
from agentflow_desktop.desktop.screens.settings.view_model import SettingsState, SettingsViewModel
from agentflow_desktop.desktop.screens.upkeep.about_page import AboutPage
from agentflow_desktop.desktop.screens.upkeep.data_page import DataPage
from agentflow_desktop.desktop.screens.upkeep.log_page import LogPane
from agentflow_desktop.desktop.screens.upkeep.prompts_page import PromptsPage
from agentflow_desktop.desktop.screens.upkeep.view_model import UpkeepViewModel
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.pane import Ground, row
from agentflow_desktop.desktop.widgets.scroll_page import ScrollPage
from agentflow_desktop.desktop.widgets.text_label import TextLabel
from agentflow_desktop.desktop.window_memory import WindowMemory

_SEARCH_PX = 240
_OwnPage = AppearancePage | DataPage | PromptsPage | AboutPage


class SettingsScreen(Screen):
    """Renders the view-models of settings, models and upkeep, and forwards gestures."""

    def __init__(
        self,
        theme: Theme,
        *,
        settings: SettingsViewModel,
        model_setup: ModelsViewModel,
        upkeep: UpkeepViewModel,
        applier: Applier,
        navigator: Navigator,
        memory: WindowMemory,
    ) -> None:
        super().__init__(theme, "Settings")
        self._model = settings
        self._upkeep = upkeep
        self._models = model_setup
        self._applier = applier
        self.search = QLineEdit()
        self.apply_badge = Badge(theme, "", "info")
        self.banner = Banner(theme)
        self.pages = PageList(theme)
        self.rows = SettingRows(theme, self._model)
        self._nothing = TextLabel(theme, color="muted", wraps=True)
        self._rows_page = ScrollPage(theme)
        self.models_page = ModelsPage(theme, model_setup, lambda: navigator.go("welcome"))
        self.log_pane = LogPane(theme, upkeep)
        self._own_pages: dict[SettingsPage, _OwnPage] = {
            SettingsPage.APPEARANCE: AppearancePage(theme, memory),
            SettingsPage.DATA: DataPage(theme, upkeep),
            SettingsPage.PROMPTS: PromptsPage(theme, upkeep),
            SettingsPage.ABOUT: AboutPage(theme, upkeep),
        }
        self._stack = QStackedWidget()
        self._shown_page: SettingsPage | None = None
        self._lay_out(theme)
        self._connect()
        self._stops = [
            self._model.listen(self.render_state),
            self._applier.listen(self._show_applying),
            self._models.listen(self._show_rows_beside_models),
        ]
        self._show_applying(self._applier.state)
        self.render_state(self._model.state)

    def page_view(self, page: SettingsPage) -> QWidget:
        """What shows a page that is no list of settings."""
        return self._own_pages[page]

    def commands(self) -> Sequence[Command]:
        model = self._model
        pages = [
            Command(
                f"Settings: {page.value}", lambda page=page: model.show_page(page), "", "gear-six",
                lambda page=page: bool(model.state.searched) or model.state.page is not page,
            )
            for page in SettingsPage
        ]  # fmt: skip
        return (
            Command("Search the settings", self._focus_search, "Ctrl+F", "magnifying-glass"),
            Command("Add a model", self._add_model, "", "plus"),
            Command("Find local servers", self._find_local, "", "hard-drives"),
            *pages,
        )

    def shown(self) -> None:
        self._model.refresh()
        self._models.refresh()
        self._read_page(self._model.state.page)

    def open_subject(self, subject: Subject) -> None:
        if isinstance(subject, ShowSetting):
            self._model.reveal(subject.key)

    def release(self) -> None:
        for stop in self._stops:
            stop()
        self.models_page.release()
        self.log_pane.release()
        for page in self._own_pages.values():
            page.release()

    def render_state(self, state: SettingsState) -> None:
        """Draw the page or what the search found."""
        self.banner.show_problem(state.problem, "Read again")
        is_searching = bool(state.searched.split())
        self.pages.show_page(None if is_searching else state.page)
        if self.search.text() != state.searched:
            self.search.setText(state.searched)
        own = None if is_searching else self._own_pages.get(state.page)
        self._stack.setCurrentWidget(own or self._rows_page)
        self.models_page.setVisible(not is_searching and state.page is SettingsPage.MODELS)
        self.log_pane.setVisible(not is_searching and state.page is SettingsPage.LOGGING)
        shown = state.found if own is None else ()
        if state.page is SettingsPage.MODELS and not is_searching:
            shown = tuple(row for row in shown if row.key not in self.models_page.own_settings)
        self.rows.show_rows(shown)
        self._show_rows_beside_models()
        self._nothing.setVisible(own is None and not shown)
        self._nothing.setText(_nothing_words(state))
        if not is_searching and state.page is not self._shown_page:
            self._shown_page = state.page
            self._rows_page.verticalScrollBar().setValue(0)
            self._read_page(state.page)
        view = self.rows.reveal(state.revealed)
        if view is not None:
            QTimer.singleShot(0, view, lambda: self._rows_page.ensureWidgetVisible(view, 0, 80))

    def _show_rows_beside_models(self, _state: object = None) -> None:
        """A model that is worked on has the page for itself."""
        state = self._model.state
        is_models = state.page is SettingsPage.MODELS and not state.searched.split()
        self.rows.setVisible(not is_models or self._models.state.form is None)

    def _show_applying(self, state: ApplyState) -> None:
        is_waiting = state.phase is ApplyPhase.WAITING
        icon = "hourglass" if is_waiting else "arrow-clockwise"
        self.apply_badge.set_content(state.words, "warning" if is_waiting else "info", icon)
        self.apply_badge.setVisible(bool(state.words))

    def _read_page(self, page: SettingsPage) -> None:
        """Have read what is not kept up to date while nobody looks."""
        match page:
            case SettingsPage.DATA:
                self._upkeep.show_data()
            case SettingsPage.LOGGING:
                self._upkeep.show_log()
            case SettingsPage.PROMPTS:
                self._upkeep.show_prompts()
            case SettingsPage.ABOUT:
                self._upkeep.show_licences()
            case _:
                pass

    def _focus_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _add_model(self) -> None:
        self._model.show_page(SettingsPage.MODELS)
        self._models.add()

    def _find_local(self) -> None:
        self._model.show_page(SettingsPage.MODELS)
        self._models.leave_form()
        self._models.find_local()

    def _connect(self) -> None:
        self.search.textEdited.connect(self._model.search)
        self.pages.chosen.connect(self._model.show_page)
        self.banner.acted.connect(self._model.refresh)

    def _lay_out(self, theme: Theme) -> None:
        self.search.setPlaceholderText("Search all settings")
        self.search.setAccessibleName("Search all settings")
        self.search.setClearButtonEnabled(False)
        self.search.setFixedWidth(_SEARCH_PX)
        self.header.add_fact(self.apply_badge)
        self.header.end_facts()
        self.header.add_tool(self.search)
        content = self._rows_page.content
        content.addWidget(self.models_page)
        self._nothing.setContentsMargins(0, 24, 0, 0)
        content.addWidget(self._nothing)
        content.addWidget(self.rows)
        content.addWidget(self.log_pane)
        content.addStretch(1)
        self._stack.addWidget(self._rows_page)
        for page in self._own_pages.values():
            self._stack.addWidget(page)
        edge = Ground(theme, "border")
        edge.setFixedWidth(1)
        line = row(spacing=0)
        line.addWidget(self.pages)
        line.addWidget(edge)
        line.addWidget(self._stack, 1)
        self.body.addWidget(self.banner)
        self.body.addLayout(line, 1)


def _nothing_words(state: SettingsState) -> str:
    if state.searched.split():
        return f"No setting has the words “{state.searched.strip()}”."
    return "" if state.is_open else "The settings can be changed once the program is open."
