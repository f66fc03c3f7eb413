"""Gemini's adapter against a real server on loopback: what is sent, what is read, what fails.

What both wire formats have in common fails in ``test_failures``.
"""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agentflow_desktop.core.errors import (
    KeyMissing,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    QuotaUsedUp,
    RateLimited,
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
from agentflow_desktop.llm.provider import ProviderKind, ThinkingLevel
from agentflow_desktop.llm.replies import ReviewForm
from agentflow_desktop.llm.structured import reply_schema
from support.call_parts import MODEL, SETTINGS, a_request, a_seat
from support.gemini_server import GeminiServer, refusal
from support.loopback_server import Reply, failure

CANARY = "AIza-canary-5f1c0ffee"


@contextmanager
def serving(*replies: Reply) -> Iterator[GeminiServer]:
    with GeminiServer(replies) as server:
        yield server


def gemini(server: GeminiServer, **changes: object) -> Seat:
    given = {"provider": ProviderKind.GOOGLE_GENAI, "key_name": "google", **changes}
    key = given.pop("key", "a-key")
    return a_seat(server.base_url, key=key, **given)  # pyright: ignore[reportArgumentType]


async def ask(seat: Seat, request: ModelRequest | None = None) -> list[ReplyPart]:
    try:
        async with aclosing(seat.provider.stream(request or a_request())) as stream:
            return [part async for part in stream]
    finally:
        await seat.provider.close()


async def failing(reply: Reply, **changes: object) -> ProviderError:
    with serving(reply) as server, pytest.raises(ProviderError) as caught:
        await ask(gemini(server, **changes))
    return caught.value


def text_of(parts: list[ReplyPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


async def test_a_reply_streams_with_its_model_its_thinking_its_end_and_its_usage():
    usage = {
        "promptTokenCount": 40,
        "cachedContentTokenCount": 16,
        "candidatesTokenCount": 10,
        "thoughtsTokenCount": 20,
        "toolUsePromptTokenCount": 2,
        "totalTokenCount": 72,
    }
    reply = Reply("Vier Wörter, ein Emoji 🔋.", thoughts="Hm.", usage=usage, piece_characters=3)
    with serving(reply) as server:
        parts = await ask(gemini(server))
    assert text_of(parts) == "Vier Wörter, ein Emoji 🔋."
    assert ServedPart(MODEL) in parts
    assert ThoughtPart("Hm.") in parts
    assert FinishPart(Finish.STOP) in parts
    assert parts[-1] == UsagePart(Usage(42, 30, cached_input_tokens=16, thinking_tokens=20))
    assert [p for p in parts if isinstance(p, UsagePart) and p.is_final] == [parts[-1]]


async def test_what_is_sent_is_the_system_text_the_turns_in_order_and_the_limits():
    request = ModelRequest(
        MODEL,
        (
            Message("system", "Be brief."),
            Message("user", "documents, then the question"),
            Message("assistant", "an answer"),
            Message("user", "a second question"),
        ),
        77,
        0.5,
    )
    with serving(Reply("a")) as server:
        await ask(gemini(server, key=CANARY), request)
    [sent] = server.requests
    assert sent.path == f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
    assert sent.headers["x-goog-api-key"] == CANARY
    assert CANARY not in json.dumps(sent.body) + sent.path
    assert sent.turns == (
        ("system", "Be brief."),
        ("user", "documents, then the question"),
        ("assistant", "an answer"),
        ("user", "a second question"),
    )
    assert sent.body["generationConfig"] == {"maxOutputTokens": 77, "temperature": 0.5}
    assert "x-server-timeout" not in sent.headers


async def test_a_schema_is_sent_in_the_words_that_gemini_takes_with_its_fields_in_order():
    with serving(Reply("{}")) as server:
        await ask(gemini(server), replace(a_request(), schema=reply_schema(ReviewForm)))
    settings = server.requests[0].body["generationConfig"]
    assert settings["responseMimeType"] == "application/json"
    schema = settings["responseJsonSchema"]
    assert schema["propertyOrdering"] == ["issues", "alternative", "verdict"]
    assert schema["properties"]["verdict"] == {"$ref": "#/$defs/Verdict"}
    assert server.requests[0].schema_name == "review"


async def test_words_that_gemini_refuses_are_left_out_of_a_schema_but_no_field_is():
    inner = {"const": "fixed", "pattern": "x+", "type": "string"}
    schema = {
        "type": "object",
        "title": "OddForm",
        "properties": {"pattern": inner, "kind": {"$ref": "#/$defs/K", "description": "said"}},
        "$defs": {"K": {"type": "integer", "exclusiveMinimum": 3, "minimum": 4}},
    }
    with serving(Reply("{}")) as server:
        await ask(gemini(server), replace(a_request(), schema=ReplySchema("odd", schema)))
    sent = server.requests[0].body["generationConfig"]["responseJsonSchema"]
    assert sent["properties"] == {
        "pattern": {"enum": ["fixed"], "type": "string"},
        "kind": {"$ref": "#/$defs/K"},
    }
    assert sent["$defs"] == {"K": {"type": "integer", "minimum": 4}}


@pytest.mark.parametrize(
    ("profile", "sent"),
    [
        ({"thinking_budget": 512}, {"thinking_budget": 512}),
        ({"thinking_budget": 0}, {"thinking_budget": 0}),
        ({"thinking_level": ThinkingLevel.LOW}, {"thinking_level": "LOW"}),
        ({}, None),
    ],
)
async def test_thinking_is_bounded_as_the_profile_says(
    profile: dict[str, object], sent: dict[str, object] | None
):
    with serving(Reply("a")) as server:
        await ask(gemini(server, **profile))
    assert server.requests[0].body["generationConfig"].get("thinkingConfig") == sent


async def test_a_profile_can_leave_schema_and_temperature_to_the_model():
    with serving(Reply("a")) as server:
        request = replace(a_request(), schema=reply_schema(ReviewForm))
        await ask(gemini(server, sends_schema=False, sends_temperature=False), request)
    assert server.requests[0].body["generationConfig"] == {"maxOutputTokens": 100}


async def test_half_of_a_surrogate_pair_does_not_stop_a_question():
    with serving(Reply("a")) as server:
        assert text_of(await ask(gemini(server), a_request("odd \ud83d text"))) == "a"
    assert server.requests[0].user == "odd ? text"


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("STOP", Finish.STOP),
        ("MAX_TOKENS", Finish.LENGTH),
        ("SAFETY", Finish.SAFETY),
        ("PROHIBITED_CONTENT", Finish.SAFETY),
        ("BLOCKLIST", Finish.SAFETY),
        ("SPII", Finish.SAFETY),
        ("RECITATION", Finish.RECITATION),
        ("LANGUAGE", Finish.OTHER),
        ("A_REASON_OF_NEXT_YEAR", Finish.OTHER),
        ("blocked", Finish.BLOCKED),
    ],
)
async def test_finish_reasons_are_told_apart(reason: str, finish: Finish):
    with serving(Reply("", finish=reason)) as server:
        assert FinishPart(finish) in await ask(gemini(server))


async def test_the_model_that_answered_is_named_whatever_was_asked():
    with serving(Reply("a", served_model="models/gemini-3.1-pro")) as server:
        assert ServedPart("gemini-3.1-pro") in await ask(gemini(server))


async def test_a_proxy_that_does_not_stream_is_understood():
    chunks = [
        {"candidates": [{"content": {"parts": [{"text": "at "}]}}], "modelVersion": "m"},
        {
            "candidates": [{"content": {"parts": [{"text": "once"}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2},
        },
    ]
    headers = {"content-type": "application/json"}
    with serving(Reply(raw=json.dumps(chunks).encode(), headers=headers)) as server:
        parts = await ask(gemini(server))
    assert text_of(parts) == "at once"
    assert parts[-1] == UsagePart(Usage(3, 2))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"data: {no json\n\n", "is not JSON"),
        (b"data: [1]\n\n", "is not a JSON object"),
        (b'data: {"candidates": 7}\n\n', "is not a Gemini reply"),
        (b'data: {"usageMetadata": {"promptTokenCount": "many"}}\n\n', "is not a Gemini reply"),
        (b"<html>login</html>", "broke off in mid-reply"),
    ],
)
async def test_what_is_no_reply_is_told_as_such(raw: bytes, says: str):
    error = await failing(Reply(raw=raw))
    assert isinstance(error, ProviderUnavailable)
    assert says in error.message
    assert (error.retryable, error.was_accepted) == (True, True)


@pytest.mark.parametrize(
    "reply",
    [
        refusal(400, "API key not valid. Please pass a valid API key.", reason="API_KEY_INVALID"),
        refusal(400, "API key expired. Please renew the API key."),
        refusal(401, f"bad credentials {CANARY}"),
        refusal(403, "Permission denied", reason="SERVICE_DISABLED"),
    ],
)
async def test_a_key_that_is_not_accepted_is_named_but_not_shown(reply: Reply):
    error = await failing(reply, key=CANARY)
    assert isinstance(error, KeyMissing)
    assert "google" in error.message
    chain = [error, error.__cause__]
    assert all(CANARY not in repr(vars(e)) + str(e) for e in chain if e is not None)
    assert error.__suppress_context__


@pytest.mark.parametrize("key", ["half a key\nand more", "schlüssel", "key\r\nx-evil: 1"])
async def test_a_key_that_no_header_can_carry_is_asked_for_anew_and_never_sent(key: str):
    with serving(Reply("never")) as server:
        with pytest.raises(KeyMissing) as caught:
            await ask(gemini(server, key=key))
        assert not server.requests
    assert key not in str(caught.value) + caught.value.hint


async def test_without_a_key_none_is_sent(monkeypatch: pytest.MonkeyPatch):
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(name, CANARY)
    with serving(Reply("a")) as server:
        assert text_of(await ask(gemini(server, key=None, key_name=""))) == "a"
    assert "x-goog-api-key" not in server.requests[0].headers
    assert CANARY not in str(server.requests[0].headers)


async def test_the_environment_does_not_choose_another_service(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving(Reply("direct")) as server:
        assert text_of(await ask(gemini(server))) == "direct"


async def test_a_quota_of_the_minute_is_waited_for_as_long_as_google_says():
    limit = refusal(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        quota_id="GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
        retry_delay="13.5s",
    )
    error = await failing(limit)
    assert isinstance(error, RateLimited)
    assert (error.retryable, error.retry_after_s) == (True, 13.5)


async def test_a_quota_of_the_day_is_renewed_at_midnight_in_california():
    limit = refusal(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        quota_id="GenerateRequestsPerDayPerProjectPerModel-FreeTier",
        retry_delay="13s",
        in_list=True,
    )
    before = datetime.now(UTC)
    error = await failing(limit)
    assert isinstance(error, QuotaUsedUp)
    assert not error.retryable
    assert error.renewed_at is not None
    local = error.renewed_at.astimezone(ZoneInfo("America/Los_Angeles"))
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert 0 < (error.renewed_at - before).total_seconds() <= 25 * 3600


async def test_a_question_too_long_for_the_window_says_so():
    said = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
    error = await failing(refusal(400, said))
    assert isinstance(error, ProviderRefused)
    assert "too long" in error.message


async def test_a_model_name_that_is_none_is_refused_before_it_is_sent():
    with serving(Reply("never")) as server:
        with pytest.raises(ProviderRefused, match="does not take the request"):
            await ask(gemini(server), replace(a_request(), model="../files?x=1"))
        assert not server.requests


async def test_documents_do_not_follow_a_server_to_another_address():
    with serving(Reply("stolen")) as elsewhere:
        location = f"{elsewhere.base_url}/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
        error = await failing(failure(307, "over there", location=location))
        assert isinstance(error, ProviderRefused)
        assert "another address" in error.message
        assert not elsewhere.requests


async def test_leaving_a_reply_early_closes_its_connection():
    patient = SETTINGS.model_copy(update={"stall_timeout_s": 30.0})
    with serving(Reply("word " * 40, stall_after=3), Reply("next")) as server:
        seat = gemini(server, settings=patient)
        async with aclosing(seat.provider.stream(a_request())) as stream:
            async for part in stream:
                if isinstance(part, TextPart):
                    break
        assert await asyncio.to_thread(server.is_left.wait, 5)
        assert text_of(await ask(seat)) == "next"


async def test_a_connection_is_used_again():
    with serving(Reply("a"), Reply("b"), Reply("c")) as server:
        seat = gemini(server)
        for expected in "abc":
            async with aclosing(seat.provider.stream(a_request())) as stream:
                assert text_of([part async for part in stream]) == expected
        await seat.provider.close()
        assert server.connections == 1


async def test_all_that_is_charged_as_input_is_counted():
    with serving() as server:
        seat = gemini(server, counts_tokens=True)
        plain = await seat.provider.count_tokens(a_request("one two three"))
        with_schema = replace(a_request("one two three"), schema=reply_schema(ReviewForm))
        more = await seat.provider.count_tokens(with_schema)
        silent = gemini(server)
        assert await silent.provider.count_tokens(a_request()) is None
        await seat.provider.close()
    assert plain == 5
    assert more is not None
    assert more > 50
    paths = {request.path for request in server.other_requests}
    assert paths == {f"/v1beta/models/{MODEL}:countTokens"}


async def test_models_that_answer_are_listed_and_health_looks_for_ours():
    with GeminiServer([], models=["one", "two"]) as server:
        seat = gemini(server, model="one")
        assert await seat.provider.list_models() == ("one", "two")
        assert (await seat.provider.health()).is_usable
        await seat.provider.close()
        unknown = gemini(server, model="three")
        assert "does not list" in (await unknown.provider.health()).message
        await unknown.provider.close()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(raw=b"<html>login</html>"),
        Reply(raw=b'{"models": [1, 2]}'),
        Reply(raw=b'{"models": "none"}'),
        Reply(cut_after=0, text="x"),
        failure(404, "not here"),
        failure(503, "not ready"),
        refusal(400, "API key not valid", reason="API_KEY_INVALID"),
    ],
)
async def test_health_never_raises_whatever_the_server_answers(reply: Reply):
    with serving() as server:
        server.other_replies["/v1beta/models"] = reply
        seat = gemini(server)
        health = await seat.provider.health()
        await seat.provider.close()
    assert not health.is_usable
    assert health.message


@pytest.mark.parametrize("ending", ["", "/", "/v1beta", "/v1beta/"])
async def test_an_address_may_name_the_version_or_not(ending: str):
    with serving(Reply("a")) as server:
        seat = a_seat(server.base_url + ending, key="k", provider=ProviderKind.GOOGLE_GENAI)
        assert text_of(await ask(seat)) == "a"


async def test_asking_does_not_block_the_loop(nothing_blocks_the_loop: None):
    with serving(Reply("a")) as server:
        assert text_of(await ask(gemini(server))) == "a"


async def test_two_keys_in_the_environment_are_no_warning(monkeypatch: pytest.MonkeyPatch):
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(name, CANARY)
    logging.getLogger("google_genai._api_client").setLevel(logging.NOTSET)
    with serving(Reply("a")) as server:
        await ask(gemini(server))
    assert server.requests[0].headers["x-goog-api-key"] == "a-key"
