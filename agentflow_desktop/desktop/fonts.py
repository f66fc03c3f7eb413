"""The bundled fonts, made known to Qt."""

from pathlib import Path

from PySide6.QtGui import QFontDatabase

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.desktop.resources import resource_path


def load_fonts() -> None:
    for path in sorted(resource_path("fonts").iterdir()):
        if path.suffix in (".otf", ".ttf"):
            load_font(path)


def load_font(path: Path) -> str:
    number = QFontDatabase.addApplicationFont(str(path))
    if number == -1:
        raise ConfigurationError(
            f"The font {path.name} can't be used.", hint="Install AgentFlow again."
        )
    return QFontDatabase.applicationFontFamilies(number)[0]
