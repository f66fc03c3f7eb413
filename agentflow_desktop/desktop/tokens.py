"""The colours of both looks. Yellow means one thing everywhere: this is the quoted source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """One look's colours as RRGGBB. ``*_soft`` is the ground of a badge in that colour,
    ``series_*`` are told apart in charts, also by eyes that miss a colour."""

    window: str
    surface: str
    raised: str
    sunken: str
    hover: str
    border: str
    grid: str
    outline: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    success: str
    success_soft: str
    warning: str
    warning_soft: str
    danger: str
    danger_soft: str
    info: str
    info_soft: str
    quote: str
    quote_bar: str
    quote_text: str
    neutral: str
    paper: str
    ink: str
    series_1: str
    series_2: str
    series_3: str
    series_4: str
    series_5: str
    series_6: str
    series_7: str
    series_8: str
    is_dark: bool


LIGHT = Tokens(
    window="F2F4F6", surface="FFFFFF", raised="F8F9FA", sunken="EDEFF2", hover="EBEEF2",
    border="DCE0E5", grid="E6E9ED", outline="858E99", text="1A1F26", muted="545D68",
    accent="1F5FBF", on_accent="FFFFFF", accent_soft="E4EDFA",
    success="19703F", success_soft="E0F2E7", warning="8A5300", warning_soft="FDF0D5",
    danger="B4232F", danger_soft="FBE7E8", info="0B6478", info_soft="DFF1F5",
    quote="FFEFA8", quote_bar="B98800", quote_text="1A1F26", neutral="E9ECF0",
    series_1="383E88", series_2="0D99DF", series_3="BF8406", series_4="638B57",
    series_5="83204B", series_6="865AF9", series_7="A982A3", series_8="A30F0D",
    paper="FFFFFF", ink="23272E", is_dark=False,
)  # fmt: skip

DARK = Tokens(
    window="121518", surface="181C20", raised="1F2429", sunken="0E1113", hover="262C32",
    border="2C333A", grid="262C32", outline="6D7884", text="E3E7EB", muted="9DA7B2",
    accent="79AEFF", on_accent="0B1626", accent_soft="1D2F4A",
    success="55C58A", success_soft="15311F", warning="EDB155", warning_soft="382A10",
    danger="FF8A8A", danger_soft="401D20", info="5CC3DA", info_soft="12303A",
    quote="4D400F", quote_bar="E0B13A", quote_text="FFF4CF", neutral="2A3037",
    series_1="89B4FF", series_2="6ADBE4", series_3="D3953F", series_4="258B5A",
    series_5="CA449C", series_6="7364D8", series_7="B5C9AB", series_8="E3D34A",
    paper="E8E6E0", ink="23272E", is_dark=True,
)  # fmt: skip


def contrast_ratio(first: str, second: str) -> float:
    """Contrast of two colours, 1 to 21.

    Source: WCAG 2.2, relative luminance and contrast ratio.
    """
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
