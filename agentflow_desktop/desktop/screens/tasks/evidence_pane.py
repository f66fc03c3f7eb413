"""The right pane: the quoted file with the quote marked, and the list of all quotes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from agentflow_desktop.desktop.screens.tasks.evidence_header import EvidenceHeader
from agentflow_desktop.desktop.screens.tasks.page_view import PageView
from agentflow_desktop.desktop.screens.tasks.quotes_list import QuotesList
from agentflow_desktop.desktop.screens.tasks.source_view import SourceView
from agentflow_desktop.desktop.screens.tasks.state import (
    EvidencePhase,
    EvidenceState,
    PageState,
    State,
)
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.pane import Ground, column, pane_header
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel


class EvidencePane(Ground):
    """``quote_chosen`` gives an Evidence."""

    quote_chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._shown: EvidenceState | None = None
        self.setMinimumWidth(260)
        self.header = EvidenceHeader(theme)
        self.source = SourceView(theme)
        self.page = PageView(theme)
        self.quotes = QuotesList(theme)
        self._changed = Banner(theme)
        self._change_row = Ground(theme)
        column(self._change_row, left=8, top=8, right=8, bottom=8).addWidget(self._changed)
        self._change_row.hide()
        self._empty = TextLabel(theme, color="muted", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._quote_facts = ElidingLabel(theme, size_px=12, color="muted")
        self._stack = QStackedWidget()
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self._lay_out(theme)
        self.quotes.chosen.connect(self.quote_chosen)

    def render_state(self, state: State) -> None:
        answer = state.run.answer if state.run is not None else None
        self.quotes.show_answer(answer)
        self._show_quote_facts(state)
        evidence = state.evidence
        found = sum(1 for row in self.quotes.rows if row.number is not None)
        self.header.show_evidence(evidence, found)
        if evidence is self._shown:
            return
        self._shown = evidence
        self.quotes.select_evidence(evidence.evidence)
        self._show_body(evidence, has_quotes=bool(self.quotes.rows))

    def _show_quote_facts(self, state: State) -> None:
        rows = self.quotes.rows
        found = sum(1 for r in rows if r.number is not None)
        facts = f"{found} found" if rows else ""
        if len(rows) > found:
            facts += f", {len(rows) - found} rejected"
        answer = state.run.answer if state.run is not None else None
        claims = answer.claims if answer is not None else ()
        without = sum(1 for claim in claims if not claim.is_quoted and not claim.is_gap)
        if without:
            facts += f", {without} {'claim' if without == 1 else 'claims'} without"
        self._quote_facts.setText(facts.removeprefix(", "))

    def _show_body(self, state: EvidenceState, *, has_quotes: bool) -> None:
        self._change_row.hide()
        match state.phase:
            case EvidencePhase.NONE:
                self._say(
                    "Choose a quote below to see it in its file."
                    if has_quotes
                    else "The lines that back an answer are shown here."
                )
            case EvidencePhase.LOADING:
                if self._stack.currentIndex() == 0:
                    self._say("Reading the file…")
            case EvidencePhase.FAILED:
                problem = state.problem
                self._say(problem.words if problem is not None else "")
            case EvidencePhase.READY:
                self.source.show_excerpt(state.excerpt)
                if state.page is not None and state.shows_page:
                    self._show_page(state.page)
                else:
                    self._stack.setCurrentWidget(self.source)
                if state.is_changed:
                    self._warn_of_change(state)

    def _show_page(self, page: PageState) -> None:
        if page.problem is not None:
            self._say(f"{page.problem.words} Its text can still be shown.")
            return
        self.page.show_page(page)
        self._stack.setCurrentWidget(self.page)

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
        self._change_row.show()

    def _say(self, words: str) -> None:
        self._empty.setText(words)
        self._stack.setCurrentIndex(0)

    def _lay_out(self, theme: Theme) -> None:
        blank = Ground(theme)
        column(blank, left=32, right=32).addWidget(self._empty)
        for widget in (blank, self.source, self.page):
            self._stack.addWidget(widget)
        top = Ground(theme, "sunken")
        upper = column(top)
        upper.addWidget(self.header)
        upper.addWidget(self._change_row)
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
        splitter.setSizes([540, 260])
        column(self).addWidget(splitter)
