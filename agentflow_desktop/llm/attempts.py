"""What one attempt at a call streamed, and what it is settled at."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from agentflow_desktop.core.errors import ReplyUnusable
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.budget import Settlement
from agentflow_desktop.llm.messages import (
    Finish,
    FinishPart,
    ModelReply,
    ModelRequest,
    ReplyPart,
    ServedPart,
    TextPart,
    ThoughtPart,
    Usage,
    UsagePart,
)
from agentflow_desktop.llm.pricing import PriceBook
from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.served_models import is_asked_model

_TOKENS_PER_MESSAGE = 16
_TOKENS_PER_REQUEST = 64
_NOTHING = Usage(0, 0)
_DROPPED_BELOW = 0.5  # share of our own count under which a server must have cut the prompt
_DROPPED_FROM_TOKENS = 2_000  # smaller prompts fit any window; our count of them is too rough
_FULL_BELOW = 0.85  # the same share where the server read just as much as a window holds
_WINDOW_STEP = 1_024  # windows are multiples of it
_WINDOW_REST = 2  # a server may keep a place or two


def upper_bound_tokens(request: ModelRequest) -> int:
    """No fewer input tokens than any tokenizer gives: one a byte, and room for the template."""
    return request.byte_count() + _TOKENS_PER_MESSAGE * len(request.messages) + _TOKENS_PER_REQUEST


def estimated_tokens(request: ModelRequest) -> int:
    """Input tokens by our own estimate, not yet calibrated to a model."""
    return sum(raw_tokens(message.content) for message in request.messages)


@dataclass(slots=True)
class StreamRecord:
    """The parts of a reply as far as they came.

    Hold and cost are both priced at ``begun_at``, so that a price that rises in the middle of a
    call can't take it above its hold.
    """

    begun_at: datetime
    texts: list[str] = field(default_factory=list[str])
    thoughts: list[str] = field(default_factory=list[str])
    finish: Finish | None = None
    served_model: str = ""
    usage: Usage | None = None
    usage_so_far: Usage = _NOTHING

    def add(self, part: ReplyPart) -> None:
        match part:
            case TextPart(text):
                self.texts.append(text)
            case ThoughtPart(text):
                self.thoughts.append(text)
            case UsagePart(usage, is_final):
                self.usage_so_far = usage
                if is_final:
                    self.usage = usage
            case FinishPart(finish):
                self.finish = finish
            case ServedPart(served_model):
                self.served_model = served_model

    @property
    def has_begun(self) -> bool:
        """Something came from the server."""
        has_usage = self.usage_so_far is not _NOTHING
        return bool(self.texts or self.thoughts or self.served_model or has_usage or self.finish)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def estimated_usage(self, bound: Usage, sent_raw: int, scale: Callable[[int], int]) -> Usage:
        """What was used by our own estimate: ``sent_raw`` estimated input tokens, and what came,
        thinking included; never more than ``bound``, which the hold paid for, nor less than what
        the server counted so far. ``scale`` brings an estimate to the model's own tokens."""
        counted = self.usage_so_far
        thinking = max(scale(raw_tokens("".join(self.thoughts))), counted.thinking_tokens)
        estimated = min(scale(raw_tokens(self.text)) + thinking, bound.output_tokens)
        output = max(estimated, counted.output_tokens)
        return Usage(
            input_tokens=counted.input_tokens or min(scale(sent_raw), bound.input_tokens),
            output_tokens=output,
            cached_input_tokens=counted.cached_input_tokens,
            thinking_tokens=min(thinking, output),
        )

    def reply(self, model: str) -> ModelReply:
        return ModelReply(
            self.text, self.finish or Finish.OTHER, self.served_model or model, self.usage
        )


def settlement(
    record: StreamRecord,
    profile: ModelProfile,
    prices: PriceBook,
    usage: Usage,
    *,
    outcome: str,
) -> Settlement:
    """What an attempt is settled at: priced by the model that served it, None if no price is
    known for that one. ``usage`` counts as an estimate unless the record has its own."""
    served = record.served_model or profile.model
    priced = profile
    if not is_asked_model(profile, served):
        # The person's own prices and the name in the price list are the asked model's alone.
        priced = replace(profile, name=served, model=served, price_model="", prices=())
    return Settlement(
        served_model=served,
        usage=usage,
        cost_usd=prices.cost(priced, usage, record.begun_at),
        is_estimated=record.usage is None,
        outcome=outcome,
    )


def check_usable(reply: ModelReply, profile: ModelProfile, max_output_tokens: int) -> None:
    """Raises ReplyUnusable with its own sentence for a reply that is no answer."""
    name = profile.name
    if reply.finish is Finish.SAFETY:
        raise ReplyUnusable(
            f"{name} withheld its reply for reasons of safety.",
            hint="Word the task differently, or choose another model.",
        )
    if reply.finish is Finish.RECITATION:
        raise ReplyUnusable(
            f"{name} stopped because its reply came too close to a published text.",
            hint="Ask for a summary in its own words, or choose another model.",
        )
    if reply.finish is Finish.BLOCKED:
        raise ReplyUnusable(
            f"{name} did not accept the question or its documents.",
            hint="Leave out the document that it objects to, or choose another model.",
        )
    if reply.text.strip():
        return
    if reply.finish is Finish.LENGTH:
        raise ReplyUnusable(
            f"{name} used all of its {max_output_tokens} output tokens before the answer began.",
            hint="Raise verification.max_answer_tokens and max_review_tokens: thinking counts"
            " towards them.",
        )
    raise ReplyUnusable(f"{name} gave an empty reply.", hint="Try again, or choose another model.")


def dropped_prompt_notice(profile: ModelProfile, counted: int, expected: int) -> str:
    """A sentence if the server read so much less than we sent that it must have cut the prompt;
    else empty.

    Our own count can be off by a third for a model that is asked for the first time. A count that
    fills a window to the last place is no chance: then a smaller gap is enough.
    """
    is_full = -counted % _WINDOW_STEP <= _WINDOW_REST
    share = _FULL_BELOW if is_full else _DROPPED_BELOW
    if expected < _DROPPED_FROM_TOKENS or counted >= expected * share:
        return ""
    return (
        f"The server of {profile.name} read only {counted} tokens of a question of about"
        f" {expected}: raise its context length, or part of the documents is lost."
    )
