"""``--tool print-pdf``: a page of HTML on stdin, a PDF with page numbers on stdout.

A child process without a window, so that the command line, too, can print, and so that a long
report does not stop the window's loop.
"""

import os
import sys

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextDocument,
)

from agentflow_desktop.desktop.fonts import load_fonts
from agentflow_desktop.desktop.tokens import LIGHT

_RESOLUTION_DPI = 300
_MARGINS_MM = QMarginsF(18, 18, 18, 20)
_FOOTER_PT = 8
_MAX_BYTES = 100_000_000


def main() -> int:
    """Print what comes on stdin; gives the process's exit code."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    page = sys.stdin.buffer.read(_MAX_BYTES).decode("utf-8", "replace")
    app = QGuiApplication(sys.argv[:1])
    load_fonts()
    sys.stdout.buffer.write(printed(page))
    sys.stdout.buffer.flush()
    app.shutdown()
    return 0


def printed(page: str) -> bytes:
    """The PDF of a page of HTML on A4. Nothing that the page names is loaded."""
    target = QBuffer()
    target.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(target)
    writer.setResolution(_RESOLUTION_DPI)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            _MARGINS_MM,
            QPageLayout.Unit.Millimeter,
        )
    )
    writer.setCreator("AgentFlow Desktop")
    document = _ClosedDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setDefaultFont(_font(10.5))
    document.setMetaInformation(QTextDocument.MetaInformation.CssMedia, "print")
    document.setHtml(page)
    document.setDocumentMargin(0)
    writer.setTitle(document.metaInformation(QTextDocument.MetaInformation.DocumentTitle))
    area = QRectF(0, 0, writer.width(), writer.height())
    document.setPageSize(QSizeF(area.width(), area.height()))
    _paint(document, writer, area)
    return bytes(target.data().data())


class _ClosedDocument(QTextDocument):
    """A document that loads neither files nor addresses."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802 - Qt's name
        return None


def _paint(document: QTextDocument, writer: QPdfWriter, area: QRectF) -> None:
    painter = QPainter(writer)
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, QColor(f"#{LIGHT.text}"))
    count = document.pageCount()
    for page in range(count):
        if page:
            writer.newPage()
        painter.save()
        painter.translate(0, -page * area.height())
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette = palette
        # One less: a line that touches the next page is that page's.
        context.clip = QRectF(0, page * area.height(), area.width(), area.height() - 1)
        painter.setClipRect(context.clip)
        document.documentLayout().draw(painter, context)
        painter.restore()
        painter.setFont(_font(_FOOTER_PT))
        painter.setPen(QColor(f"#{LIGHT.muted}"))
        below_px = _RESOLUTION_DPI * 9 / 25.4
        footer = QRectF(0, area.height(), area.width(), below_px)
        place = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight
        painter.drawText(footer, place, f"{page + 1} of {count}")
    painter.end()


def _font(size_pt: float) -> QFont:
    """Inter with plain figures: those of one width have no meaning in the PDF's text, so that
    a number copied out of it would be lost."""
    font = QFont("Inter")
    font.setPointSizeF(size_pt)
    font.setFeature(QFont.Tag("calt"), 0)
    return font
