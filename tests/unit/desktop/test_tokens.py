"""The contrasts of both looks, computed anew."""

import pytest

from agentflow_desktop.desktop.tokens import DARK, LIGHT, Tokens, contrast_ratio

GROUNDS = ("window", "surface", "raised", "sunken", "hover", "accent_soft")
INKS = ("text", "muted")
BADGES = ("success", "warning", "danger", "info", "accent")


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", INKS)
def test_text_is_legible_on_every_ground(look: Tokens, ground: str, ink: str) -> None:
    assert contrast_ratio(getattr(look, ink), getattr(look, ground)) >= 5.1


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", BADGES)
def test_a_badge_is_legible_on_its_own_ground(look: Tokens, name: str) -> None:
    assert contrast_ratio(getattr(look, name), getattr(look, f"{name}_soft")) >= 5.1


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_a_lit_line_is_legible(look: Tokens) -> None:
    assert contrast_ratio(look.quote_text, look.quote) >= 7
    assert contrast_ratio(look.quote_bar, look.surface) >= 3


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_a_field_stands_out_from_its_ground(look: Tokens) -> None:
    assert contrast_ratio(look.outline, look.surface) >= 3.3
    assert contrast_ratio(look.on_accent, look.accent) >= 5.1
    assert contrast_ratio(look.text, look.neutral) >= 5.2


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("number", range(1, 9))
def test_a_series_stands_out_from_the_surface_of_its_chart(look: Tokens, number: int) -> None:
    assert contrast_ratio(getattr(look, f"series_{number}"), look.surface) >= 3.1


def test_contrast_runs_from_one_to_twenty_one() -> None:
    assert contrast_ratio("FFFFFF", "FFFFFF") == 1
    assert contrast_ratio("FFFFFF", "000000") == pytest.approx(21)
