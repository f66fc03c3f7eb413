"""A bare pyqtgraph plot with a BarGraphItem a model. Runs in the peer's environment."""

import json

import pyqtgraph
from costs_frames import DAYS, MODELS, heights, milliseconds_per_frame
from PySide6.QtWidgets import QApplication

app = QApplication([])
plot = pyqtgraph.PlotWidget()
bottoms = [0.0] * DAYS
for model in range(MODELS):
    tall = heights(model)
    plot.addItem(
        pyqtgraph.BarGraphItem(
            x=list(range(DAYS)), y0=bottoms, height=tall, width=0.68,
            brush=pyqtgraph.intColor(model), pen=None,
        )
    )  # fmt: skip
    bottoms = [low + high for low, high in zip(bottoms, tall, strict=True)]
print(json.dumps({"ms": milliseconds_per_frame(app, plot, plot.viewport())}))
