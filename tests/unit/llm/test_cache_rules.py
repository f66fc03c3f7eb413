"""What makes two questions the same, and which results are kept."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.core.settings import CachingSettings
from agentflow_desktop.llm.cache import cache_key, is_worth_keeping

FREE = Decimal(0)
SETTINGS = CachingSettings(min_files_to_cache=3, min_tokens_to_cache=1_000)


@pytest.mark.parametrize(
    ("files", "tokens", "cost_usd", "kept"),
    [
        (2, 999, FREE, False),
        (3, 0, FREE, True),
        (0, 1_000, FREE, True),
        (0, 0, Decimal("0.000000001"), True),
    ],
)
def test_a_result_is_kept_for_its_files_its_tokens_or_its_price(
    files: int, tokens: int, cost_usd: Decimal, kept: bool
) -> None:
    assert is_worth_keeping(SETTINGS, files=files, tokens=tokens, cost_usd=cost_usd) is kept


def test_nothing_is_kept_when_caching_is_off() -> None:
    off = CachingSettings(enabled=False)
    assert not is_worth_keeping(off, files=9, tokens=9_999, cost_usd=Decimal(1))


def test_the_order_of_parts_does_not_matter_but_any_value_does() -> None:
    parts = {"task": "a", "files": ["x", "y"], "temperature": 0.0}
    assert cache_key(parts) == cache_key(dict(reversed(parts.items())))
    for other in ({"task": "b"}, {"files": ["y", "x"]}, {"temperature": 0.1}, {"more": None}):
        assert cache_key(parts) != cache_key({**parts, **other})


def test_a_part_that_has_no_exact_text_is_refused() -> None:
    with pytest.raises(TypeError):
        cache_key({"price": Decimal(1)})


@given(st.text())
def test_any_text_makes_a_key_even_with_lone_surrogates(text: str) -> None:
    assert len(cache_key({"task": text})) == 64
    assert len(cache_key({"task": f"{text}\ud800"})) == 64
