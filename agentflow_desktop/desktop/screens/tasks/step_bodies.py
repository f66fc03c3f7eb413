"""What stands below a step's line: a chosen step, questions, findings, reviews, files, notices."""

from collections.abc import Callable
from typing import assert_never

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.desktop.formatting import format_count
from agentflow_desktop.desktop.screens.tasks.quote_line import QuoteLine
from agentflow_desktop.desktop.screens.tasks.run_state import StepState
from agentflow_desktop.desktop.screens.tasks.step_words import review_words, step_lines
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.desktop.widgets.pane import Card, column, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.documents.document import FileState
from agentflow_desktop.llm.claims import Finding, Issue, PlannedQuestion, Review, Severity, Verdict
from agentflow_desktop.workflows.ask.model import (
    AskDraft,
    AskFiles,
    AskFindings,
    AskQuestions,
    AskReview,
    AskStep,
)

VERDICTS = {
    Verdict.APPROVE: ("APPROVE", "success"),
    Verdict.REVISE: ("REVISE", "warning"),
    Verdict.REJECT: ("REJECT", "danger"),
}
_SEVERITIES = {
    Severity.LOW: ("low", "neutral"),
    Severity.MEDIUM: ("medium", "warning"),
    Severity.HIGH: ("high", "danger"),
}
_AT_ONCE = 20
_NAME_PX = 84
ShowQuote = Callable[[Evidence], None]


