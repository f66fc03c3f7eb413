"""The estimate keeps its bounds, and the calibration learns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.documents.tokens import Calibration, raw_tokens

_ENGLISH = "The limit is set by the management system, which reads every cell twice a second. "
_CODE = "def read(self, path: Path) -> bytes:\n    return self._files[path].read_bytes()\n"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        (_ENGLISH * 50, 4.0, 5.5),
        (_CODE * 50, 2.6, 4.2),
        ("\u7535\u6c60\u5145\u7535\u9650\u5236" * 50, 1.0, 2.0),
        ("3599 4021 18 77 0.25\n" * 50, 1.2, 2.6),
    ],
)
def test_characters_per_token_lie_where_tokenizers_have_them(
    text: str, low: float, high: float
) -> None:
    assert low <= len(text) / raw_tokens(text) <= high


@given(st.text())
def test_the_estimate_is_positive_and_at_most_the_bytes(text: str) -> None:
    count = raw_tokens(text)

    assert (count == 0) == (text == "")
    assert count <= max(1, len(text.encode("utf-8", "replace")))


def test_calibration_learns_a_models_ratio_and_leaves_others_alone() -> None:
    calibration = Calibration()
    for _ in range(20):
        calibration.record("wordy", raw=10_000, real=13_000)

    assert calibration.scaled(1_000, "wordy") == pytest.approx(1_300, rel=0.01)
    assert calibration.scaled(1_000, "other") == 1_000


def test_calibration_is_drawn_to_one_while_it_knows_little() -> None:
    calibration = Calibration()
    calibration.record("odd", raw=10, real=100)

    assert calibration.ratio("odd") < 1.25


def test_calibration_forgets_an_old_ratio() -> None:
    calibration = Calibration()
    calibration.record("m", raw=200_000, real=400_000)
    for _ in range(30):
        calibration.record("m", raw=100_000, real=100_000)

    assert calibration.ratio("m") == pytest.approx(1.0, abs=0.01)


def test_a_snapshot_restores_what_was_learnt_and_does_not_change_later() -> None:
    calibration = Calibration()
    calibration.record("m", raw=5_000, real=6_000)
    snapshot = calibration.snapshot()
    before = Calibration(snapshot).ratio("m")
    calibration.record("m", raw=5_000, real=20_000)

    assert Calibration(snapshot).ratio("m") == before


def test_calls_without_a_count_teach_nothing() -> None:
    calibration = Calibration()
    calibration.record("m", raw=100, real=0)
    calibration.record("m", raw=0, real=100)

    assert calibration.snapshot() == {}
