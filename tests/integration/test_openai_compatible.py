"""The adapter against a real server on loopback: replies, and every way to fail."""

import json
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from agentflow_desktop.core.errors import (
    KeyMissing,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from agentflow_desktop.llm.calls import Seat
from agentflow_desktop.llm.messages import (
    Finish,
    FinishPart,
    Message,
    ModelRequest,
    ReplyPart,
    ReplySchema,
    ServedPart,
    TextPart,
    ThoughtPart,
    Usage,
    UsagePart,
)
from support.call_parts import MODEL, SETTINGS, a_request, a_seat
from support.openai_server import OpenAIServer, Reply, Script, failure, in_order

SCHEMA = ReplySchema("answer", {"title": "AnswerForm", "type": "object"})
CANARY = "sk-canary-5f1c0ffee"


@contextmanager
def serving(*replies: Reply, script: Script | None = None) -> Iterator[OpenAIServer]:
    with OpenAIServer(script or in_order(replies)) as server:
        yield server


async def ask(seat: Seat, request: ModelRequest | None = None) -> list[ReplyPart]:
    try:
        async with aclosing(seat.provider.stream(request or a_request())) as stream:
            return [part async for part in stream]
    finally:
        await seat.provider.close()


def text_of(parts: list[ReplyPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


async def failing(reply: Reply, **profile: Any) -> ProviderError:
    """The error that this reply is turned into."""
    with serving(reply) as server, pytest.raises(ProviderError) as caught:
        await ask(a_seat(server.base_url, **profile))
    return caught.value


async def test_a_reply_streams_with_its_model_its_end_and_its_usage():
    usage = {
        "prompt_tokens": 40,
        "completion_tokens": 30,
        "prompt_tokens_details": {"cached_tokens": 16},
        "completion_tokens_details": {"reasoning_tokens": 20},
    }
    with serving(Reply("Vier Wörter, ein Emoji 🔋.", usage=usage, piece_characters=3)) as server:
        parts = await ask(a_seat(server.base_url))
    assert text_of(parts) == "Vier Wörter, ein Emoji 🔋."
    assert ServedPart(MODEL) in parts
    assert FinishPart(Finish.STOP) in parts
    assert parts[-1] == UsagePart(Usage(40, 30, cached_input_tokens=16, thinking_tokens=20))


async def test_what_is_sent_is_the_request_its_limit_and_its_schema():
    request = ModelRequest(
        MODEL, (Message("system", "S"), Message("user", "U")), 77, 0.5, schema=SCHEMA
    )
    with serving(Reply("{}")) as server:
        await ask(a_seat(server.base_url), request)
    body = server.requests[0].body
    assert body["messages"] == [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "U"},
    ]
    assert (body["model"], body["max_tokens"], body["temperature"]) == (MODEL, 77, 0.5)
    assert body["stream_options"] == {"include_usage": True}
    assert body["response_format"]["json_schema"]["schema"] == dict(SCHEMA.schema)


async def test_a_profile_without_schema_support_sends_none():
    request = ModelRequest(MODEL, (Message("user", "U"),), 77, schema=SCHEMA)
    with serving(Reply("{}")) as server:
        await ask(a_seat(server.base_url, sends_schema=False), request)
    assert "response_format" not in server.requests[0].body


async def test_the_key_goes_to_the_server_and_without_a_key_nothing_does():
    with serving(Reply("a"), Reply("b")) as server:
        await ask(a_seat(server.base_url, key=CANARY, key_name="tested"))
        await ask(a_seat(server.base_url))
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    assert "authorization" not in server.requests[1].headers


async def test_the_openai_key_of_the_environment_goes_to_no_other_server(
    monkeypatch: pytest.MonkeyPatch,
):
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, CANARY)
    with serving(Reply("a")) as server:
        await ask(a_seat(server.base_url))
    assert CANARY not in str(server.requests[0].headers)


async def test_a_proxy_of_the_environment_does_not_take_what_is_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(Reply("direct")) as server:
        assert text_of(await ask(a_seat(server.base_url))) == "direct"


async def test_a_key_that_is_not_set_is_asked_for_before_anything_is_sent():
    with serving(Reply("never")) as server:
        with pytest.raises(KeyMissing, match="needs the key tested-key") as caught:
            await ask(a_seat(server.base_url, key_name="tested-key"))
        assert "set-key tested-key" in caught.value.hint
        assert not server.requests


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_is_not_accepted_is_named_but_not_shown(status: int):
    with (
        serving(failure(status, f"Incorrect API key provided: {CANARY}")) as server,
        pytest.raises(KeyMissing) as caught,
    ):
        await ask(a_seat(server.base_url, key=CANARY, key_name="tested-key"))
    error = caught.value
    assert "tested-key" in error.message
    chain = [error, error.__cause__]
    assert all(CANARY not in repr(vars(e)) + str(e) for e in chain if e is not None)
    assert error.__suppress_context__


async def test_an_unknown_model_is_refused_with_the_way_to_find_the_right_name():
    error = await failing(failure(404, "no such model"))
    assert isinstance(error, ProviderRefused)
    assert repr(MODEL) in error.message
    assert "agentflow models list" in error.hint


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "This model's maximum context length is 4096 tokens. You requested 9000."),
        (400, "the request exceeds the available context size"),
        (413, "too large"),
    ],
)
async def test_a_question_too_long_for_the_window_says_so(status: int, message: str):
    error = await failing(failure(status, message))
    assert isinstance(error, ProviderRefused)
    assert not error.retryable
    assert "too long" in error.message


