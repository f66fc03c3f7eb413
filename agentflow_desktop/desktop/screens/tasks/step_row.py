"""One step of a run: a line with tokens, time and cost, and below it what the step gave."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QMouseEvent
from PySide6.QtWidgets import QLabel, QToolButton, QVBoxLayout, QWidget

from agentflow_desktop.core.money import format_usd
from agentflow_desktop.desktop.formatting import format_count, format_duration, plural
from agentflow_desktop.desktop.screens.tasks.run_state import StepPhase, StepState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.desktop.widgets.meter import Meter
from agentflow_desktop.desktop.widgets.pane import Card, Ground, column, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.documents.document import FileState
from agentflow_desktop.llm.claims import Issue, Review, Severity, Verdict
from agentflow_desktop.workflows.ask.model import AskDraft, AskFiles, AskReview

_PHASE_ICONS = {
    StepPhase.RUNNING: ("circle-half", "accent"),
    StepPhase.DONE: ("check-circle-fill", "success"),
    StepPhase.STOPPED: ("minus-circle", "muted"),
}
_VERDICTS = {
    Verdict.APPROVE: ("APPROVE", "success"),
    Verdict.REVISE: ("REVISE", "warning"),
    Verdict.REJECT: ("REJECT", "danger"),
}
_SEVERITIES = {
    Severity.LOW: ("low", "neutral"),
    Severity.MEDIUM: ("medium", "warning"),
    Severity.HIGH: ("high", "danger"),
}


class StepRow(Ground):
    """``quote_asked`` gives the Evidence of a reviewer's quote that was clicked."""

    quote_asked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, line_below=True)
        self._theme = theme
        self._step: StepState | None = None
        self._body: QWidget | None = None
        self._is_open = False
        self._was_toggled = False
        self._toggle = QToolButton()
        self._toggle.setFixedSize(20, 20)
        self._toggle.clicked.connect(self._flip)
        self._icon = QLabel()
        self._title = ElidingLabel(theme, weight=600)
        self._model = ElidingLabel(theme, size_px=12, color="muted", elide_middle=True)
        self._facts = TextLabel(theme, size_px=12, color="muted")
        self._meter = Meter(theme, 64)
        self._cost = TextLabel(theme, size_px=12, weight=500)
        self._cost.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._cost.setMinimumWidth(52)
        line = row(left=10, right=16, spacing=8)
        line.addWidget(self._toggle)
        line.addWidget(self._icon)
        line.addWidget(self._title)
        line.addWidget(self._model, 1)
        line.addWidget(self._meter)
        line.addWidget(self._facts)
        line.addWidget(self._cost)
        head = QWidget()
        head.setFixedHeight(31)
        head.setLayout(line)
        self._layout = column(self)
        self._layout.addWidget(head)
        theme.changed.connect(self._restyle)

    @property
    def step(self) -> StepState | None:
        return self._step

    def show_step(self, step: StepState, now: datetime) -> None:
        """Draw the step; ``now`` is the time for one that still runs."""
        has_new_output = self._step is None or self._step.output is not step.output
        self._step = step
        self._title.setText(step.title)
        self._model.setText(step.served_model or step.model)
        self._facts.setText(_facts(step, now))
        self._cost.setText(_cost(step))
        is_counted = step.phase is StepPhase.RUNNING and step.total is not None
        self._meter.setVisible(is_counted)
        if is_counted and step.total:
            self._meter.set_share(step.done / step.total)
        if has_new_output:
            self._rebuild_body()
        self._restyle()

    def set_open(self, is_open: bool) -> None:
        self._is_open = is_open
        if self._body is not None:
            self._body.setVisible(is_open)
        self._restyle()

    @property
    def is_open(self) -> bool:
        return self._is_open and self._body is not None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.position().y() < 31 and self._body is not None:
            self._flip()
        super().mousePressEvent(event)

    def _flip(self) -> None:
        self._was_toggled = True
        self.set_open(not self._is_open)

    def _rebuild_body(self) -> None:
        if self._body is not None:
            self._body.hide()
            self._body.deleteLater()
            self._body = None
        output = self._step.output if self._step is not None else None
        match output:
            case AskReview():
                self._body = _ReviewBody(self._theme, output.review, self.quote_asked)
            case AskDraft() if output.responses:
                self._body = _responses_body(self._theme, output)
            case AskFiles() if any(f.state is not FileState.READ for f in output.files):
                self._body = _files_body(self._theme, output)
            case _:
                return
        self._layout.addWidget(self._body)
        if not self._was_toggled:
            self._is_open = isinstance(output, AskReview) and bool(output.review.issues)
        self._body.setVisible(self._is_open)

    def _restyle(self) -> None:
        if self._step is None:
            return
        icon, color = _PHASE_ICONS[self._step.phase]
        self._icon.setPixmap(self._theme.pixmap(icon, color))
        self._toggle.setEnabled(self._body is not None)
        caret = "caret-down" if self.is_open else "caret-right"
        has_body = self._body is not None
        self._toggle.setIcon(self._theme.icon(caret, "muted", 14) if has_body else QIcon())
        verb = "Fold" if self.is_open else "Open"
        self._toggle.setAccessibleName(f"{verb} {self._step.title}")


