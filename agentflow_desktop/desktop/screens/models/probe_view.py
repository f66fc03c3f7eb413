"""What a probe found of a model, line by line, and the button that writes it into models.yaml."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from agentflow_desktop.desktop.screens.models.probe_state import ProbeState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import Card, column, row
from agentflow_desktop.desktop.widgets.scroll_page import clear
from agentflow_desktop.desktop.widgets.text_label import TextLabel
from agentflow_desktop.llm.probe_report import ProbeReport
from agentflow_desktop.llm.probe_wording import ProbeFact, answer_words, change_words, probe_facts

_SUBJECT_PX = 96
_LOOKS = {
    True: ("check-circle-fill", "success"),
    False: ("warning-fill", "warning"),
    None: ("minus-circle", "muted"),
}


class ProbeView(Card):
    """Hidden until there is a probe. ``agreed`` is the consent to its price, ``keep_asked`` the
    consent to what it would write."""

    agreed = Signal()
    keep_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme
        self._shown: ProbeState | None = None
        self.agree_button = QPushButton("Ask it")
        self.agree_button.clicked.connect(self.agreed)
        self.keep_button = QPushButton("Write into models.yaml")
        self.keep_button.clicked.connect(self.keep_asked)
        self._words = TextLabel(theme, weight=600, wraps=True)
        self._found = QWidget()
        self._facts: QVBoxLayout = column(self._found, spacing=5)
        self._problem = TextLabel(theme, color="danger", wraps=True)
        self._kept = TextLabel(theme, color="success", wraps=True)
        body = column(self, left=14, top=12, right=14, bottom=12, spacing=8)
        body.addWidget(self._words)
        body.addWidget(self._found)
        for widget in (self._problem, self._kept):
            body.addWidget(widget)
        for button in (self.agree_button, self.keep_button):
            body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        theme.changed.connect(self._redraw)
        self.hide()

    def render_state(self, state: ProbeState | None) -> None:
        """Draw the probe, or hide."""
        self.setVisible(state is not None)
        if state == self._shown:
            return
        self._shown = state
        self._redraw()

    def _redraw(self) -> None:
        state = self._shown
        if state is None:
            return
        report = state.report
        self._words.setText(_head(state))
        self._words.setVisible(bool(self._words.text()))
        clear(self._facts)
        self._found.setVisible(report is not None)
        if report is not None:
            self._show_report(report)
        self._problem.setText(state.problem)
        self._problem.setVisible(bool(state.problem))
        self._kept.setText(state.kept)
        self._kept.setVisible(bool(state.kept))
        self.agree_button.setVisible(state.awaits_consent)
        self.keep_button.setVisible(state.can_be_kept)
        self.keep_button.setEnabled(not state.is_going_on)

    def _show_report(self, report: ProbeReport) -> None:
        for fact in probe_facts(report):
            self._facts.addWidget(self._line(fact))
        if report.problem:
            words = f"{report.problem} {report.hint}".strip()
            self._facts.addWidget(TextLabel(self._theme, words, color="danger", wraps=True))
        if report.changes:
            head = TextLabel(self._theme, "models.yaml says otherwise", weight=600)
            head.setContentsMargins(0, 8, 0, 0)
            self._facts.addWidget(head)
        for change in report.changes:
            self._facts.addWidget(TextLabel(self._theme, change_words(change), wraps=True))

    def _line(self, fact: ProbeFact) -> QWidget:
        theme, whole = self._theme, QWidget()
        icon = QLabel()
        icon.setPixmap(theme.pixmap(*_LOOKS[fact.is_good], 16))
        subject = TextLabel(theme, fact.subject, color="muted")
        subject.setFixedWidth(_SUBJECT_PX)
        line = row(spacing=8)
        line.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(subject, 0, Qt.AlignmentFlag.AlignTop)
        words = f"{fact.words[:1].upper()}{fact.words[1:]}"
        line.addWidget(TextLabel(theme, words, wraps=True), 1)
        whole.setLayout(line)
        return whole


def _head(state: ProbeState) -> str:
    if state.awaits_consent:
        return state.price_words
    if state.report is not None:
        return answer_words(state.report)
    return "Asking the model what its server can do" if state.is_going_on else ""
