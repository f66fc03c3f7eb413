"""What can go wrong with a model's server, on both wire formats, and what must come of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from agentflow_desktop.llm.messages import ModelRequest, Usage
from agentflow_desktop.llm.provider import ProviderKind
from support.call_parts import a_request
from support.gemini_server import GeminiServer, refusal
from support.loopback_server import LoopbackServer, Reply, failure
from support.openai_server import OpenAIServer

USAGE = Usage(100, 50, thinking_tokens=20)
GOOD = Reply("The whole answer.", usage=USAGE)
LONG = "word " * 40


@dataclass(frozen=True)
class Wire:
    """A wire format, and the words in which its servers refuse."""

    name: str
    server_type: type[LoopbackServer]
    provider: ProviderKind
    refuses: Callable[..., Reply]

    def busy(self, wait_s: int) -> Reply:
        if self.provider is ProviderKind.GOOGLE_GENAI:
            quota = "GenerateRequestsPerMinutePerProjectPerModel"
            return refusal(429, "exceeded your current quota", quota_id=quota, retry_delay="7s")
        return failure(429, "slow down", retry_after=str(wait_s))

    def spent_for_today(self) -> Reply:
        if self.provider is ProviderKind.GOOGLE_GENAI:
            quota = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
            return refusal(429, "exceeded your current quota", quota_id=quota, retry_delay="7s")
        return failure(429, "Rate limit exceeded: free-models-per-day")

    def bad_key(self) -> Reply:
        if self.provider is ProviderKind.GOOGLE_GENAI:
            return refusal(400, "API key not valid.", reason="API_KEY_INVALID")
        return failure(401, "Incorrect API key provided")

    def overflow(self) -> Reply:
        if self.provider is ProviderKind.GOOGLE_GENAI:
            said = "The input token count exceeds the maximum number of tokens allowed 1048576."
            return refusal(400, said)
        return failure(400, "This model's maximum context length is 4096 tokens.")


def _openai_refusal(status: int, message: str) -> Reply:
    return failure(status, message)


WIRES = [
    Wire("openai", OpenAIServer, ProviderKind.OPENAI_COMPATIBLE, _openai_refusal),
    Wire("gemini", GeminiServer, ProviderKind.GOOGLE_GENAI, refusal),
]


@dataclass(frozen=True)
class Case:
    """A failure: what the server does, and what must come of it.

    ``outcome`` is ``answer`` or the error's class; ``attempts`` how many the ledger has,
    ``charged`` what each was charged: nothing, as counted, an estimate, or the whole hold.
    ``calls`` are made one after the other; the last one's end counts.
    """

    name: str
    replies: Callable[[Wire], Sequence[Reply]]
    outcome: str
    charged: tuple[str, ...]
    says: str
    hint: str = ""
    calls: int = 1
    asked: int | None = None
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    profile: dict[str, Any] = field(default_factory=dict[str, Any])
    limits: dict[str, Any] = field(default_factory=dict[str, Any])
    request: ModelRequest = field(default_factory=a_request)
    is_down: bool = False
    logs: str = ""


def always(*replies: Reply) -> Callable[[Wire], Sequence[Reply]]:
    return lambda _: replies


def refused(status: int, message: str) -> Callable[[Wire], Sequence[Reply]]:
    return lambda wire: [wire.refuses(status, message)]


def then_good(first: Reply | Callable[[Wire], Reply]) -> Callable[[Wire], Sequence[Reply]]:
    return lambda wire: [first if isinstance(first, Reply) else first(wire), GOOD]


NOTHING, COUNTED, ESTIMATE, HOLD = "nothing", "as counted", "an estimate", "the whole hold"
PASSES = ("nothing", "as counted")
BROKEN = ("an estimate", "as counted")
UNUSABLE: dict[str, Any] = {"outcome": "ReplyUnusable", "charged": (COUNTED,)}

CASES = [
    Case(
        "busy, says when to come back",
        then_good(lambda wire: wire.busy(7)),
        "answer",
        PASSES,
        r"more requests than its server allows\. Trying again in 7\.0 s",
    ),
    Case("408", then_good(failure(408)), "answer", PASSES, r"failed \(408\)\. Trying again"),
    Case("500", then_good(failure(500)), "answer", PASSES, r"failed \(500\)\. Trying again"),
    Case(
        "502, a page of HTML", then_good(Reply(status=502, error=b"<p>")), "answer", PASSES, "502"
    ),
    Case("503", then_good(failure(503)), "answer", PASSES, r"failed \(503\)\. Trying again"),
    Case(
        "503 until the attempts are used up",
        always(*[failure(503)] * 3),
        "ProviderUnavailable",
        (NOTHING,) * 3,
        r"failed \(503\)",
        "Try again later",
    ),
    Case(
        "asks to wait longer than the deadline",
        always(failure(503, "maintenance", retry_after="3600")),
        "ProviderUnavailable",
        (NOTHING,),
        r"failed \(503\)",
        "asks to wait 3600 s",
    ),
    Case(
        "no server at the address",
        always(),
        "ProviderUnavailable",
        (NOTHING,) * 3,
        "cannot be reached at",
        "Check that it runs",
        is_down=True,
    ),
    Case(
        "breaks off in mid-reply",
        then_good(Reply(LONG, cut_after=3)),
        "answer",
        BROKEN,
        "broke off the connection. Trying again",
    ),
    Case(
        "silence in mid-reply",
        then_good(Reply(LONG, stall_after=3)),
        "answer",
        BROKEN,
        r"sent nothing for 0\.2 s\. Trying again",
    ),
    Case(
        "silence from the start",
        then_good(Reply(LONG, stall_after=0)),
        "answer",
        BROKEN,
        r"sent nothing for 0\.2 s\. Trying again",
    ),
    Case(
        "ends without an end",
        then_good(Reply(LONG, finish=None, usage=None, sends_done=False)),
        "answer",
        BROKEN,
        "broke off in mid-reply. Trying again",
    ),
    Case(
        "sends no JSON",
        then_good(Reply(raw=b"data: {no json\n\n")),
        "answer",
        BROKEN,
        "sent a reply that is not JSON. Trying again",
    ),
    Case(
        "reports an error in mid-reply",
        then_good(Reply(LONG, error_in_stream={"code": 503, "message": "overloaded"})),
        "answer",
        BROKEN,
        r"failed \(in mid-reply\)\. Trying again",
    ),
    Case(
        "too slow for the deadline",
        always(Reply("word " * 400, delay_s=0.01)),
        "ProviderUnavailable",
        (ESTIMATE,),
        r"did not finish its reply within 0\.3 s",
        "request_deadline_s",
        settings={"request_deadline_s": 0.3, "stall_timeout_s": 30.0},
    ),
    Case(
        "bad key",
        lambda wire: [wire.bad_key()],
        "KeyMissing",
        (NOTHING,),
        "does not accept the key",
        "set-key",
    ),
    Case("403", refused(403, "no"), "KeyMissing", (NOTHING,), "does not accept the key", "set-key"),
    Case(
        "no key is set",
        always(),
        "KeyMissing",
        (NOTHING,),
        "needs the key tested-key, and it is not set",
        "set-key tested-key",
        profile={"key": None},
    ),
    Case(
        "unknown model",
        refused(404, "not found"),
        "ProviderRefused",
        (NOTHING,),
        "has no model 'test-model'",
        "models list",
    ),
    Case(
        "question longer than the window",
        lambda wire: [wire.overflow()],
        "PromptTooLong",
        (NOTHING,),
        "too long for tested",
        "fewer or shorter files",
    ),
    Case("413", refused(413, "too large"), "PromptTooLong", (NOTHING,), "too long for tested"),
    Case(
        "400",
        refused(400, "turns must alternate"),
        "ProviderRefused",
        (NOTHING,),
        "turns must alternate",
    ),
    Case("402", refused(402, "pay"), "ProviderRefused", (NOTHING,), "no credit left", "Add credit"),
    Case(
        "307 to elsewhere",
        always(failure(307, "there", location="http://127.0.0.1:9/")),
        "ProviderRefused",
        (NOTHING,),
        "on to another address",
        "base_url",
    ),
    Case(
        "quota of the day is spent",
        lambda wire: [wire.spent_for_today()],
        "QuotaUsedUp",
        (NOTHING,),
        "quota of tested for this day is used up",
        "another model",
    ),
    Case(
        "asked again with the day's quota spent",
        lambda wire: [wire.spent_for_today()],
        "QuotaUsedUp",
        (NOTHING,),
        r"it is renewed in \d+ (h|min|s)",
        "another model",
        calls=2,
        asked=1,
    ),
    Case(
        "failed five times in a row",
        always(*[failure(500)] * 5),
        "ModelPaused",
        (NOTHING,) * 5,
        r"failed 5 times in a row, at last with: The server of tested failed \(500\)\. It is tried"
        r" again in \d+ s",
        "another model",
        calls=3,
        asked=5,
    ),
    Case(
        "all output spent on thinking",
        always(Reply("", finish="length", usage=USAGE)),
        says="used all of its 100 output tokens",
        hint="thinking counts",
        **UNUSABLE,
    ),
    Case(
        "stopped for safety",
        always(Reply("", finish="content_filter", usage=USAGE)),
        says="withheld its reply for reasons of safety",
        hint="another model",
        **UNUSABLE,
    ),
    Case(
        "stopped for safety in mid-reply",
        always(Reply("half", finish="content_filter", usage=USAGE)),
        says="withheld its reply for reasons of safety",
        **UNUSABLE,
    ),
    Case(
        "too close to a published text",
        always(Reply("", finish="recitation", usage=USAGE)),
        says="too close to a published text",
        hint="own words",
        **UNUSABLE,
    ),
    Case(
        "prompt blocked",
        always(Reply("", finish="blocked", usage=USAGE)),
        says="did not accept the question or its documents",
        hint="Leave out the document",
        **UNUSABLE,
    ),
    Case(
        "empty reply",
        always(Reply("", usage=USAGE)),
        says="gave an empty reply",
        hint="Try again",
        **UNUSABLE,
    ),
    Case(
        "cut at the limit",
        always(Reply("half an ans", finish="length", usage=USAGE)),
        "answer",
        (COUNTED,),
        "was cut at its limit of 100 tokens",
    ),
    Case("tells no usage", always(Reply("Some words.", usage=None)), "answer", (ESTIMATE,), ""),
    Case(
        "another model answered, its price is known",
        always(Reply("a", usage=USAGE, served_model="gemini-2.5-flash")),
        "answer",
        ("its own price",),
        "badge: another model answered",
        profile={"price_provider": "google"},
    ),
    Case(
        "another model answered, its price is not known",
        always(Reply("a", usage=USAGE, served_model="something-else")),
        "answer",
        (HOLD,),
        "badge: another model answered",
    ),
    Case(
        "used more than was held",
        always(Reply("a", usage=Usage(900_000, 100_000))),
        "answer",
        (COUNTED,),
        "",
        logs="attempt_cost_more_than_held",
    ),
    Case(
        "drops the front of the prompt",
        always(Reply("a", usage=Usage(2048, 1))),
        "answer",
        (COUNTED,),
        "read only 2048 tokens of a question of about",
        request=a_request("word " * 9000),
    ),
    Case(
        "drops a third of the prompt, as much as its window lacks",
        always(Reply("a", usage=Usage(4096, 1))),
        "answer",
        (COUNTED,),
        "read only 4096 tokens of a question of about",
        request=a_request("word " * 5800),
    ),
    Case(
        "budget is spent",
        always(),
        "BudgetExceeded",
        (),
        "daily",
        limits={"daily_limit": Decimal("0.0000001")},
        asked=0,
    ),
    Case(
        "no price is known",
        always(),
        "ConfigurationError",
        (),
        "No price is known",
        "models.yaml",
        profile={"prices": ()},
        asked=0,
    ),
]
