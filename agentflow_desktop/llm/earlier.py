"""What was asked before on the same documents, as far as a prompt takes it.

Earlier exchanges are data: they tell what a task refers to, and are no source of a quote.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.exchange import Exchange
from agentflow_desktop.llm.material import cut
from agentflow_desktop.llm.question import as_data

MOST_EARLIER_TOKENS = 3_000
"""By our own estimate: three or four answers of usual length."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """``text`` is what prompts show of earlier exchanges, empty if there are none; ``notice`` a
    sentence for the person if that is not all of them."""

    text: str = ""
    notice: str = ""


def recall(exchanges: Sequence[Exchange], max_raw_tokens: int = MOST_EARLIER_TOKENS) -> Recalled:
    """The newest exchanges that fit, in the order they came. The oldest are dropped first; of
    the last one alone, where even that is too long, question and answer are cut."""
    if not exchanges:
        return Recalled()
    kept: list[str] = []
    room = max_raw_tokens
    for exchange in reversed(exchanges):
        text = _described(exchange)
        room -= raw_tokens(text)
        if room < 0:
            break
        kept.insert(0, text)
    notice = ""
    if not kept:
        kept = [_described(_cut(exchanges[-1], max_raw_tokens))]
        notice = "The earlier question with its answer is too long for the models and was cut."
    left_out = len(exchanges) - len(kept)
    if left_out:
        kept.insert(0, f"({left_out} earlier exchanges are not shown)")
        notice = notice or "Together they are too long for the models."
        notice = f"The models are not told of the {_oldest(left_out)}. {notice}"
    return Recalled("\n".join(kept), notice)


def _oldest(count: int) -> str:
    return "oldest earlier question" if count == 1 else f"{count} oldest earlier questions"


def _described(exchange: Exchange) -> str:
    return as_data({"question": exchange.question, "answer": exchange.answer})


def _cut(exchange: Exchange, max_raw_tokens: int) -> Exchange:
    """Both texts in the share of the room that they have in the whole."""
    share = 0.9 * max_raw_tokens / raw_tokens(_described(exchange))
    question, answer = (
        cut(text, int(len(text) * share)) for text in (exchange.question, exchange.answer)
    )
    return Exchange(question, answer)
