"""The look of the window: palette, style sheet, fonts and icons, light or dark."""

import json
import os
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Literal, cast

from PySide6.QtCore import QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QApplication

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.desktop.fonts import load_font, load_fonts
from agentflow_desktop.desktop.resources import resource_path
from agentflow_desktop.desktop.tokens import DARK, LIGHT, Tokens

Choice = Literal["system", "light", "dark"]
CHOICES: tuple[Choice, ...] = ("system", "light", "dark")
THEME_VARIABLE = "AGENTFLOW_THEME"

_WEIGHTS = {400: QFont.Weight.Normal, 500: QFont.Weight.Medium, 600: QFont.Weight.DemiBold}
_DISPLAY_FROM_PX = 18


class Theme(QObject):
    """The current look. ``changed`` is emitted when the system switches between light and dark."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: Choice) -> None:
        super().__init__()
        self._app = app
        self._choice: Choice = choice
        load_fonts()
        self._icon_font = _load_icon_font()
        _icon_characters()  # read now: the first icon is painted on the loop
        self.tokens = self._wanted()
        app.setStyle("Fusion")
        self._apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)

    @property
    def choice(self) -> Choice:
        """What was chosen: the system's look, or one that is forced."""
        return self._choice

    def choose(self, choice: Choice) -> None:
        """Follow the system, or force light or dark, from now on."""
        self._choice = choice
        self._follow()

    def color(self, name: str) -> QColor:
        """The colour of a token, e.g. ``accent_soft``."""
        return QColor(f"#{getattr(self.tokens, name)}")

    def font(self, size_px: int = 13, weight: int = 400) -> QFont:
        """Inter with figures of one width; from 18 px up Inter Display.

        In dark, light text on a dark ground looks bolder, so small text takes one weight less.
        """
        is_display = size_px >= _DISPLAY_FROM_PX
        if self.tokens.is_dark and not is_display and weight > 400:
            weight -= 100
        return _with_figures(
            QFont("Inter Display" if is_display else "Inter"), size_px, _WEIGHTS[weight]
        )

    def mono_font(self, size_px: int = 12) -> QFont:
        """JetBrains Mono, for source text and ids."""
        font = _with_figures(QFont("JetBrains Mono"), size_px, QFont.Weight.Normal)
        font.setStyleHint(QFont.StyleHint.Monospace)
        return font

    def pixmap(self, icon: str, color: str, size_px: int = 16) -> QPixmap:
        """A Phosphor icon by name in the colour of a token."""
        ratio = self._app.devicePixelRatio()
        pixmap = QPixmap(round(size_px * ratio), round(size_px * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint_icon(painter, QRect(0, 0, size_px, size_px), icon, color)
        painter.end()
        return pixmap

    def icon(self, name: str, color: str = "muted", size_px: int = 16) -> QIcon:
        """A Phosphor icon for a button, greyed where the button is disabled."""
        icon = QIcon(self.pixmap(name, color, size_px))
        icon.addPixmap(self.pixmap(name, "outline", size_px), QIcon.Mode.Disabled)
        return icon

    def paint_icon(self, painter: QPainter, rect: QRect, name: str, color: str) -> None:
        """Draw the icon to fill the rectangle."""
        font = QFont(self._icon_font)
        font.setPixelSize(rect.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        painter.setPen(self.color(color))
        painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, _icon_characters()[name])
        painter.restore()

    def _wanted(self) -> Tokens:
        if self._choice != "system":
            return DARK if self._choice == "dark" else LIGHT
        scheme = QGuiApplication.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT

    def _follow(self) -> None:
        wanted = self._wanted()
        if wanted is not self.tokens:
            self.tokens = wanted
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        self._app.setPalette(make_palette(self.tokens))
        self._app.setFont(self.font())
        self._app.setStyleSheet(make_style_sheet(self.tokens))


def chosen_theme(argument: str | None, kept: str = "") -> Choice:
    """The look to start with: the argument, else AGENTFLOW_THEME, else what was kept, else the
    system's.

    Raises ConfigurationError for any other word of the first two.
    """
    if kept not in CHOICES:
        kept = ""
    word = argument or os.environ.get(THEME_VARIABLE, "") or kept or "system"
    if word not in CHOICES:
        raise ConfigurationError(
            f"There is no look named {word!r}.", hint="Use system, light or dark."
        )
    return word


def make_palette(tokens: Tokens) -> QPalette:
    """The look's colours under Qt's names."""
    role = QPalette.ColorRole
    colours = {
        role.Window: tokens.window, role.WindowText: tokens.text, role.Base: tokens.surface,
        role.AlternateBase: tokens.raised, role.Text: tokens.text, role.Button: tokens.raised,
        role.ButtonText: tokens.text, role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text, role.PlaceholderText: tokens.muted,
        role.Highlight: tokens.accent_soft, role.HighlightedText: tokens.text,
        role.Link: tokens.accent, role.LinkVisited: tokens.accent, role.Accent: tokens.accent,
        role.Light: tokens.surface, role.Midlight: tokens.grid, role.Mid: tokens.border,
        role.Dark: tokens.outline, role.Shadow: tokens.outline, role.BrightText: tokens.danger,
    }  # fmt: skip
    palette = QPalette()
    for key, value in colours.items():
        palette.setColor(key, QColor(f"#{value}"))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(f"#{tokens.outline}"))
    return palette


def make_style_sheet(tokens: Tokens) -> str:
    """Style of buttons, fields, scroll bars and splitters; everything else is palette."""
    names = {name: f"#{getattr(tokens, name)}" for name in Tokens.__slots__ if name != "is_dark"}
    look = "dark" if tokens.is_dark else "light"
    icons = resource_path("icons").as_posix()
    return _style_template().substitute(names, icons=icons, look=look)


@lru_cache(maxsize=1)
def _style_template() -> Template:
    return Template((resource_path("styles") / "window.qss").read_text(encoding="utf-8"))


def _with_figures(font: QFont, size_px: int, weight: QFont.Weight) -> QFont:
    font.setPixelSize(size_px)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(QFont.Tag("tnum"), 1)
    # Inter would draw the x of "4 x 2" as a times sign and JetBrains Mono joins "!=": a quote
    # must look as it stands.
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def _load_icon_font() -> str:
    return load_font(_icon_folder() / "phosphor-1.3.0.ttf")


@lru_cache(maxsize=1)
def _icon_folder() -> Path:
    """Where QtAwesome keeps Phosphor. Not imported: it would load a dozen other fonts."""
    found = find_spec("qtawesome")
    if found is None or found.origin is None:
        raise ConfigurationError("The icons are missing.", hint="Install AgentFlow again.")
    return Path(found.origin).parent / "fonts"


@lru_cache(maxsize=1)
def _icon_characters() -> dict[str, str]:
    text = (_icon_folder() / "phosphor-charmap-1.3.0.json").read_text(encoding="utf-8")
    codes = cast(dict[str, str], json.loads(text))
    return {name: chr(int(code, 16)) for name, code in codes.items()}
