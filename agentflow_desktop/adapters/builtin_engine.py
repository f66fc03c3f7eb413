"""The engine that needs no key and no network: it finds passages and quotes them.

It does not reason and says so. It speaks the same protocol as every other source of models.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterable, Sequence

from agentflow_desktop.core.errors import ProviderRefused
from agentflow_desktop.documents.document import Document
from agentflow_desktop.documents.finder import FoundPassage, find_passages
from agentflow_desktop.documents.media import media_by_name
from agentflow_desktop.documents.terms import words
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.messages import (
    Finish,
    FinishPart,
    ModelRequest,
    ReplyPart,
    ServedPart,
    TextPart,
    Usage,
    UsagePart,
)
from agentflow_desktop.llm.provider import ContextCache, ProviderHealth, ToldWindow
from agentflow_desktop.llm.replies import AnswerForm, ClaimForm, FormName, QuoteForm
from agentflow_desktop.llm.source_blocks import PromptBlocks, SourceText, parse_blocks

MODEL_NAME = "built-in"
TITLE = "Built-in engine: passages found, not reasoning"

_PARTS = 6
_MARKDOWN_MARKS = re.compile(r"([\\`*_\[\]<>#|~$])")


class BuiltInEngine:
    """A ``ModelProvider`` whose one model is code. Free, offline, the same answer every time."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ReplyPart]:
        """The best passages in the form asked for.

        Raises ProviderRefused for any form but an answer: judging needs reasoning.
        """
        if request.schema is not None and request.schema.name != FormName.ANSWER:
            raise ProviderRefused(
                "The built-in engine finds passages; it can't judge an answer.",
                hint="Configure a model for this role.",
            )
        text, input_tokens = await asyncio.to_thread(_answered, request)
        yield ServedPart(MODEL_NAME)
        size = max(1, -(-len(text) // _PARTS))
        for start in range(0, len(text), size):
            yield TextPart(text[start : start + size])
            await asyncio.sleep(0)  # lets the reader draw and a cancellation in
        yield UsagePart(Usage(input_tokens=input_tokens, output_tokens=raw_tokens(text)))
        yield FinishPart(Finish.STOP)

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """Exact by definition: the engine's tokens are the estimator's."""
        return await asyncio.to_thread(_input_tokens, request)

    async def list_models(self) -> tuple[str, ...]:
        return (MODEL_NAME,)

    async def told_window(self) -> ToldWindow | None:
        """It has none."""

    async def keep_context(self, request: ModelRequest, ttl_s: int) -> ContextCache | None:
        """Keeps nothing."""

    async def drop_context(self, name: str) -> None:
        """Nothing is kept."""

    async def health(self) -> ProviderHealth:
        return ProviderHealth(
            is_usable=True, message="Built in: finds passages without a key or a network."
        )

    async def close(self) -> None:
        """Nothing is open."""


def _input_tokens(request: ModelRequest) -> int:
    return sum(raw_tokens(message.content) for message in request.messages)


def _answered(request: ModelRequest) -> tuple[str, int]:
    turn = next((m.content for m in reversed(request.messages) if m.role == "user"), "")
    blocks = parse_blocks(turn)
    is_json = request.schema is not None
    form = _answer(blocks)
    text = _rendered(form, blocks.sources, is_json=is_json)
    while raw_tokens(text) > request.max_output_tokens and len(form.claims) > 1:
        form = form.model_copy(update={"claims": form.claims[:-1]})
        text = _rendered(form, blocks.sources, is_json=is_json)
    return text, _input_tokens(request)


def _answer(blocks: PromptBlocks) -> AnswerForm:
    task = blocks.sections.get("task", "")
    if not blocks.sources:
        return _plain("It can only find passages in files, and there is none that it could read. "
                      "Add files, or configure a model.")  # fmt: skip
    documents = [
        Document(name=source.name, digest="", media=media_by_name(source.name), text=source.text)
        for source in blocks.sources
    ]
    found = find_passages(documents, task, blocks.sections.get("context", ""))
    if not found:
        return _plain(_nothing_found(task, documents))
    claims = tuple(
        ClaimForm(
            quotes=(
                QuoteForm(
                    source=blocks.sources[passage.source].source_id,
                    text=documents[passage.source].text[passage.start : passage.end],
                ),
            ),
            text=_lead_in(passage),
        )
        for passage in found
    )
    return AnswerForm(claims=claims, title=TITLE)


def _plain(sentence: str) -> AnswerForm:
    return AnswerForm(claims=(ClaimForm(quotes=(), text=sentence),), title=TITLE)


def _nothing_found(task: str, documents: Sequence[Document]) -> str:
    asked: dict[str, str] = {}
    for term, word in words(task):
        asked.setdefault(term, word)
    files = "the file" if len(documents) == 1 else f"the {len(documents):,} files"
    if not asked:
        return f"The task has no word that could be looked for in {files}."
    standing = {term for document in documents for term, _ in words(document.text)}
    found = [word for term, word in asked.items() if term in standing]
    if found:
        return (
            f"Words of the task ({_listed(found)}) stand in {files}, but only in passages that are "
            "repeated there: a quote would not tell its place. Ask with words that stand once."
        )
    return (
        f"None of the task's words ({_listed(asked.values())}) stands in {files}. Other words may."
    )


def _listed(asked: Iterable[str]) -> str:
    return ", ".join(_inert(word) for word in list(dict.fromkeys(asked))[:8])


def _lead_in(passage: FoundPassage) -> str:
    """One line above the quote: where it stands, or the row in words, and why it was chosen."""
    heading = _inert(passage.heading.strip().rstrip(":"))
    if passage.is_opening:
        return f"Opening of **{heading}**" if heading else "Opening of the file"
    cells = [(_inert(name), _inert(value)) for name, value in passage.cells if value]
    if cells:
        row = ", ".join(f"{name}: {value}" if name else value for name, value in cells[:6])
        place = f"**{heading}**: {row}" if heading else row
    else:
        place = f"**{heading}**" if heading else "Passage"
    reason = ", ".join(f"*{_inert(word)}*" for word in passage.matched)
    lead = f"{place} (has {reason})" if reason else place
    return f"Closest match: {lead}" if passage.is_best else lead


def _inert(text: str) -> str:
    """Text of a document or a task with Markdown's marks made plain characters."""
    return _MARKDOWN_MARKS.sub(r"\\\1", " ".join(text.split()))


def _rendered(form: AnswerForm, sources: Sequence[SourceText], *, is_json: bool) -> str:
    if is_json:
        return json.dumps(form.model_dump(mode="json"), ensure_ascii=False)
    names = {source.source_id: source.name for source in sources}
    parts = [form.title]
    for claim in form.claims:
        parts.append(claim.text)
        parts += [
            "\n".join(f"> {line}" for line in quote.text.splitlines())
            + f"\n> ({_inert(names.get(quote.source, ''))})"
            for quote in claim.quotes
        ]
    return "\n\n".join(parts)
