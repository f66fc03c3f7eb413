"""The right pane: the quoted file with the lit lines, and the list of all quotes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QToolButton, QWidget

from agentflow_desktop.desktop.formatting import place_words
from agentflow_desktop.desktop.screens.tasks.documents_table import file_icon
from agentflow_desktop.desktop.screens.tasks.quotes_list import QuotesList
from agentflow_desktop.desktop.screens.tasks.source_view import SourceView
from agentflow_desktop.desktop.screens.tasks.state import EvidencePhase, EvidenceState, State
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.pane import Ground, column, pane_header
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel


class EvidencePane(Ground):
    """``quote_chosen`` gives an Evidence, ``paged`` True for the later part."""

    quote_chosen = Signal(object)
    paged = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme
        self._shown: EvidenceState | None = None
        self.setMinimumWidth(260)
        self.source = SourceView(theme)
        self.quotes = QuotesList(theme)
        self._icon = QLabel()
        self._name = ElidingLabel(theme, weight=600, elide_middle=True)
        self._place = ElidingLabel(theme, size_px=12, color="muted")
        self._earlier, self._later = QToolButton(), QToolButton()
        self._changed = Banner(theme)
        self._empty = TextLabel(theme, color="muted", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._quote_facts = ElidingLabel(theme, size_px=12, color="muted")
        self._stack = QStackedWidget()
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self._lay_out(theme)
        self.quotes.chosen.connect(self.quote_chosen)
        theme.changed.connect(self._restyle)
        self._restyle()

    def render_state(self, state: State) -> None:
        answer = state.run.answer if state.run is not None else None
        self.quotes.show_answer(answer)
        self._show_quote_facts(state)
        evidence = state.evidence
        if evidence is self._shown:
            return
        self._shown = evidence
        self.quotes.select_evidence(evidence.evidence)
        self._show_head(evidence)
        self._show_body(evidence, has_quotes=bool(self.quotes.rows))

    def _show_quote_facts(self, state: State) -> None:
        rows = self.quotes.rows
        found = sum(1 for r in rows if r.number is not None)
        facts = f"{found} found" if rows else ""
        if len(rows) > found:
            facts += f", {len(rows) - found} rejected"
        answer = state.run.answer if state.run is not None else None
        without = sum(1 for c in answer.claims if not c.is_quoted) if answer is not None else 0
        if without:
            facts += f", {without} {'claim' if without == 1 else 'claims'} without"
        self._quote_facts.setText(facts.removeprefix(", "))

    def _show_head(self, state: EvidenceState) -> None:
        evidence = state.evidence
        self._name.setText(evidence.file if evidence is not None else "Evidence")
        icon = file_icon(evidence.file) if evidence is not None else "quotes"
        self._icon.setPixmap(self._theme.pixmap(icon, "muted"))
        excerpt = state.excerpt
        words = ""
        if evidence is not None:
            words = place_words(evidence).removeprefix(f"{evidence.file}, ")
        is_named = evidence is not None and bool(evidence.section)  # a sheet, not a page number
        if excerpt is not None and excerpt.page is not None and not is_named:
            is_elsewhere = excerpt.lit_end == excerpt.lit_start
            page = f"page {excerpt.page} of {excerpt.page_count}"
            line = f", line {evidence.line}" if evidence is not None and not is_elsewhere else ""
            words = f"{page}{line}"
        self._place.setText(words)
        self._earlier.setEnabled(excerpt is not None and excerpt.earlier_at is not None)
        self._later.setEnabled(excerpt is not None and excerpt.later_at is not None)

    def _show_body(self, state: EvidenceState, *, has_quotes: bool) -> None:
        self._changed.hide()
        match state.phase:
            case EvidencePhase.NONE:
                self._say(
                    "Choose a quote below to see it in its file."
                    if has_quotes
                    else "The lines that back an answer are shown here."
                )
            case EvidencePhase.LOADING:
                if self._stack.currentWidget() is not self.source:
                    self._say("Reading the file…")
            case EvidencePhase.FAILED:
                problem = state.problem
                self._say(f"{problem.message} {problem.hint}".strip() if problem else "")
            case EvidencePhase.READY:
                self.source.show_excerpt(state.excerpt)
                self._stack.setCurrentWidget(self.source)
                if state.is_changed:
                    self._warn_of_change(state)

    def _warn_of_change(self, state: EvidenceState) -> None:
        excerpt = state.excerpt
        stands = excerpt is not None and excerpt.lit_end > excerpt.lit_start
        hint = (
            "The quote still stands in it, here."
            if stands
            else "The quote no longer stands here as it was read."
        )
        self._changed.show_message(
            "warning", "This file has changed since the answer was made.", hint
        )

    def _say(self, words: str) -> None:
        self._empty.setText(words)
        self._stack.setCurrentIndex(0)

    def _restyle(self) -> None:
        self._earlier.setIcon(self._theme.icon("caret-up"))
        self._later.setIcon(self._theme.icon("caret-down"))
        if self._shown is not None:
            self._show_head(self._shown)

    def _lay_out(self, theme: Theme) -> None:
        header, line = pane_header(theme)
        line.addWidget(self._icon)
        line.addWidget(self._name, 1)
        line.addWidget(self._place)
        for button, word, later in (
            (self._earlier, "Earlier in the file", False),
            (self._later, "Later in the file", True),
        ):
            button.setFixedSize(24, 24)
            button.setToolTip(word)
            button.setAccessibleName(word)
            button.clicked.connect(lambda _=False, later=later: self.paged.emit(later))
            line.addWidget(button)
        blank = QWidget()
        column(blank, left=32, right=32).addWidget(self._empty)
        self._stack.addWidget(blank)
        self._stack.addWidget(self.source)
        top = QWidget()
        upper = column(top)
        upper.addWidget(header)
        banner = column(left=8, top=8, right=8, bottom=0)
        banner.addWidget(self._changed)
        upper.addLayout(banner)
        upper.addWidget(self._stack, 1)
        bottom = QWidget()
        lower = column(bottom)
        quotes_header, facts = pane_header(theme)
        facts.addWidget(TextLabel(theme, "Quotes", weight=600))
        facts.addWidget(self._quote_facts, 1)
        lower.addWidget(quotes_header)
        lower.addWidget(self.quotes, 1)
        splitter = self.splitter
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(top)
        splitter.addWidget(bottom)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setSizes([500, 300])
        column(self).addWidget(splitter)
