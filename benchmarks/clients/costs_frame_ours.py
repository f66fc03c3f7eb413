"""Our spend chart with a year of days by 8 models."""

import json
from datetime import date, timedelta
from decimal import Decimal

from costs_frames import DAYS, MODELS, heights, milliseconds_per_frame
from PySide6.QtWidgets import QApplication

from agentflow_desktop.desktop.screens.costs.chart_data import SpendData, Stack
from agentflow_desktop.desktop.screens.costs.spend_chart import SpendChart
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.llm.costs import CostGroup

app = QApplication([])
theme = Theme(app, "light")
chart = SpendChart(theme)
columns = [heights(model) for model in range(MODELS)]
first = date(2025, 11, 24)
stacks = tuple(
    Stack(
        first + timedelta(days=day),
        tuple((model, Decimal(str(columns[model][day]))) for model in range(MODELS)),
    )
    for day in range(DAYS)
)
names = {model: f"model-{model}" for model in range(MODELS)}
chart.show_spend(SpendData(CostGroup.DAY, stacks, names, Decimal(8), Decimal(6), None))
print(json.dumps({"ms": milliseconds_per_frame(app, chart, chart.viewport())}))
