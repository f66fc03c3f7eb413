"""A quote in one line: the words, where they stand, and how they were found."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.desktop.formatting import as_one_line
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.desktop.widgets.pane import row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel

_STATES = {
    QuoteState.EXACT: ("exact", "success"),
    QuoteState.SPACES: ("spaces", "success"),
    QuoteState.CLOSE: ("nearly exact", "warning"),
    QuoteState.AMBIGUOUS: ("in several places", "warning"),
    QuoteState.NOT_FOUND: ("not found", "danger"),
}
OCR_BADGE = ("read by OCR", "info", "image")


def quote_badges(evidence: Evidence) -> tuple[tuple[str, str, str], ...]:
    """Word, tone and icon of each badge of a quote: who read the text, and how it stands there."""
    state = (*_STATES[evidence.state], "")
    return (OCR_BADGE, state) if evidence.is_from_ocr else (state,)


class QuoteLine(QWidget):
    """``show_quote`` is called with the Evidence when its place is clicked."""

    def __init__(
        self, theme: Theme, evidence: Evidence, show_quote: Callable[[Evidence], None]
    ) -> None:
        super().__init__()
        line = row(left=2)
        mark = QLabel()
        mark.setPixmap(theme.pixmap("quotes", "quote_bar", 14))
        line.addWidget(mark)
        quote = ElidingLabel(theme, as_one_line(evidence.quote), size_px=12, weight=500)
        line.addWidget(quote, 1)
        place = _PlaceLink(theme, evidence.place())
        place.clicked.connect(lambda: show_quote(evidence))
        place.setEnabled(evidence.state.is_found)
        line.addWidget(place)
        for words, tone, icon in quote_badges(evidence):
            line.addWidget(Badge(theme, words, tone, icon))
        self.setLayout(line)


class _PlaceLink(QToolButton):
    """A file and line that leads to the evidence pane; a long one gives way in its middle."""

    def __init__(self, theme: Theme, place: str) -> None:
        super().__init__()
        self.setFont(theme.font(12, 500))
        self.setText(
            self.fontMetrics().elidedText(place, Qt.TextElideMode.ElideMiddle, _WIDEST_PLACE_PX)
        )
        self.setStyleSheet(f"color: #{theme.tokens.accent};")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Show {place}")


_WIDEST_PLACE_PX = 220