async def test_a_context_overflow_told_in_mid_stream_is_no_passing_fault():
    said = {"message": "tokens to keep is greater than the context length"}
    error = await failing(Reply("", error_in_stream=said))
    assert isinstance(error, ProviderRefused)
    assert "too long" in error.message


async def test_documents_do_not_follow_a_server_to_another_address():
    with serving(Reply("stolen")) as elsewhere:
        location = f"{elsewhere.base_url}/chat/completions"
        error = await failing(failure(307, "over there", location=location))
        assert isinstance(error, ProviderRefused)
        assert "another address" in error.message
        assert not elsewhere.requests


async def test_thinking_is_told_apart_from_the_reply():
    with serving(Reply("The answer.", thoughts="Let me see.")) as server:
        parts = await ask(a_seat(server.base_url))
    assert text_of(parts) == "The answer."
    assert ThoughtPart("Let me see.") in parts


async def test_an_account_without_credit_is_told_so():
    error = await failing(failure(402, "Insufficient credits"))
    assert isinstance(error, ProviderRefused)
    assert "no credit left" in error.message


async def test_a_server_that_asks_for_a_key_nobody_configured_names_the_setting():
    error = await failing(failure(401, "missing bearer"))
    assert isinstance(error, KeyMissing)
    assert "key_name" in error.hint


async def test_the_environment_variable_of_a_key_is_named_beside_the_command():
    error = await failing(Reply("never"), key_name="tested-key", key_env="TESTED_API_KEY")
    assert "TESTED_API_KEY" in error.hint


async def test_a_server_that_knows_no_schema_is_answered_with_the_setting():
    error = await failing(failure(400, "response_format of type json_schema is not supported"))
    assert "sends_schema: false" in error.hint


async def test_a_refused_request_repeats_what_the_server_said():
    error = await failing(failure(422, "messages must alternate"))
    assert isinstance(error, ProviderRefused)
    assert "messages must alternate" in error.message


async def test_a_busy_server_is_retried_when_it_says():
    error = await failing(failure(429, "slow down", retry_after="7"))
    assert isinstance(error, ProviderUnavailable)
    assert (error.retryable, error.retry_after_s) == (True, 7.0)
    assert not error.was_accepted


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("soon", None), ("-5", None), ("1e9", None), ("nan", None), ("0", 0.0), ("1.5", 1.5)],
)
async def test_a_retry_header_is_read_only_if_it_is_one(text: str, seconds: float | None):
    error = await failing(failure(503, "busy", retry_after=text))
    assert error.retry_after_s == seconds


async def test_a_retry_header_in_milliseconds_is_exact():
    error = await failing(failure(429, "busy", retry_after_ms="1250", retry_after="2"))
    assert error.retry_after_s == 1.25


async def test_a_retry_date_counts_from_now():
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    error = await failing(failure(503, "maintenance", retry_after=later))
    assert error.retry_after_s is not None
    assert 3500 < error.retry_after_s <= 3600


async def test_the_wait_that_stands_in_the_body_is_read():
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "13s"}]
    body = [{"error": {"code": 429, "message": "slow down", "details": details}}]
    error = await failing(Reply(status=429, error=body))
    assert error.retry_after_s == 13.0


