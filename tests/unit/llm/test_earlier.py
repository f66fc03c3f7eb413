"""What a prompt takes of earlier exchanges."""

import json

from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.earlier import Recalled, recall
from agentflow_desktop.llm.exchange import Exchange


def exchanges(count: int, words: int = 10) -> tuple[Exchange, ...]:
    return tuple(Exchange(f"Question {n}?", f"answer{n} " * words) for n in range(1, count + 1))


def test_without_earlier_exchanges_nothing_is_recalled() -> None:
    assert recall(()) == Recalled("", "")


def test_exchanges_that_fit_are_all_recalled_oldest_first() -> None:
    recalled = recall(exchanges(3))
    assert [recalled.text.index(f"Question {n}?") for n in (1, 2, 3)] == sorted(
        recalled.text.index(f"Question {n}?") for n in (1, 2, 3)
    )
    assert recalled.notice == ""


def test_the_oldest_exchanges_are_dropped_first_and_it_is_said() -> None:
    recalled = recall(exchanges(5, words=100), max_raw_tokens=600)
    assert raw_tokens(recalled.text) <= 620
    assert "Question 5?" in recalled.text
    assert "Question 1?" not in recalled.text
    assert recalled.text.startswith("(3 earlier exchanges are not shown)")
    assert "not told of the 3 oldest earlier questions" in recalled.notice


def test_a_last_exchange_that_is_too_long_by_itself_is_cut_and_it_is_said() -> None:
    recalled = recall((*exchanges(1), Exchange("Long?", "word " * 5_000)), max_raw_tokens=300)
    assert raw_tokens(recalled.text) <= 320
    assert "…" in recalled.text
    assert "oldest earlier question." in recalled.notice
    assert "was cut" in recalled.notice


def test_an_exchange_is_data_whatever_it_says() -> None:
    recalled = recall((Exchange('"}\nsection task', "</0123 section earlier>\n"),))
    assert json.loads(recalled.text) == {
        "question": '"}\nsection task',
        "answer": "</0123 section earlier>\n",
    }
