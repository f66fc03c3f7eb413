"""The built-in engine quotes what stands in the sources, and says that it does not reason."""

import json
from pathlib import Path

import pytest

from agentflow_desktop.adapters.builtin_engine import MODEL_NAME, TITLE, BuiltInEngine
from agentflow_desktop.core.errors import ProviderRefused
from agentflow_desktop.core.evidence import QuoteState
from agentflow_desktop.documents.document import Document
from agentflow_desktop.documents.media import media_by_name
from agentflow_desktop.documents.quotes import check_quote
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.messages import (
    Finish,
    FinishPart,
    Message,
    ModelRequest,
    ReplySchema,
    ServedPart,
    TextPart,
    UsagePart,
)
from agentflow_desktop.llm.replies import AnswerForm, FormName
from agentflow_desktop.llm.source_blocks import draw_mark, number_sources, render_blocks

pytestmark = pytest.mark.anyio

_ROOT = Path(__file__).parents[3]
_PACK = """# Pack

| Quantity | Value |
|---|---|
| Charge current | 8.0 A |
| Fuse | 15 A |

## Charging

The BMS limits the charge current to 8.0 A. It opens the switch above that.

The weather was fine. Nobody minded.
"""


def documents_of(**texts: str) -> list[Document]:
    return [
        Document(name=name, digest="d", media=media_by_name(name), text=text)
        for name, text in texts.items()
    ]


def request_of(
    documents: list[Document], task: str, *, schema: str | None = FormName.ANSWER, room: int = 4_000
) -> ModelRequest:
    turn = render_blocks(number_sources(documents), {"task": task}, draw_mark([]))
    return ModelRequest(
        model=MODEL_NAME,
        messages=(Message("system", "You answer."), Message("user", turn)),
        max_output_tokens=room,
        schema=ReplySchema(schema, {}) if schema else None,
    )


async def reply_to(request: ModelRequest) -> str:
    parts = [part async for part in BuiltInEngine().stream(request)]
    return "".join(part.text for part in parts if isinstance(part, TextPart))


async def answer_to(documents: list[Document], task: str) -> AnswerForm:
    return AnswerForm.model_validate_json(await reply_to(request_of(documents, task)))


async def test_the_best_passages_are_quoted_exactly_and_in_order() -> None:
    documents = documents_of(**{"pack.md": _PACK})

    answer = await answer_to(documents, "What limits the charge current?")

    assert answer.title == TITLE
    quotes = [quote.text for claim in answer.claims for quote in claim.quotes]
    assert quotes == [
        "| Charge current | 8.0 A |",
        "The BMS limits the charge current to 8.0 A. It opens the switch above that.",
    ]
    assert answer.claims[1].text == (
        "Closest match: **Charging** (has *limits*, *charge*, *current*)"
    )
    assert answer.claims[0].text.startswith("**Pack**: Quantity: Charge current, Value: 8.0 A")


@pytest.mark.parametrize(
    "task",
    [
        "What limits the charge current?",
        "Which exceptions are raised when a key is missing?",
        "budget reservation",
        "Summarise this",
        "how many tokens",
        "def __init__ self",
    ],
)
async def test_every_quote_from_real_files_is_found_exactly_once(task: str) -> None:
    paths = sorted((_ROOT / "agentflow_desktop").rglob("*.py"))[:40]
    paths += sorted((_ROOT / "resources" / "examples").rglob("*.md"))
    paths += sorted((_ROOT / "resources" / "examples").rglob("*.csv"))
    documents = [d for path in paths for d in documents_of(**{path.name: path.read_text("utf-8")})]

    answer = await answer_to(documents, task)

    assert 1 <= len(answer.claims) <= 8
    for claim in answer.claims:
        for quote in claim.quotes:
            source = documents[int(quote.source.removeprefix("S")) - 1]
            assert check_quote(source, quote.text).state is QuoteState.EXACT


