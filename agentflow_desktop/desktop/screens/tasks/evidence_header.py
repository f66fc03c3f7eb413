"""Above the quoted file: its name, page or text, where the quote stands, and the way to others."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from agentflow_desktop.desktop.formatting import place_words
from agentflow_desktop.desktop.screens.tasks.documents_table import file_icon
from agentflow_desktop.desktop.screens.tasks.quote_line import OCR_BADGE
from agentflow_desktop.desktop.screens.tasks.state import EvidenceState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, PANE_HEADER_PX, Ground, column, row
from agentflow_desktop.desktop.widgets.segmented import Segmented
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel

_PAGE, _TEXT = 0, 1
_OCR_TIP = "The page is a picture. OCR read its text, in which letters may be mistaken."


class EvidenceHeader(QWidget):
    """``leafed`` and ``quote_turned`` give True for the later one, ``view_chosen`` whether the
    page is wanted rather than its text."""

    leafed = Signal(bool)
    quote_turned = Signal(bool)
    view_chosen = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: EvidenceState | None = None
        self._icon = QLabel()
        self._name = ElidingLabel(theme, weight=600, elide_middle=True)
        self._place = ElidingLabel(theme, size_px=12, weight=500)
        self._ocr = Badge(theme, *OCR_BADGE, tip=_OCR_TIP)
        self._ocr.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._count = TextLabel(theme, size_px=12, color="muted")
        self.views = Segmented(theme, ("Page", "Text"), "How the file is shown")
        self._second = Ground(theme, line_below=True)
        self.earlier = self._button("Earlier in the file")
        self.later = self._button("Later in the file")
        self.previous_quote = self._button("Previous quote")
        self.next_quote = self._button("Next quote")
        self._connect()
        self._lay_out(theme)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_evidence(self, state: EvidenceState, quote_count: int) -> None:
        """``quote_count`` is how many quotes of the answer were found."""
        number = state.number
        self._count.setText(f"{number} / {quote_count}" if number is not None else "")
        self.previous_quote.setEnabled(number is not None and number > 1)
        self.next_quote.setEnabled(number is not None and number < quote_count)
        if state is self._shown:
            return
        self._shown = state
        evidence = state.evidence
        self._name.setText(evidence.file if evidence is not None else "Evidence")
        icon = file_icon(evidence.file) if evidence is not None else "quotes"
        self._icon.setPixmap(self._theme.pixmap(icon, "muted"))
        self._second.setVisible(evidence is not None)
        self.views.setVisible(state.page is not None)
        self.views.set_index(_PAGE if state.shows_page else _TEXT)
        self._place.setText(_place(state))
        self._ocr.setVisible(evidence is not None and evidence.is_from_ocr)
        self._show_ends(state)

    def _show_ends(self, state: EvidenceState) -> None:
        excerpt, page = state.excerpt, state.page
        if page is not None and state.shows_page:
            can_go = page.number > 1, page.number < page.count
        else:
            can_go = (
                excerpt is not None and excerpt.earlier_at is not None,
                excerpt is not None and excerpt.later_at is not None,
            )
        self.earlier.setEnabled(can_go[0])
        self.later.setEnabled(can_go[1])

    def _button(self, words: str) -> QToolButton:
        button = QToolButton()
        button.setFixedSize(24, 24)
        button.setToolTip(words)
        button.setAccessibleName(words)
        return button

    def _connect(self) -> None:
        self.earlier.clicked.connect(lambda: self.leafed.emit(False))
        self.later.clicked.connect(lambda: self.leafed.emit(True))
        self.previous_quote.clicked.connect(lambda: self.quote_turned.emit(False))
        self.next_quote.clicked.connect(lambda: self.quote_turned.emit(True))
        self.views.chosen.connect(lambda index: self.view_chosen.emit(index == _PAGE))

    def _restyle(self) -> None:
        for button, icon in (
            (self.earlier, "caret-up"),
            (self.later, "caret-down"),
            (self.previous_quote, "caret-left"),
            (self.next_quote, "caret-right"),
        ):
            button.setIcon(self._theme.icon(icon))

    def _lay_out(self, theme: Theme) -> None:
        first = Ground(theme, line_below=True)
        first.setFixedHeight(PANE_HEADER_PX)
        line = row(left=EDGE_PX, right=12)
        line.addWidget(self._icon)
        line.addWidget(self._name, 1)
        line.addWidget(self.views)
        first.setLayout(line)
        self._second.setFixedHeight(32)
        line = row(left=EDGE_PX, right=12, spacing=4)
        line.addWidget(self._place)
        line.addWidget(self._ocr)
        line.addWidget(self.earlier)
        line.addWidget(self.later)
        line.addStretch(1)
        for widget in (self.previous_quote, self._count, self.next_quote):
            line.addWidget(widget)
        self._second.setLayout(line)
        whole = column(self)
        whole.addWidget(first)
        whole.addWidget(self._second)


def _place(state: EvidenceState) -> str:
    """Page and line of the quote, or of what was leafed to."""
    evidence, excerpt, page = state.evidence, state.excerpt, state.page
    if evidence is None:
        return ""
    if page is not None and state.shows_page:
        line = f", line {evidence.line}" if evidence.page == page.number else ""
        return f"Page {page.number} of {page.count}{line}"
    if excerpt is not None and excerpt.page is not None and not evidence.section:
        is_elsewhere = excerpt.lit_end == excerpt.lit_start
        line = "" if is_elsewhere else f", line {evidence.line}"
        return f"Page {excerpt.page} of {excerpt.page_count}{line}"
    words = place_words(evidence).removeprefix(f"{evidence.file}, ")
    return words[:1].upper() + words[1:]
