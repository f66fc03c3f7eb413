"""When a server must have cut a prompt, and what a broken attempt is taken to have cost."""

from datetime import UTC, datetime

import pytest

from agentflow_desktop.llm.attempts import StreamRecord, dropped_prompt_notice
from agentflow_desktop.llm.messages import TextPart, ThoughtPart, Usage, UsagePart
from support.call_parts import a_profile

PROFILE = a_profile("http://127.0.0.1:1/v1")


@pytest.mark.parametrize(
    ("counted", "expected", "is_cut"),
    [
        (4096, 5000, True),
        (4094, 5000, True),
        (8192, 10_000, True),
        (4096, 4500, False),
        (4093, 5000, False),
        (4097, 5000, False),
        (3000, 5000, False),
        (2400, 5000, True),
        (100, 1900, False),
    ],
)
def test_a_server_that_read_too_little_has_cut_the_prompt(
    counted: int, expected: int, is_cut: bool
) -> None:
    assert bool(dropped_prompt_notice(PROFILE, counted, expected)) is is_cut


def record_of(*parts: TextPart | ThoughtPart | UsagePart) -> StreamRecord:
    record = StreamRecord(datetime(2026, 11, 23, tzinfo=UTC))
    for part in parts:
        record.add(part)
    return record


def estimated(record: StreamRecord) -> Usage:
    return record.estimated_usage(Usage(1_000, 100), 400, lambda raw: raw)


def test_what_a_server_counted_in_mid_reply_is_a_floor_of_the_estimate() -> None:
    counted = Usage(777, 90, cached_input_tokens=50, thinking_tokens=80)
    record = record_of(TextPart("short"), UsagePart(counted, is_final=False))
    assert record.usage is None
    assert record.has_begun
    usage = estimated(record)
    assert (usage.input_tokens, usage.cached_input_tokens) == (777, 50)
    assert usage.output_tokens >= 90
    assert usage.thinking_tokens == 80


def test_an_estimate_stays_below_the_hold_unless_the_server_counted_more() -> None:
    long = TextPart("word " * 900)
    assert estimated(record_of(long)).output_tokens == 100
    more = UsagePart(Usage(10, 120), is_final=False)
    assert estimated(record_of(long, more)).output_tokens == 120


def test_a_final_count_is_taken_as_it_is() -> None:
    usage = Usage(10, 20)
    assert record_of(TextPart("word " * 50), UsagePart(usage)).usage == usage


def test_nothing_has_begun_before_anything_came() -> None:
    assert not record_of().has_begun
    assert record_of(ThoughtPart("hm")).has_begun
