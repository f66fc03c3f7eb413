"""What to do where files have pages that are pictures and nothing here can read them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from agentflow_desktop.desktop.formatting import format_count
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.text_label import TextLabel
from agentflow_desktop.documents.document import INSTALL_OCR
from agentflow_desktop.workflows.ask.model import FileLine


class OcrNote(QWidget):
    """Hidden where every page was read."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._icon = QLabel()
        self._words = TextLabel(theme, size_px=12, color="muted", wraps=True)
        self.copy_button = QPushButton("Copy the command")
        self.copy_button.setToolTip(INSTALL_OCR)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(INSTALL_OCR))
        stack = column(spacing=6)
        stack.addWidget(self._words)
        stack.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignLeft)
        line = row(top=8, spacing=8)
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(stack, 1)
        self.setLayout(line)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def show_files(self, files: Sequence[FileLine]) -> None:
        """Tell of those that need OCR."""
        names = [line.name for line in files if INSTALL_OCR in line.reason]
        self.setVisible(bool(names))
        if not names:
            return
        which = names[0] if len(names) == 1 else f"{format_count(len(names))} files"
        has = "has" if len(names) == 1 else "have"
        self._words.setText(
            f"{which} {has} pages that are pictures. To read them, install the OCR extra and"
            f" start the program again: {INSTALL_OCR}"
        )

    def _restyle(self) -> None:
        self._icon.setPixmap(self._theme.pixmap("image", "warning", 16))
