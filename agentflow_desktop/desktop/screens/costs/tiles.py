"""The figures at the top: six in a row, or in two rows where the window is narrow."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from agentflow_desktop.desktop.formatting import as_plain_tip
from agentflow_desktop.desktop.screens.costs.figures import Tile
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.meter import Meter
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, column
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel

COUNT = 6
TILE_PX = 84
_LEAST_TILE_PX = 172


class _TileView(QWidget):
    """Title, figure, note, and a bar where the figure has a limit."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._title = ElidingLabel(theme, size_px=12, color="muted")
        self._value = ElidingLabel(theme, size_px=23, weight=600)
        self._note = ElidingLabel(theme, size_px=11, color="muted")
        self._meter = Meter(theme)
        self._meter.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(TILE_PX)
        lines = column(self, left=EDGE_PX, top=10, right=12, bottom=6)
        lines.addWidget(self._title)
        lines.addWidget(self._value)
        lines.addWidget(self._note)
        lines.addSpacing(3)
        lines.addWidget(self._meter)
        lines.addStretch(1)
        theme.changed.connect(self.update)

    def show_tile(self, tile: Tile) -> None:
        self._title.setText(tile.title)
        self._value.setText(tile.value)
        self._note.setText(tile.note)
        self._note.set_color(tile.tone)
        self._meter.setVisible(tile.share is not None)
        if tile.share is not None:
            self._meter.set_share(tile.share, tile.held, tile.meter_tone)
        self.setToolTip(as_plain_tip(tile.tip))
        self.setAccessibleName(f"{tile.title}: {tile.value}, {tile.note}")

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(self._theme.color("border"))
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)


class TileStrip(Ground):
    """Tiles side by side, parted by hairlines."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._per_row = 0
        self._tiles = [_TileView(theme) for _ in range(COUNT)]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._arrange(COUNT)

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        for view, tile in zip(self._tiles, tiles, strict=True):
            view.show_tile(tile)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._arrange(COUNT if self.width() >= COUNT * _LEAST_TILE_PX else COUNT // 2)

    def _arrange(self, per_row: int) -> None:
        if per_row == self._per_row:
            return
        self._per_row = per_row
        for number, tile in enumerate(self._tiles):
            self._grid.addWidget(tile, number // per_row, number % per_row)
        for place in range(COUNT):
            self._grid.setColumnStretch(place, 1 if place < per_row else 0)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop)