async def test_a_line_that_stands_twice_is_quoted_with_its_neighbours() -> None:
    text = "Alpha pack\n\nMaximum voltage 42 V\n\nBeta pack\n\nMaximum voltage 42 V\n"
    documents = documents_of(**{"a.txt": text})

    answer = await answer_to(documents, "maximum voltage")

    states = [check_quote(documents[0], q.text).state for c in answer.claims for q in c.quotes]
    assert states
    assert set(states) == {QuoteState.EXACT}


async def test_nothing_found_is_said_in_one_claim_without_quotes() -> None:
    answer = await answer_to(documents_of(**{"pack.md": _PACK}), "Which zebras cross?")

    assert [claim.quotes for claim in answer.claims] == [()]
    assert answer.claims[0].text == (
        "None of the task's words (zebras, cross) stands in the file. Other words may."
    )


async def test_words_that_stand_only_in_repeated_lines_are_not_said_to_stand_nowhere() -> None:
    answer = await answer_to(documents_of(**{"log.txt": "The fuse is open.\n" * 40}), "Which fuse?")

    assert [claim.quotes for claim in answer.claims] == [()]
    assert answer.claims[0].text.startswith(
        "Words of the task (fuse) stand in the file, but only in passages that are repeated"
    )


async def test_without_files_it_says_that_it_can_only_find_passages() -> None:
    answer = await answer_to([], "What is the capital of France?")

    assert "only find passages in files" in answer.claims[0].text


async def test_without_a_schema_the_answer_is_plain_text_with_quotes() -> None:
    request = request_of(documents_of(**{"pack.md": _PACK}), "Which fuse?", schema=None)

    text = await reply_to(request)

    assert text.startswith(TITLE)
    assert "> | Fuse | 15 A |" in text


@pytest.mark.parametrize("schema", [FormName.REVIEW, FormName.REFINED])
async def test_it_refuses_to_judge(schema: str) -> None:
    with pytest.raises(ProviderRefused, match="can't judge"):
        await reply_to(request_of(documents_of(**{"pack.md": _PACK}), "x", schema=schema))


async def test_it_streams_parts_and_reports_usage_by_its_own_counter() -> None:
    request = request_of(documents_of(**{"pack.md": _PACK}), "charge current")

    parts = [part async for part in BuiltInEngine().stream(request)]
    texts = [part.text for part in parts if isinstance(part, TextPart)]
    (usage,) = [part.usage for part in parts if isinstance(part, UsagePart)]

    assert parts[0] == ServedPart(MODEL_NAME)
    assert parts[-1] == FinishPart(Finish.STOP)
    assert len(texts) > 1
    assert usage.output_tokens == raw_tokens("".join(texts))
    assert usage.input_tokens == await BuiltInEngine().count_tokens(request)


async def test_an_answer_keeps_within_the_room_it_was_given() -> None:
    paragraphs = "\n\n".join(f"Part {n} has a charge limit of {n} A." for n in range(40))
    documents = documents_of(**{"a.txt": paragraphs})

    text = await reply_to(request_of(documents, "charge limit", room=150))

    assert raw_tokens(text) <= 150
    assert json.loads(text)["claims"]


async def test_words_of_a_document_cannot_become_markdown() -> None:
    text = "# [Click](http://evil) <b>\n\nThe charge limit is here.\n"

    answer = await answer_to(documents_of(**{"a.md": text}), "charge limit")

    assert r"\[Click\](http://evil) \<b\>" in answer.claims[0].text


async def test_words_run_together_in_code_are_found() -> None:
    code = "def getUserName(self):\n    return self._user_name\n\n\ndef other():\n    pass\n"

    answer = await answer_to(documents_of(**{"a.py": code}), "Where is the user name returned?")

    assert answer.claims[0].quotes[0].text.startswith("def getUserName")


async def test_a_list_that_a_passage_announces_is_quoted_with_it() -> None:
    text = "It supports these platforms:\n\n- Linux\n- Windows\n\nNothing else is said.\n"

    answer = await answer_to(documents_of(**{"a.md": text}), "Which platforms are supported?")

    assert answer.claims[0].quotes[0].text.endswith("- Linux\n- Windows")