class StepBody(QWidget):
    """Everything that the step gave. ``show_quote`` is called with the Evidence of a quote."""

    def __init__(self, theme: Theme, step: StepState, show_quote: ShowQuote) -> None:
        super().__init__()
        self._theme, self._show_quote = theme, show_quote
        self._stack = column(self, left=44, right=16, bottom=10, spacing=6)
        self._add_output(step)
        for notice in step.notices:
            self._stack.addWidget(_noted(theme, notice))

    def _add_output(self, step: StepState) -> None:
        output = step.output
        match output:
            case None:
                pass
            case AskFiles():
                self._add_files(output)
            case AskQuestions():
                self._add_questions(output.questions)
            case AskStep():
                self._add_chosen(output)
            case AskFindings():
                self._add_findings(output.findings)
            case AskReview():
                self._add_review(output.review)
            case AskDraft():
                self._add_draft(output)
            case _:
                assert_never(output)

    def _add_files(self, output: AskFiles) -> None:
        missed = [line for line in output.files if line.state is not FileState.READ]
        for line in missed[:_AT_ONCE]:
            words = f"{line.name}: {line.reason or line.state.value}"
            self._stack.addWidget(ElidingLabel(self._theme, words, size_px=12, color="muted"))
        if len(missed) > _AT_ONCE:
            more = f"and {format_count(len(missed) - _AT_ONCE)} more, listed at the left"
            self._stack.addWidget(TextLabel(self._theme, more, size_px=12, color="muted"))

    def _add_questions(self, questions: tuple[PlannedQuestion, ...]) -> None:
        for question in questions:
            line = row()
            number = TextLabel(
                self._theme, question.question_id, size_px=12, weight=600, color="accent"
            )
            number.setMinimumWidth(24)
            line.addWidget(number, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(TextLabel(self._theme, question.text, size_px=12, wraps=True), 1)
            if question.sources:
                about = ", ".join(question.sources)
                line.addWidget(ElidingLabel(self._theme, about, size_px=12, color="muted"))
            self._stack.addLayout(line)

    def _add_chosen(self, step: AskStep) -> None:
        for name, text in step_lines(step):
            line = row()
            label = TextLabel(self._theme, name, size_px=12, color="muted")
            label.setMinimumWidth(_NAME_PX)
            line.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(TextLabel(self._theme, text, size_px=12, wraps=True), 1)
            self._stack.addLayout(line)
        if step.refusal:
            self._stack.addWidget(_noted(self._theme, f"Not done: {step.refusal}"))

    def _add_findings(self, findings: tuple[Finding, ...], start: int = 0) -> None:
        """The next of them; the rest waits behind a button, a large run has hundreds."""
        for finding in findings[start : start + _AT_ONCE]:
            self._stack.addWidget(self._finding(finding))
        rest = len(findings) - start - _AT_ONCE
        if rest <= 0:
            return
        more = QPushButton(f"Show {min(rest, _AT_ONCE)} more of {rest}")
        more.setProperty("kind", "quiet")

        def go_on() -> None:
            self._stack.removeWidget(more)
            more.hide()
            more.deleteLater()
            self._add_findings(findings, start + _AT_ONCE)

        more.clicked.connect(go_on)
        self._stack.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)

    def _finding(self, finding: Finding) -> QWidget:
        theme, claim = self._theme, finding.claim
        whole = QWidget()
        stack = column(whole, spacing=2)
        line = row()
        if finding.question_id:
            number = TextLabel(theme, finding.question_id, size_px=12, weight=600, color="accent")
            number.setMinimumWidth(24)
            line.addWidget(number, 0, Qt.AlignmentFlag.AlignTop)
        color = "text" if claim.is_quoted else "muted"
        line.addWidget(TextLabel(theme, claim.text, size_px=12, color=color, wraps=True), 1)
        if not claim.is_quoted:
            badge = Badge(theme, "no quote found", "warning")
            line.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        stack.addLayout(line)
        for evidence in (*claim.evidence, *claim.rejected):
            stack.addWidget(QuoteLine(theme, evidence, self._show_quote))
        return whole

    def _add_review(self, review: Review) -> None:
        theme = self._theme
        card = Card(theme)
        body = column(card, left=12, top=10, right=12, bottom=10, spacing=8)
        word, tone = VERDICTS[review.verdict]
        head = row()
        head.addWidget(Badge(theme, word, tone))
        words = review_words(review)
        if len(review.issues) > len(review.open_issues):
            words += ": its quote does not stand in the files"
        head.addWidget(ElidingLabel(theme, words, weight=500), 1)
        body.addLayout(head)
        for issue in review.issues:
            body.addLayout(self._issue(issue))
        if review.alternative:
            words = f"Instead: {review.alternative}"
            body.addWidget(TextLabel(theme, words, size_px=12, wraps=True))
        self._stack.addWidget(card)
        self._add_questions(review.questions)

    def _issue(self, issue: Issue) -> QVBoxLayout:
        stack = column(spacing=4)
        line = row()
        word, tone = _SEVERITIES[issue.severity]
        line.addWidget(Badge(self._theme, word, tone), 0, Qt.AlignmentFlag.AlignTop)
        color = "muted" if issue.is_rejected else "text"
        why = TextLabel(self._theme, issue.why, size_px=12, weight=500, color=color, wraps=True)
        line.addWidget(why, 1)
        stack.addLayout(line)
        if issue.evidence is not None:
            stack.addWidget(QuoteLine(self._theme, issue.evidence, self._show_quote))
        return stack

    def _add_draft(self, draft: AskDraft) -> None:
        for response in draft.responses:
            line = row()
            badge = Badge(self._theme, f"{response.stance.value}s", "neutral")
            line.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(TextLabel(self._theme, response.reason, size_px=12, wraps=True), 1)
            self._stack.addLayout(line)
        for claim in draft.answer.claims:
            if claim.is_gap:
                self._stack.addWidget(_noted(self._theme, claim.text))
        for evidence in draft.answer.rejected:
            self._stack.addWidget(QuoteLine(self._theme, evidence, self._show_quote))


def _noted(theme: Theme, words: str) -> QWidget:
    """A sentence of the program that the reader must see."""
    whole = QWidget()
    line = row()
    mark = Badge(theme, "note", "warning", "warning-fill")
    line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(TextLabel(theme, words, size_px=12, wraps=True), 1)
    whole.setLayout(line)
    return whole