class _ReviewBody(QWidget):
    """Verdict, then each issue with its reason and quote."""

    def __init__(self, theme: Theme, review: Review, asked: object) -> None:
        super().__init__()
        self._asked = asked
        outer = column(self, left=44, right=16, bottom=10)
        card = Card(theme)
        body = column(card, left=12, top=10, right=12, bottom=10, spacing=8)
        word, tone = _VERDICTS[review.verdict]
        head = row()
        head.addWidget(Badge(theme, word, tone))
        count = len(review.open_issues)
        issues = f"{count} {plural(count, 'issue')}" if count else "no issue"
        rejected = len(review.issues) - count
        if rejected:
            issues += f", {rejected} dropped: the quote does not stand in the files"
        head.addWidget(ElidingLabel(theme, issues, weight=500), 1)
        body.addLayout(head)
        for issue in review.issues:
            body.addLayout(self._issue(theme, issue))
        if review.alternative:
            words = f"Instead: {review.alternative}"
            body.addWidget(TextLabel(theme, words, size_px=12, wraps=True))
        outer.addWidget(card)

    def _issue(self, theme: Theme, issue: Issue) -> QVBoxLayout:
        stack = column(spacing=4)
        line = row()
        word, tone = _SEVERITIES[issue.severity]
        line.addWidget(Badge(theme, word, tone), 0, Qt.AlignmentFlag.AlignTop)
        color = "muted" if issue.is_rejected else "text"
        why = TextLabel(theme, issue.why, size_px=12, weight=500, color=color, wraps=True)
        line.addWidget(why, 1)
        stack.addLayout(line)
        evidence = issue.evidence
        if evidence is not None:
            quote = row(left=2)
            mark = QLabel()
            mark.setPixmap(theme.pixmap("quotes", "quote_bar", 14))
            quote.addWidget(mark)
            quote.addWidget(ElidingLabel(theme, evidence.quote, size_px=12, weight=500), 1)
            place = _PlaceLink(theme, evidence.place())
            place.clicked.connect(lambda: self._asked.emit(evidence))  # type: ignore[attr-defined]
            place.setEnabled(evidence.state.is_found)
            quote.addWidget(place)
            quote.addWidget(quote_badge(theme, evidence.state.value))
            stack.addLayout(quote)
        return stack


class _PlaceLink(QToolButton):
    """A file and line that leads to the evidence pane."""

    def __init__(self, theme: Theme, place: str) -> None:
        super().__init__()
        self.setText(place)
        self.setFont(theme.font(12, 500))
        self.setStyleSheet(f"color: #{theme.tokens.accent};")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Show {place}")


def quote_badge(theme: Theme, state: str) -> Badge:
    """The badge of a quote's state."""
    words, tone = QUOTE_BADGES[state]
    return Badge(theme, words, tone)


QUOTE_BADGES = {
    "exact": ("exact", "success"),
    "spaces": ("spaces", "success"),
    "ambiguous": ("in several places", "warning"),
    "not_found": ("not found", "danger"),
}


def _responses_body(theme: Theme, draft: AskDraft) -> QWidget:
    body = QWidget()
    stack = column(body, left=44, right=16, bottom=10, spacing=4)
    for response in draft.responses:
        line = row()
        badge = Badge(theme, f"{response.stance.value}s", "neutral")
        line.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(TextLabel(theme, response.reason, size_px=12, wraps=True), 1)
        stack.addLayout(line)
    return body


def _files_body(theme: Theme, files: AskFiles) -> QWidget:
    body = QWidget()
    stack = column(body, left=44, right=16, bottom=10, spacing=4)
    missed = [line for line in files.files if line.state is not FileState.READ]
    for line in missed[:20]:
        words = f"{line.name}: {line.reason or line.state.value}"
        stack.addWidget(ElidingLabel(theme, words, size_px=12, color="muted"))
    if len(missed) > 20:
        more = f"and {len(missed) - 20} more, listed at the left"
        stack.addWidget(TextLabel(theme, more, size_px=12, color="muted"))
    return body


def _facts(step: StepState, now: datetime) -> str:
    parts: list[str] = []
    if step.unit and step.total is not None:
        parts.append(f"{step.done} of {step.total} {step.unit}")
    elif isinstance(step.output, AskFiles):
        read = sum(1 for f in step.output.files if f.state is FileState.READ)
        parts.append(f"{read} {plural(read, 'file')}")
    if step.input_tokens or step.output_tokens:
        parts.append(f"{format_count(step.input_tokens)} in")
        parts.append(f"{format_count(step.output_tokens)} out")
    elif step.phase is StepPhase.RUNNING and step.text:
        parts.append("writing")
    parts.append(format_duration(step.duration_s(now)))
    return ", ".join(parts)


def _cost(step: StepState) -> str:
    if not step.model:
        return ""
    about = "about " if step.is_estimated and step.cost_usd else ""
    return f"{about}{format_usd(step.cost_usd)}"
