"""The steps of a run as a timeline that folds: who said what."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QScrollArea, QSizePolicy, QWidget

from agentflow_desktop.desktop.screens.tasks.run_state import RunState, StepPhase, StepState
from agentflow_desktop.desktop.screens.tasks.step_row import StepRow
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import (
    PANE_HEADER_PX,
    Ground,
    column,
    pane_header,
)
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.workflows.ask.model import AskReview


class StepsPane(QWidget):
    """``quote_asked`` gives an Evidence, ``grown`` comes when the height it needs may differ."""

    quote_asked = Signal(object)
    grown = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: list[StepRow] = []
        self._run_id = ""
        self._facts = ElidingLabel(theme, size_px=12, color="muted")
        self.fold_button = QPushButton("Fold all")
        self._inner = Ground(theme)
        self._column = column(self._inner)
        self._lay_out(theme)

    @property
    def needed_px(self) -> int:
        """The height that shows every row whole."""
        self._column.activate()
        return PANE_HEADER_PX + self._column.sizeHint().height() + 2

    def show_run(self, run: RunState | None, now: datetime) -> None:
        """Draw the run's steps. What is done is folded; what is at work, or waits for an answer,
        is open until the run has ended."""
        steps = run.steps if run is not None else ()
        run_id = run.run_id if run is not None else ""
        if run_id != self._run_id:
            self._take_out_from(0)
            self._run_id = run_id
        self._take_out_from(len(steps))
        open_id = _open_step_id(run) if run is not None else ""
        is_grown = len(steps) > len(self.rows)
        for index, step in enumerate(steps):
            if index == len(self.rows):
                self._add_row(index)
            self.rows[index].show_step(step, now, is_wanted_open=step.step_id == open_id)
        models = {step.model for step in steps if step.model}
        count = f"{len(steps)}, " if len(steps) > 8 else ""
        self._facts.setText(f"{count}who said what" if len(models) > 1 else "")
        self._note_folding()
        if is_grown or steps:
            self.grown.emit()

    def show_time(self, steps: Sequence[StepState], now: datetime) -> None:
        """Draw how long the steps at work have been so."""
        for row, step in zip(self.rows, steps, strict=False):
            if step.phase is StepPhase.RUNNING and row.step is step:
                row.show_step(step, now, is_wanted_open=row.is_open)

    def fold_all(self) -> None:
        for row in self.rows:
            row.fold()
        self._note_folding()
        self.grown.emit()

    def _add_row(self, index: int) -> None:
        fresh = StepRow(self._theme)
        fresh.quote_asked.connect(self.quote_asked)
        fresh.toggled.connect(self._note_folding)
        fresh.toggled.connect(self.grown)
        self.rows.append(fresh)
        self._column.insertWidget(index, fresh)

    def _take_out_from(self, index: int) -> None:
        while len(self.rows) > index:
            old = self.rows.pop()
            old.hide()
            self._column.removeWidget(old)
            old.deleteLater()

    def _note_folding(self) -> None:
        self.fold_button.setEnabled(any(row.is_open for row in self.rows))

    def _lay_out(self, theme: Theme) -> None:
        outer = column(self)
        header, line = pane_header(theme)
        line.addWidget(TextLabel(theme, "Steps", weight=600))
        line.addWidget(self._facts, 1)
        self.fold_button.setProperty("kind", "quiet")
        self.fold_button.clicked.connect(self.fold_all)
        line.addWidget(self.fold_button)
        outer.addWidget(header)
        self._inner.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self._inner)
        area.setMinimumHeight(62)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer.addWidget(area, 1)


def _open_step_id(run: RunState) -> str:
    """The step that a reader looks at now: the last review while it is being answered."""
    if not run.is_running:
        return ""
    for step in reversed(run.steps):
        if isinstance(step.output, AskReview) and step.output.review.issues:
            return step.step_id
    return ""
