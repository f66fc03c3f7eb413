"""The page Data: where everything is kept, backups of the database, and its integrity."""

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from agentflow_desktop.app.upkeep_queries import Place
from agentflow_desktop.desktop.formatting import format_bytes, local_moment
from agentflow_desktop.desktop.screens.upkeep.view_model import UpkeepState, UpkeepViewModel
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.scroll_page import ScrollPage, clear, heading
from agentflow_desktop.desktop.widgets.table import HEADER_PX, ROW_PX, DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel

_BACKUPS = (Column("Made", 170), Column("Why", 150), Column("File"), Column("Size", 90, True))
_RESTORE = (
    "To go back to the newest good backup, close this window and run “agentflow database "
    "restore”; the present file is kept aside. Nothing is ever deleted but the oldest copies."
)


class DataPage(ScrollPage):
    """Renders the places and backups of an UpkeepState."""

    def __init__(self, theme: Theme, model: UpkeepViewModel) -> None:
        super().__init__(theme)
        self._theme, self._model = theme, model
        self._shown: tuple[Place, ...] = ()
        self.banner = Banner(theme)
        self._places = QWidget()
        self._places_column: QVBoxLayout = column(self._places)
        self.open_buttons: list[QPushButton] = []
        self.backup_button = QPushButton("Back up now")
        self.check_button = QPushButton("Check integrity")
        self.outcome = TextLabel(theme, wraps=True)
        self.backups = DataTable(theme, _BACKUPS, "Backups of the database")
        self._lay_out(theme)
        self.backup_button.clicked.connect(model.back_up)
        self.check_button.clicked.connect(model.check)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._stop: Callable[[], None] = model.listen(self.render_state)
        self.render_state(model.state)

    def release(self) -> None:
        """Stop following the view-model."""
        self._stop()

    def render_state(self, state: UpkeepState) -> None:
        """Draw the folders, the backups and what goes on."""
        problem = state.problem
        if problem is None:
            self.banner.hide()
        else:
            self.banner.show_message("danger", problem.message, problem.hint)
        self._show_places(state.places)
        can = state.is_open and not state.busy
        self.backup_button.setEnabled(can)
        self.check_button.setEnabled(can)
        outcome = state.outcome
        words = state.busy or (outcome.words if outcome is not None else "")
        self.outcome.setText(words)
        good = outcome is None or outcome.is_good
        self.outcome.set_color("muted" if state.busy else "success" if good else "danger")
        rows = [
            (
                Cell(local_moment(copy.made_at)),
                Cell(copy.reason.replace("-", ", "), tone="muted"),
                Cell(copy.path.name, tone="muted", tip=str(copy.path)),
                Cell(format_bytes(copy.byte_count)),
            )
            for copy in state.backups
        ]
        self.backups.show_rows(rows)
        self.backups.setFixedHeight(HEADER_PX + ROW_PX * max(3, len(rows)) + 2)

    def _show_places(self, places: tuple[Place, ...]) -> None:
        if places == self._shown:
            return
        self._shown = places
        clear(self._places_column)
        self.open_buttons = []
        for place in places:
            self._places_column.addWidget(self._place_line(place))

    def _place_line(self, place: Place) -> QWidget:
        box = QWidget()
        name = TextLabel(self._theme, place.name, weight=600)
        name.setFixedWidth(110)
        size = format_bytes(place.byte_count) if place.is_there else "not there yet"
        button = QPushButton("Open folder")
        button.setAccessibleName(f"Open the folder of {place.name}")
        button.setEnabled(place.is_there)
        url = QUrl.fromLocalFile(str(place.path))
        button.clicked.connect(lambda: QDesktopServices.openUrl(url))
        self.open_buttons.append(button)
        line = row(top=4, bottom=4, spacing=12)
        line.addWidget(name)
        line.addWidget(ElidingLabel(self._theme, str(place.path), elide_middle=True), 1)
        line.addWidget(TextLabel(self._theme, size, color="muted"))
        line.addWidget(button)
        box.setLayout(line)
        return box

    def _restyle(self) -> None:
        self.backup_button.setIcon(self._theme.icon("archive-box"))
        self.check_button.setIcon(self._theme.icon("shield-check"))

    def _lay_out(self, theme: Theme) -> None:
        content = self.content
        content.addWidget(self.banner)
        content.addWidget(heading(theme, "Folders"))
        content.addWidget(self._places)
        content.addWidget(heading(theme, "Database"))
        buttons = row(bottom=8, spacing=8)
        buttons.addWidget(self.backup_button)
        buttons.addWidget(self.check_button)
        buttons.addWidget(self.outcome, 1)
        content.addLayout(buttons)
        self.backups.set_empty_words("No backup yet. One is made on each day with a run.")
        content.addWidget(self.backups)
        content.addSpacing(8)
        content.addWidget(TextLabel(theme, _RESTORE, size_px=12, color="muted", wraps=True))
        content.addStretch(1)
