"""Why a task takes its route: the rule, and every call with its tokens and its price."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.routing import PlannedCall, Route, Tier
from agentflow_desktop.desktop.formatting import format_count, format_tokens
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.table import DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.desktop.widgets.text_label import TextLabel
from agentflow_desktop.workflows.ask.wording import route_notes

_COLUMNS = (
    Column("Call"),
    Column("Model", 150),
    Column("Tokens in", 84, is_number=True),
    Column("Out at most", 92, is_number=True),
    Column("About", 80, is_number=True),
    Column("At most", 80, is_number=True),
)
_TIERS = {
    Tier.SMALL: (
        "Small: the planner proposes an answer, the heavy model verifies it, and the planner "
        "refines it while the review finds something."
    ),
    Tier.MEDIUM: (
        "Medium: the planner plans, the heavy model answers with all documents before it, and "
        "the planner reviews, asks further and writes the answer."
    ),
    Tier.LARGE: (
        "Large: the planner asks questions from an outline alone, the heavy model reads all "
        "documents in packs, and the planner writes from what was found."
    ),
}


class RouteDialog(QDialog):
    """Opened with ``open()``; shows the route as it was when it was opened."""

    def __init__(self, theme: Theme, parent: QWidget | None, route: Route) -> None:
        super().__init__(parent)
        self.setWindowTitle("Why this route")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 460)
        body = column(self, left=24, top=20, right=24, bottom=16, spacing=10)
        body.addWidget(TextLabel(theme, "Why this route", size_px=16, weight=600))
        body.addWidget(TextLabel(theme, _reason(route), wraps=True))
        body.addWidget(TextLabel(theme, _TIERS[route.tier], color="muted", wraps=True))
        self.table = DataTable(theme, _COLUMNS, "Planned calls")
        self.table.show_rows([_cells(call) for call in route.calls])
        self.table.set_empty_words("No model is asked.")
        body.addWidget(self.table, 1)
        for line in _notes(route):
            body.addWidget(TextLabel(theme, line, size_px=12, color="muted", wraps=True))
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = row()
        total = f"About {format_usd(route.about_usd)}, at most {format_usd(route.at_most_usd)}"
        buttons.addWidget(TextLabel(theme, total, weight=600), 1)
        buttons.addWidget(close)
        body.addLayout(buttons)


def _reason(route: Route) -> str:
    chosen = "You chose this tier. " if route.is_override else ""
    tokens = format_tokens(route.tokens, is_exact=route.is_exact)
    reason = f"{route.reason[:1].upper()}{route.reason[1:].rstrip('.')}."
    return f"{chosen}{reason} Task and documents together: {tokens}."


def _cells(call: PlannedCall) -> tuple[Cell, ...]:
    tone = "text" if call.is_certain else "muted"
    return (
        Cell(f"{call.role.value} {call.purpose}", tone=tone, weight=500),
        Cell(call.model, tone=tone, tip=call.model),
        Cell(format_count(call.input_tokens), tone=tone),
        Cell(format_count(call.max_output_tokens), tone=tone),
        Cell(format_usd(call.about_usd), tone=tone),
        Cell(format_usd(call.hold_usd), tone=tone),
    )


def _notes(route: Route) -> list[str]:
    notes: list[str] = []
    if any(not call.is_certain for call in route.calls):
        notes.append("Muted calls are made only if the review finds an issue.")
    notes += [f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in route_notes(route)]
    if route.calls:
        notes.append("What a call may cost at most is reserved before it is made.")
    return notes