@pytest.mark.parametrize(
    "message", ["Rate limit reached: 50 requests per day", "You exceeded your current quota"]
)
async def test_a_quota_that_lasts_is_not_retried(message: str):
    error = await failing(failure(429, message))
    assert isinstance(error, ProviderUnavailable)
    assert not error.retryable
    assert "quota" in error.message


@pytest.mark.parametrize("status", [408, 500, 502, 503, 529])
async def test_a_failing_server_may_be_asked_again(status: int):
    error = await failing(failure(status))
    assert isinstance(error, ProviderUnavailable)
    assert error.retryable
    assert not error.was_accepted


async def test_an_error_page_that_is_no_json_is_an_error_all_the_same():
    error = await failing(Reply(status=502, error=b"<html>Bad gateway</html>"))
    assert isinstance(error, ProviderUnavailable)
    assert "Bad gateway" in error.detail


async def test_no_server_at_the_address_can_be_retried_and_costs_nothing():
    with serving() as server:
        gone = server.base_url
    with pytest.raises(ProviderUnavailable, match="cannot be reached") as caught:
        await ask(a_seat(gone))
    assert caught.value.retryable
    assert not caught.value.was_accepted


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply("word " * 40, stall_after=2), r"sent nothing for 0\.2 s"),
        (Reply("word " * 40, cut_after=2), "broke off the connection"),
        (Reply("word " * 40, finish=None, usage=None, sends_done=False), "broke off in mid-reply"),
        (Reply(raw=b'data: {"choices": [{"del\n\n'), "is not JSON"),
        (Reply(raw=b"data: [1, 2]\n\n"), "is not a JSON object"),
        (Reply(raw=b'data: {"choices": 7}\n\n'), "is not a chat completion"),
        (Reply(raw=b'data: {"usage": {"prompt_tokens": 1e999}}\n\n'), "is not a chat completion"),
        (Reply(raw=b"data: " + b"[" * 100_000 + b"\n\n"), "is not JSON"),
        (Reply(raw=b"<html>login</html>"), "broke off in mid-reply"),
        (Reply("half", error_in_stream={"message": "out of memory", "code": 500}), "mid-reply"),
        (Reply(raw=b'data: {"object": "error", "message": "out of memory"}\n\n'), "mid-reply"),
    ],
)
async def test_a_broken_stream_may_be_charged_and_asked_again(reply: Reply, says: str):
    with serving(reply) as server, pytest.raises(ProviderUnavailable, match=says) as caught:
        await ask(a_seat(server.base_url))
    assert caught.value.retryable
    assert caught.value.was_accepted


async def test_a_server_that_says_nothing_at_all_is_given_up():
    error = await failing(Reply(stall_after=0))
    assert error.retryable
    assert error.was_accepted


async def test_a_stream_needs_no_end_mark_after_a_finish_reason():
    with serving(Reply("whole", sends_done=False, usage=None)) as server:
        parts = await ask(a_seat(server.base_url))
    assert text_of(parts) == "whole"
    assert not [part for part in parts if isinstance(part, UsagePart)]


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("length", Finish.LENGTH),
        ("content_filter", Finish.SAFETY),
        ("recitation", Finish.RECITATION),
        ("tool_calls", Finish.OTHER),
    ],
)
async def test_finish_reasons_are_told_apart(reason: str, finish: Finish):
    with serving(Reply("x", finish=reason)) as server:
        assert FinishPart(finish) in await ask(a_seat(server.base_url))


