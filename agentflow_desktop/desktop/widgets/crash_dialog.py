"""Says that the program itself failed, with what a report needs: run, log, details."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QWidget

from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.text_label import TextLabel


class CrashDialog(QDialog):
    """Opened with ``open()``; the window behind it goes on as far as it can.

    ``report`` is None if it could not be written, ``text`` is all that stands in it.
    """

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        *,
        report: Path | None,
        text: str,
        run_id: str,
        kind: str,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("AgentFlow has a fault")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        where = str(report) if report is not None else "could not be written; see the console"
        facts = [f"Fault: {kind}", f"Report: {where}"]
        if run_id:
            facts.insert(1, f"Run: {run_id}")
        self._details = "\n".join(facts)
        self._text = text or self._details
        body = column(self, left=24, top=24, right=24, bottom=16, spacing=12)
        body.addWidget(
            TextLabel(theme, "Something went wrong in AgentFlow", size_px=16, weight=600)
        )
        words = (
            "This is a fault of the program, not of what you did. What was spent is in the "
            "ledger, and finished runs are in the history. You can go on; if the window "
            "behaves oddly, start it again."
        )
        body.addWidget(TextLabel(theme, words, wraps=True))
        box = QPlainTextEdit(self._details)
        box.setProperty("kind", "field")
        box.setReadOnly(True)
        box.setFont(theme.mono_font(12))
        box.setFixedHeight(84)
        box.setAccessibleName("Details for a report")
        body.addWidget(box)
        privacy = (
            "The report has no keys and no documents; look it over before you pass it on, since a "
            "message in it may quote what it is about."
        )
        body.addWidget(TextLabel(theme, privacy, size_px=12, color="muted", wraps=True))
        body.addLayout(self._make_buttons(report))

    def _make_buttons(self, report: Path | None) -> QHBoxLayout:
        self.folder_button = QPushButton("Open its folder")
        self.folder_button.setVisible(report is not None)
        if report is not None:
            folder = QUrl.fromLocalFile(str(report.parent))
            self.folder_button.clicked.connect(lambda: QDesktopServices.openUrl(folder))
        self.copy_button = QPushButton("Copy report" if report is not None else "Copy details")
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text))
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = row(spacing=8)
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.folder_button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        return buttons

    @property
    def details(self) -> str:
        return self._details
