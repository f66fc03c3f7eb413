"""The glue between the firmware and an ESP32, over a stand-in for the headers of the Arduino core."""

import pytest

from support.firmware_builds import FIRMWARE, SANITIZED, built_tests, run

_STAND_IN = FIRMWARE / "test" / "arduino_stand_in"


@pytest.mark.parametrize("chip", ["ESP32", "ESP32S3", "ESP32C3"])
def test_the_glue_of_each_chip_keeps_the_outputs_off_until_the_guard_asks(chip: str) -> None:
    assert "SUCCESS" in run([built_tests(SANITIZED, f"glue_tests_{chip}"), "--no-colors=true"])


def test_the_stand_in_stays_small_and_says_what_it_is() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(_STAND_IN.glob("*.h"))]
    assert all("tand-in for" in text.splitlines()[0] for text in texts)
    assert sum(text.count("\n") for text in texts) <= 150