async def test_a_server_that_does_not_stream_is_understood():
    whole = {
        "model": "m",
        "choices": [{"message": {"content": "at once"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2},
    }
    headers = {"content-type": "application/json"}
    with serving(Reply(raw=json.dumps(whole).encode(), headers=headers)) as server:
        parts = await ask(a_seat(server.base_url))
    assert text_of(parts) == "at once"
    assert parts[-1] == UsagePart(Usage(3, 2))


async def test_a_server_that_wants_the_other_limit_gets_it_from_then_on():
    wants = {"message": "Unsupported parameter: 'max_tokens'", "param": "max_tokens"}
    with serving(Reply(status=400, error={"error": wants}), Reply("a"), Reply("b")) as server:
        seat = a_seat(server.base_url)
        assert text_of(await ask(seat)) == "a"
        assert text_of(await ask(seat)) == "b"
    sent = [sorted(set(r.body) & {"max_tokens", "max_completion_tokens"}) for r in server.requests]
    assert sent == [["max_tokens"], ["max_completion_tokens"], ["max_completion_tokens"]]


async def test_a_server_that_refuses_the_temperature_is_asked_without():
    wants = {
        "message": "Unsupported value: 'temperature' does not support 0 with this model.",
        "param": "temperature",
    }
    with serving(Reply(status=400, error={"error": wants}), Reply("a")) as server:
        await ask(a_seat(server.base_url))
    assert "temperature" not in server.requests[1].body


async def test_a_server_that_refuses_stream_options_is_asked_without():
    said = {"message": "Unknown parameter: 'stream_options'"}
    with serving(Reply(status=422, error={"error": said}), Reply("a", usage=None)) as server:
        assert text_of(await ask(a_seat(server.base_url))) == "a"
    assert "stream_options" not in server.requests[1].body


async def test_a_server_that_keeps_the_connection_open_does_not_hold_up_the_reply():
    settings = SETTINGS.model_copy(update={"stall_timeout_s": 30.0})
    with serving(Reply("whole", stays_open=True)) as server:
        assert text_of(await ask(a_seat(server.base_url, settings=settings))) == "whole"


async def test_a_parameter_refused_twice_is_an_error_and_no_endless_loop():
    wants = {"message": "no", "param": "max_tokens"}
    other = {"message": "no", "param": "max_completion_tokens"}
    replies = [Reply(status=400, error={"error": w}) for w in (wants, other, wants, other)]
    with serving(*replies) as server, pytest.raises(ProviderRefused):
        await ask(a_seat(server.base_url))
    assert len(server.requests) == 3


async def test_a_connection_is_used_again():
    with serving(Reply("a"), Reply("b"), Reply("c")) as server:
        seat = a_seat(server.base_url)
        for expected in "abc":
            async with aclosing(seat.provider.stream(a_request())) as stream:
                assert text_of([part async for part in stream]) == expected
        await seat.provider.close()
        assert server.connections == 1


async def test_tokens_are_counted_by_the_server_where_the_profile_says_that_it_can():
    with serving() as server:
        counts = a_seat(server.base_url, counts_tokens=True)
        assert await counts.provider.count_tokens(a_request("one two three")) == 5
        silent = a_seat(server.base_url)
        assert await silent.provider.count_tokens(a_request()) is None
        assert [request.path for request in server.other_requests] == ["/tokenize"]
        await counts.provider.close()


async def test_a_server_without_a_tokenizer_has_no_count():
    with serving() as server:
        server.other_replies["/tokenize"] = failure(404, "not found")
        seat = a_seat(server.base_url, counts_tokens=True)
        assert await seat.provider.count_tokens(a_request()) is None
        await seat.provider.close()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(raw=b"<html>login</html>"),
        Reply(raw=b'{"data": [1, 2]}'),
        Reply(raw=b'{"data": "none"}'),
        Reply(cut_after=0, text="x"),
    ],
)
async def test_health_never_raises_whatever_the_server_answers(reply: Reply):
    with serving() as server:
        server.other_replies["/v1/models"] = reply
        seat = a_seat(server.base_url)
        health = await seat.provider.health()
        await seat.provider.close()
    assert not health.is_usable
    assert health.message


async def test_health_and_models_are_asked_of_the_server():
    with OpenAIServer([], models=["one", "two"]) as server:
        seat = a_seat(server.base_url, model="one")
        assert await seat.provider.list_models() == ("one", "two")
        health = await seat.provider.health()
        assert health.is_usable
        assert health.latency_ms is not None
        await seat.provider.close()
        unknown = a_seat(server.base_url, model="three")
        assert "does not list" in (await unknown.provider.health()).message
        await unknown.provider.close()
        server.health_status = 503
        sick = a_seat(server.base_url)
        assert not (await sick.provider.health()).is_usable
        await sick.provider.close()


async def test_health_of_a_wrong_address_names_the_setting():
    with serving() as server:
        seat = a_seat(server.base_url.removesuffix("/v1") + "/elsewhere")
        health = await seat.provider.health()
        await seat.provider.close()
    assert not health.is_usable
    assert "base_url" in health.hint


async def test_asking_does_not_block_the_loop(nothing_blocks_the_loop: None):
    with serving(Reply("a")) as server:
        assert text_of(await ask(a_seat(server.base_url))) == "a"
