"""What to do where files have pages that are pictures and nothing here can read them."""

from collections.abc import Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from agentflow_desktop.desktop.formatting import as_plain_tip, format_count, plural
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel
from agentflow_desktop.documents.document import INSTALL_OCR
from agentflow_desktop.workflows.ask.model import FileLine


class OcrNote(QWidget):
    """Hidden where every page was read. Its tooltip and its accessible name say it at length."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._icon = QLabel()
        self._words = ElidingLabel(theme, size_px=12, color="warning")
        self.copy_button = QPushButton("Copy command")
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(INSTALL_OCR))
        line = row(top=6, spacing=8)
        line.addWidget(self._icon)
        line.addWidget(self._words, 1)
        line.addWidget(self.copy_button)
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
        count = len(names)
        which = f"{format_count(count)} {plural(count, 'file')}"
        self._words.setText(f"{which} {'needs' if count == 1 else 'need'} OCR")
        subject = f"{names[0]} has" if count == 1 else f"{which} have"
        at_length = (
            f"{subject} pages that are pictures. To read them, run this and start the"
            f" program again: {INSTALL_OCR}"
        )
        self.setToolTip(as_plain_tip(at_length))
        self.setAccessibleName(at_length)

    def _restyle(self) -> None:
        self._icon.setPixmap(self._theme.pixmap("image", "warning", 16))
