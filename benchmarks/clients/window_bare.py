"""A bare PySide6 window with one pyqtgraph plot. Runs in the peer's environment."""

import pyqtgraph
from PySide6.QtWidgets import QMainWindow
from shown import application

app = application()
window = QMainWindow()
window.setCentralWidget(pyqtgraph.PlotWidget())
window.resize(1280, 800)
window.show()
app.exec()
