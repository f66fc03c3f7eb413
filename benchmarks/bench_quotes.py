"""Quotes looked up in MB of text a second: standing so, standing with other white space, and
standing nowhere; beside the plainest thing that Python could do for each."""

import re
import time
from collections.abc import Callable
from random import Random

from measuring import Figure, finish, interleaved

from agentflow_desktop.core.evidence import QuoteState
from agentflow_desktop.documents.document import Document, MediaKind
from agentflow_desktop.documents.quotes import check_quote

ROUNDS = 5
MEGABYTES = 4
QUOTES = 60
WORDS = (
    "the limit of charge current is below where cell voltage rises above and never again".split()
)


def made_up_text() -> str:
    random = Random(11)  # noqa: S311
    lines = [
        f"{' '.join(random.choices(WORDS, k=9))} {number}"
        for number in range(MEGABYTES * 1_000_000 // 55)
    ]
    return "\n".join(lines)


def megabytes_per_s(look_up: Callable[[str], object], quotes: list[str], size_mb: float) -> float:
    started = time.process_time()
    for quote in quotes:
        look_up(quote)
    return len(quotes) * size_mb / (time.process_time() - started)


def main() -> None:
    text = made_up_text()
    size_mb = len(text.encode()) / 1e6
    random = Random(5)  # noqa: S311
    lines = text.split("\n")
    at = [random.randrange(len(lines) - 1) for _ in range(QUOTES)]
    exact = [lines[n] for n in at]
    respaced = [f"{lines[n]}  {lines[n + 1]}" for n in at]
    nowhere = [f"{lines[n]} of nothing" for n in at]

    def document() -> Document:
        return Document(name="t", digest="", media=MediaKind.TEXT, text=text)

    def ours(quotes: list[str], state: QuoteState) -> float:
        fresh = document()  # its normal form is made within the measured time
        found = [check_quote(fresh, quotes[0])]
        assert found[0].state is state, found
        again = document()
        return megabytes_per_s(lambda quote: check_quote(again, quote), quotes, size_mb)

    def plain(quote: str) -> int:
        return re.sub(r"\s+", " ", text).find(re.sub(r"\s+", " ", quote))

    took = interleaved(
        ROUNDS,
        {
            "exact": lambda: ours(exact, QuoteState.EXACT),
            "respaced": lambda: ours(respaced, QuoteState.SPACES),
            "nowhere": lambda: ours(nowhere, QuoteState.NOT_FOUND),
            "find": lambda: megabytes_per_s(text.find, exact, size_mb),
            "plain": lambda: megabytes_per_s(plain, respaced[:6], size_mb),
        },
    )
    finish(
        [
            Figure(
                "quotes that stand so",
                took["exact"],
                took["find"],
                "str.find",
                "MB/s",
                0.3,
                at_least=True,
            ),
            Figure(
                "quotes with other spaces",
                took["respaced"],
                took["plain"],
                "re.sub, find",
                "MB/s",
                1,
                at_least=True,
            ),
            Figure(
                "quotes that stand nowhere",
                took["nowhere"],
                took["plain"],
                "re.sub, find",
                "MB/s",
                1,
                at_least=True,
            ),
        ]
    )


main()
