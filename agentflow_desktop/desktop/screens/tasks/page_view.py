"""A page of a document as it looks, fitted to the pane's width, with the quote marked."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from agentflow_desktop.desktop.screens.tasks.state import PageState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.tokens import LIGHT
from agentflow_desktop.documents.page_image import PageImage

_EDGE_PX = 12
_RESIZED_AFTER_MS = 120


class _Sheet(QWidget):
    """The paper. Paper is light in both looks, and so is the mark on it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._picture: QImage | None = None
        self._boxes: tuple[QRectF, ...] = ()
        self.setAccessibleName("Page")
        theme.changed.connect(self.update)

    def show_image(self, image: PageImage | None, ratio: float) -> None:
        self._picture, self._boxes = None, ()
        if image is not None:
            picture = QImage(
                image.pixels, image.width_px, image.height_px, QImage.Format.Format_RGB32
            ).copy()  # the pixels are not ours to keep
            picture.setDevicePixelRatio(ratio)
            self._picture = picture
            self._boxes = tuple(
                QRectF(
                    box.left / ratio,
                    box.top / ratio,
                    (box.right - box.left) / ratio,
                    (box.bottom - box.top) / ratio,
                )
                for box in image.quote_boxes
            )
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        if self._picture is None:
            return QSize(0, 0)
        size = self._picture.deviceIndependentSize().toSize()
        return QSize(size.width() + 2 * _EDGE_PX, size.height() + 2 * _EDGE_PX)

    @property
    def quote_rect(self) -> QRect | None:
        """Where the first stretch of the quote is, in the widget."""
        if not self._boxes:
            return None
        return self._boxes[0].toRect().translated(QPoint(_EDGE_PX, _EDGE_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        if self._picture is None:
            return
        painter = QPainter(self)
        painter.translate(_EDGE_PX, _EDGE_PX)
        sheet = QRectF(0, 0, self.width() - 2 * _EDGE_PX, self.height() - 2 * _EDGE_PX)
        painter.fillRect(sheet, self._theme.color("paper"))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        painter.drawImage(QPoint(0, 0), self._picture)
        for box in self._boxes:
            painter.fillRect(box, QColor(f"#{LIGHT.quote}"))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setPen(self._theme.color("border"))
        painter.drawRect(sheet.adjusted(0, 0, -1, -1))
        painter.setPen(QPen(QColor(f"#{LIGHT.quote_bar}"), 1.5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for box in self._boxes:
            painter.drawRect(box.adjusted(-1, -1, 1, 1))


class PageView(QScrollArea):
    """``width_changed`` gives the width in which a page should be drawn, in device pixels."""

    width_changed = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._sheet = _Sheet(theme)
        self._shown: PageImage | None = None
        self.setWidget(self._sheet)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName("The quoted page")
        self.viewport().setAutoFillBackground(False)
        self._resized = QTimer(self)
        self._resized.setSingleShot(True)
        self._resized.setInterval(_RESIZED_AFTER_MS)
        self._resized.timeout.connect(self._tell_width)

    @property
    def image(self) -> PageImage | None:
        return self._shown

    def show_page(self, page: PageState) -> None:
        """Draw the page, scrolled to the quote where it stands on it."""
        if page.image is self._shown:
            return
        is_other = self._shown is None or page.image is None or page.image.page != self._shown.page
        moved = (
            page.image is not None
            and self._shown is not None
            and (page.image.quote_boxes != self._shown.quote_boxes)
        )
        self._shown = page.image
        self._sheet.show_image(page.image, self.devicePixelRatioF())
        if is_other or moved:
            quote = self._sheet.quote_rect
            room = max(0, self.viewport().height() // 3)
            self.verticalScrollBar().setValue(quote.top() - room if quote is not None else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._resized.start()

    def _tell_width(self) -> None:
        width_px = self.viewport().width() - 2 * _EDGE_PX
        if width_px > 0:
            self.width_changed.emit(round(width_px * self.devicePixelRatioF()))
