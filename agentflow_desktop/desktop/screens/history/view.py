"""The History screen: the list and what narrows it at the left, the chosen run at the right."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QSplitter, QWidget

from agentflow_desktop.core.runs import RunState
from agentflow_desktop.desktop.commands import Command
from agentflow_desktop.desktop.formatting import as_one_line, format_count, plural
from agentflow_desktop.desktop.navigator import AskAgain, Navigator, OpenRun
from agentflow_desktop.desktop.screens.history.filter_bar import FilterBar
from agentflow_desktop.desktop.screens.history.preview_pane import PreviewPane
from agentflow_desktop.desktop.screens.history.rows import COLUMNS, HistoryRows
from agentflow_desktop.desktop.screens.history.state import HistoryState, ListPhase
from agentflow_desktop.desktop.screens.history.view_model import HistoryViewModel
from agentflow_desktop.desktop.screens.screen import Screen
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.pane import Ground, column
from agentflow_desktop.desktop.widgets.table import TWO_LINE_ROW_PX, DataTable
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel
from agentflow_desktop.desktop.window_memory import WindowMemory
from agentflow_desktop.workflows.ask.model import KIND as ASK_KIND

_LIST_SHARE = 0.46
_FORMS = {
    "Markdown (*.md)": "md",
    "Web page (*.html)": "html",
    "PDF (*.pdf)": "pdf",
    "JSON (*.json)": "json",
}
_NOT_IN_NAMES = re.compile(r"[^\w -]+")


class HistoryScreen(Screen):
    """Renders the view-model's state and forwards gestures to it."""

    def __init__(
        self, theme: Theme, model: HistoryViewModel, navigator: Navigator, memory: WindowMemory
    ) -> None:
        super().__init__(theme, "History")
        self._model, self._navigator = model, navigator
        self._shown: HistoryState | None = None
        self.count = ElidingLabel(theme, color="muted")
        self.clear_button = QPushButton("Clear filters")
        self.filters = FilterBar(theme)
        self.problem = Banner(theme)
        self.undo_banner = Banner(theme)
        self._banners = QWidget()
        self.table = DataTable(theme, COLUMNS, "Earlier runs", row_px=TWO_LINE_ROW_PX)
        self.preview = PreviewPane(theme, model.clock)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._is_kept = memory.follow_splitter("history", self._splitter)
        self._lay_out(theme)
        self._connect()
        self._stop_listening: Callable[[], None] = model.listen(self.render_state)
        self.render_state(model.state)

    def commands(self) -> Sequence[Command]:
        model, state = self._model, lambda: self._model.state
        has_run = lambda: state().chosen is not None  # noqa: E731
        return (
            Command("Search earlier runs", self._focus_search, "/; Ctrl+F", "magnifying-glass"),
            Command("Open the run", self._open, "Ctrl+Return", "arrow-square-out", has_run),
            Command(
                "Run it again", self._again, "Ctrl+R", "arrow-counter-clockwise",
                lambda: state().preview.request is not None,
            ),
            Command("Export its report", self._export, "Ctrl+E", "export", self._can_export),
            Command("Mark the run useful", lambda: self._toggle_mark(is_useful=True), "Y",
                    "thumbs-up", has_run),
            Command("Mark the run not useful", lambda: self._toggle_mark(is_useful=False), "N",
                    "thumbs-down", has_run),
            Command("Delete the run", model.delete, "Delete", "trash", self._can_delete),
            Command("Undo the deletion", model.undo, "Ctrl+Z", "arrow-u-up-left",
                    lambda: bool(state().deleted)),
            Command("Clear the filters", self._clear, "Escape", "x",
                    lambda: state().is_narrowed or state().shows_undo),
        )  # fmt: skip

    def shown(self) -> None:
        """Keep the list up to date while it is looked at."""
        self._model.show()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def left(self) -> None:
        self._model.leave()

    def release(self) -> None:
        self._stop_listening()

    def render_state(self, state: HistoryState) -> None:
        """Draw the state. Cheap where nothing changed."""
        before, self._shown = self._shown, state
        self.filters.render_state(state)
        self._show_count(state)
        self._show_banners(state)
        self._show_list(state, before)
        self.preview.render_state(state)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if not self._is_kept:
            left = max(440, round(self.width() * _LIST_SHARE))
            self._splitter.setSizes([left, max(1, self.width() - left)])
        self._note_rows()

    def _show_count(self, state: HistoryState) -> None:
        found = len(state.numbers)
        words = f"{format_count(found)} {plural(found, 'run')}"
        if state.is_narrowed and state.counts is not None:
            words = f"{format_count(found)} of {format_count(state.counts.runs)} runs"
        self.count.setText(words if state.phase is ListPhase.READY else "")
        self.clear_button.setVisible(state.is_narrowed)

    def _show_banners(self, state: HistoryState) -> None:
        if state.list_problem is not None:
            shown = state.list_problem
            self.problem.show_message("danger", shown.message, shown.hint, "Try again")
        elif state.problem is not None:
            self.problem.show_message("danger", state.problem.message, state.problem.hint, "Close")
        elif state.exported is not None:
            words = f"Wrote {state.exported.name}"
            self.problem.show_message("info", words, str(state.exported.parent), "Close")
        else:
            self.problem.hide()
        if state.shows_undo and state.deleted:
            title = as_one_line(state.deleted[-1].title, 60)
            hint = "It can be had back for an hour. What it cost stays in the ledger."
            self.undo_banner.show_message("neutral", f"Deleted: {title}", hint, "Undo")
        else:
            self.undo_banner.hide()
        self._banners.setHidden(self.problem.isHidden() and self.undo_banner.isHidden())

    def _show_list(self, state: HistoryState, before: HistoryState | None) -> None:
        rows = HistoryRows(state.numbers, state.runs, self._model.clock.now())
        if before is None or before.numbers is not state.numbers:
            self._show_other_list(rows, before)
        elif before.runs is not state.runs:
            self.table.rows.source = rows
            self.table.viewport().update()
        chosen = state.chosen_row
        if chosen is None:
            with QSignalBlocker(self.table.selectionModel()):
                self.table.clearSelection()
        elif not self.table.selectionModel().isRowSelected(chosen):
            self.table.select(chosen)
        self.table.set_empty_words(_empty_words(state))

    def _show_other_list(self, rows: HistoryRows, before: HistoryState | None) -> None:
        """Other rows; what stood at the top stays there, unless that is the list's own top."""
        bar = self.table.verticalScrollBar()
        top, offset_px = self.table.place()
        at_top = before.numbers[top] if before is not None and 0 < top < len(before.numbers) else 0
        with QSignalBlocker(self.table.selectionModel()), QSignalBlocker(bar):
            self.table.show_source(rows)
            is_same = before is not None and before.wanted == self._model.state.wanted
            if at_top in rows.numbers:
                self.table.go_to_place(rows.numbers.index(at_top), offset_px)
            elif not is_same:
                self.table.go_to_place(0)
        self._note_rows()

    def _note_rows(self) -> None:
        """Tell which rows are before the person's eyes."""
        first, _ = self.table.place()
        rows = self.table.viewport().height() // TWO_LINE_ROW_PX + 1
        self._model.look_at_rows(first, first + rows)

    def _connect(self) -> None:
        model, filters, preview = self._model, self.filters, self.preview
        filters.text_typed.connect(model.set_text)
        filters.toggled.connect(model.toggle)
        filters.days_chosen.connect(model.set_days)
        filters.cost_chosen.connect(model.set_at_least)
        filters.search.left_down.connect(self.table.setFocus)
        self.clear_button.clicked.connect(self._clear)
        self.problem.acted.connect(self._answer_problem)
        self.undo_banner.acted.connect(model.undo)
        self.table.verticalScrollBar().valueChanged.connect(self._note_rows)
        self.table.row_chosen.connect(model.choose_row)
        self.table.row_opened.connect(self._open)
        preview.open_asked.connect(self._open)
        preview.again_asked.connect(self._again)
        preview.export_asked.connect(self._export)
        preview.delete_asked.connect(model.delete)
        preview.rated.connect(model.rate)
        preview.noted.connect(self._keep_note)

    def _open(self) -> None:
        run = self._model.state.chosen
        if run is not None and run.kind == ASK_KIND:
            self._navigator.go("tasks", OpenRun(run.run_id))

    def _again(self) -> None:
        request = self._model.state.preview.request
        if request is not None:
            self._navigator.go("tasks", AskAgain(request))

    def _toggle_mark(self, *, is_useful: bool) -> None:
        run = self._model.state.chosen
        if run is not None:
            self._model.rate(None if run.is_useful is is_useful else is_useful)

    def _keep_note(self, note: str) -> None:
        run = self._model.state.chosen
        if run is not None:
            self._model.rate(run.is_useful, note)

    def _can_delete(self) -> bool:
        run = self._model.state.chosen
        return run is not None and run.state is not RunState.RUNNING

    def _can_export(self) -> bool:
        run = self._model.state.chosen
        return run is not None and run.state is RunState.SUCCEEDED

    def _export(self) -> None:
        run = self._model.state.chosen
        if run is None:
            return
        dialog = QFileDialog(self, "Export the report")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(_FORMS))
        dialog.setDefaultSuffix("md")
        dialog.filterSelected.connect(lambda form: dialog.setDefaultSuffix(_FORMS[form]))
        dialog.selectFile(f"{_file_name(run.title)}.md")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self._model.export(Path(chosen)))
        dialog.open()

    def _clear(self) -> None:
        """The notice goes first, then the filters."""
        if self._model.state.shows_undo:
            self._model.dismiss_undo()
        else:
            self._model.clear_filters()

    def _answer_problem(self) -> None:
        if self._model.state.list_problem is not None:
            self._model.retry()
        else:
            self._model.dismiss_notice()

    def _focus_search(self) -> None:
        self.filters.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filters.search.selectAll()

    def _lay_out(self, theme: Theme) -> None:
        self.clear_button.setProperty("kind", "quiet")
        self.header.add_fact(self.count, 1)
        self.header.add_tool(self.clear_button)
        left = Ground(theme)
        left.setMinimumWidth(400)
        stack = column(left)
        stack.addWidget(self.filters)
        banners = column(self._banners, left=12, top=8, right=12, bottom=8, spacing=8)
        for banner in (self.problem, self.undo_banner):
            banners.addWidget(banner)
        stack.addWidget(self._banners)
        stack.addWidget(self.table, 1)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.preview)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        self.body.addWidget(self._splitter, 1)


def _file_name(title: str) -> str:
    """The title as a name that every system takes."""
    return _NOT_IN_NAMES.sub("", title).strip()[:60] or "report"


def _empty_words(state: HistoryState) -> str:
    match state.phase:
        case ListPhase.CLOSED:
            return "The history opens with the program."
        case ListPhase.LOADING:
            return "Reading the history\u2026"
        case ListPhase.FAILED:
            return "The history can't be read now."
        case ListPhase.READY if state.is_narrowed:
            return "No run matches. Clear the filters to see all of them."
        case ListPhase.READY:
            return "No run yet. What you ask in Tasks is kept here."
