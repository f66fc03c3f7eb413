"""Our window, opened as ``agentflow-desktop`` opens it."""

from shown import application

from agentflow_desktop.desktop.application import main

app = application()
main()
