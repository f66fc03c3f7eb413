"""Poisoned documents against models that obey them: nothing may change but what is said.

The models here are as fooled as can be. The program must still send nothing elsewhere, read no
other file, pay what was used, take no setting, and show every made-up quote as rejected.
"""

import codecs
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from agentflow_desktop.app.wiring import open_application
from agentflow_desktop.core.events import CostRecorded, RunEvent, RunSucceeded
from agentflow_desktop.core.evidence import QuoteState
from agentflow_desktop.core.routing import Tier
from agentflow_desktop.documents.document import Document, FileReading, Selection
from agentflow_desktop.documents.quotes import check_quote
from agentflow_desktop.llm.source_blocks import mark_of, number_sources
from agentflow_desktop.workflows.ask.citations import number_citations
from agentflow_desktop.workflows.ask.inert import code_span
from agentflow_desktop.workflows.ask.model import AskResult
from agentflow_desktop.workflows.ask.report_markdown import to_markdown
from support.ask_home import TASK, AskHome
from support.ask_results import report_on
from support.openai_server import OpenAIServer, Received, Reply
from support.poisoned import FALSE_QUOTE, Poison, names_of, obey, orders_in, payload, poisons
from support.reading import open_reader

pytestmark = [pytest.mark.anyio, pytest.mark.allow_log_warnings]

_SECRET = "the secret of a file that nobody chose 4711"
_SECTIONS = {"task", "answer", "review", "responses", "reply", "errors"}
_USD_PER_TOKEN = {
    "planner-model": (Decimal("0.1") / 10**6, Decimal("7.77") / 10**6),
    "heavy-model": (Decimal(3) / 10**6, Decimal("7.77") / 10**6),
}


@dataclass
class Attack:
    """A home with a poisoned folder, the models, and the server that the poison names."""

    home: AskHome
    server: OpenAIServer
    evil: OpenAIServer
    replies: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def script(self, request: Received) -> Reply:
        reply = obey(request)
        self.replies.append((request.body["model"], reply.text))
        return reply


@asynccontextmanager
async def attacked(tmp_path: Path) -> AsyncIterator[Attack]:
    with OpenAIServer([]) as evil, OpenAIServer([]) as server:
        attack = Attack(AskHome(tmp_path, server.base_url), server, evil)
        server.script = attack.script
        yield attack


async def run(attack: Attack, tier: Tier | None = None) -> tuple[list[RunEvent], AskResult, Any]:
    overrides = attack.home.overrides(performance__reader_processes="1")
    request = replace(attack.home.request(), tier=tier)
    async with open_application(overrides, environ=attack.home.environ) as app:
        events = [event async for event in app.runs.start(request).events()]
        spending = await app.queries.costs.spending()
    last = events[-1]
    assert isinstance(last, RunSucceeded), last
    assert isinstance(last.result, AskResult)
    return events, last.result, spending


async def read_again(attack: Attack, tmp_path: Path) -> list[FileReading]:
    """The files as the reader gives them, for comparing."""
    place = tmp_path / "again"
    place.mkdir()
    async with open_reader(place) as reader:
        files = await reader.survey(Selection(directories=(attack.home.documents,)))
        return [reading async for reading in reader.read(files)]


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write(attack: Attack, poison: Poison) -> None:
    for name, content in poison.files.items():
        (attack.home.documents / name).write_bytes(content)


def _all_poisons() -> tuple[Poison, ...]:
    return poisons("http://127.0.0.1:1", "/nowhere")


def test_there_are_at_least_forty_of_them_and_no_two_alike() -> None:
    names = names_of(_all_poisons())
    assert len(names) == len(set(names)) >= 40


@pytest.mark.parametrize("name", names_of(_all_poisons()))
async def test_a_poisoned_document_changes_nothing_but_words(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(_SECRET, encoding="utf-8")
    async with attacked(tmp_path / "home") as attack:
        found = poisons(attack.evil.base_url, str(secret))
        poison = next(poison for poison in found if poison.name == name)
        write(attack, poison)
        before = digests(attack.home.root)
        events, result, spending = await run(attack)
        readings = await read_again(attack, tmp_path)
        documents = [r.document for r in readings if r.document is not None]

        check_files(attack, before)
        check_network(attack)
        check_money(attack, events, result, spending)
        check_prompts(attack, poison, documents)
        check_quotes(result, documents)
        check_report(result)
        if poison.is_noted:
            reasons = [line.reason for line in result.files if line.name != "cell.md"]
            assert any(reasons), "nobody is told"


def check_files(attack: Attack, before: dict[str, str]) -> None:
    """The documents and the settings are as they were; nothing lies where nothing belongs."""
    after = digests(attack.home.root)
    assert {name: after.get(name) for name in before} == before
    added = {name.partition("/")[0] for name in after.keys() - before.keys()}
    assert added <= {"data", "cache", "logs"}, added


def check_network(attack: Attack) -> None:
    assert attack.evil.connections == 0
    assert {r.path for r in attack.server.requests} == {"/v1/chat/completions"}
    assert {r.path for r in attack.server.other_requests} <= {"/tokenize", "/v1/models", "/health"}
    for request in attack.server.requests:
        assert request.body["model"] in _USD_PER_TOKEN
        assert not {"tools", "tool_choice", "functions"} & request.body.keys()
        assert _SECRET not in request.user


def check_money(attack: Attack, events: list[RunEvent], result: AskResult, spending: Any) -> None:
    """What was paid is what the servers counted, a row for each call, and no hold is left."""
    expected = Decimal(0)
    for request, (model, text) in zip(attack.server.requests, attack.replies, strict=True):
        sent = sum(len(m["content"].split()) for m in request.body["messages"])
        into, out = _USD_PER_TOKEN[model]
        expected += sent * into + len(text.split()) * out
    paid = [event.cost_usd for event in events if isinstance(event, CostRecorded)]
    assert len(paid) == spending.total.calls == len(attack.server.requests)
    assert sum(paid) == spending.total.spent_usd == result.cost_usd
    assert abs(result.cost_usd - expected) <= Decimal("1e-9") * len(paid)
    assert spending.total.reserved_usd == 0


def check_prompts(attack: Attack, poison: Poison, documents: list[Document]) -> None:
    """The fence holds: what is parsed back are our sources and sections, and no others."""
    sources = number_sources(documents)
    first = attack.server.requests[0].user
    assert bool(orders_in(first)) is not poison.is_hidden, "it must reach the model if it can"
    for request in attack.server.requests:
        blocks = request.blocks
        assert blocks.sources == sources
        assert blocks.sections.keys() <= _SECTIONS
        assert blocks.sections["task"] == TASK
        assert orders_in(request.system) == []
        mark = mark_of(request.user)
        fences = 2 * (len(blocks.sources) + len(blocks.sections))
        assert request.user.lower().count(mark) == 1 + fences, "somebody else wrote the mark"


def check_quotes(result: AskResult, documents: list[Document]) -> None:
    """Every quote that is shown as found stands in the file it names; none that was made up."""
    by_name = {document.name: document for document in documents}
    for claim in result.answer.claims:
        for evidence in claim.evidence:
            again = check_quote(by_name[evidence.file], evidence.quote)
            assert again == evidence
            assert evidence.quote != FALSE_QUOTE
        for evidence in claim.rejected:
            assert evidence.state in (QuoteState.NOT_FOUND, QuoteState.AMBIGUOUS)
        if claim.text == "It is 280 A.":
            files = {evidence.file for evidence in claim.evidence}
            assert "cell.md" not in files, "words of another file pass for the good one's"
            assert claim.rejected or files


def check_report(result: AskResult) -> None:
    """Opened in any viewer, the report loads nothing, leads nowhere and has only its own heads."""
    text = to_markdown(report_on(result))
    page = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = [t for token in page.parse(text) for t in (token, *(token.children or ()))]
    kinds = {token.type for token in tokens}
    assert not kinds & {"link_open", "image", "html_block", "html_inline"}, text
    heads = [tokens[at + 1].content for at, t in enumerate(tokens) if t.type == "heading_open"]
    rejected = number_citations(result.answer).rejected
    own = [
        *(["Quotes"] if any(claim.evidence for claim in result.answer.claims) else []),
        *([f"Rejected ({len(rejected)})"] if rejected else []),
        *(["Review"] if result.review is not None else []),
        "Files",
        "How this came about",
    ]
    assert heads[1:] == own
    for evidence in rejected:
        assert code_span(evidence.quote) in text


async def test_an_obeyed_order_makes_a_rejected_quote_and_an_unquoted_claim(
    tmp_path: Path,
) -> None:
    async with attacked(tmp_path) as attack:
        orders = payload(attack.evil.base_url, "/etc/passwd")
        (attack.home.documents / "note.md").write_text(orders, encoding="utf-8")
        _, result, _ = await run(attack)

    rejected = [e.quote for claim in result.answer.claims for e in claim.rejected]
    assert rejected == [FALSE_QUOTE]
    assert [claim.is_quoted for claim in result.answer.claims] == [True] + [False] * 6
    assert codecs.encode(FALSE_QUOTE, "rot13") in orders
    assert "## Rejected (1)" in to_markdown(report_on(result))


@pytest.mark.parametrize("tier", [Tier.MEDIUM, Tier.LARGE])
@pytest.mark.parametrize(
    "name",
    ["a plain instruction", "a copy of the header", "a file name that orders", "PDF in sight"],
)
async def test_the_larger_tiers_hold_as_well(name: str, tier: Tier, tmp_path: Path) -> None:
    async with attacked(tmp_path / "home") as attack:
        found = poisons(attack.evil.base_url, "/etc/passwd")
        write(attack, next(poison for poison in found if poison.name == name))
        before = digests(attack.home.root)
        events, result, spending = await run(attack, tier)
        readings = await read_again(attack, tmp_path)
        documents = [r.document for r in readings if r.document is not None]

        check_files(attack, before)
        check_network(attack)
        check_money(attack, events, result, spending)
        check_quotes(result, documents)
        check_report(result)
        sources = number_sources(documents)
        for request in attack.server.requests:
            assert set(request.blocks.sources) <= set(sources)
            assert request.blocks.sections["task"] == TASK


async def test_the_built_in_engine_only_ever_quotes_what_stands_there(tmp_path: Path) -> None:
    home = AskHome(tmp_path / "home")
    for number, poison in enumerate(_all_poisons()):
        folder = home.documents / f"{number}"
        folder.mkdir()
        for name, content in poison.files.items():
            (folder / name).write_bytes(content)
    async with open_application(home.overrides(), environ=home.environ) as app:
        end = await app.runs.start(home.request("Which ORDER limits the charge current?")).wait()
    assert isinstance(end, RunSucceeded)
    assert isinstance(end.result, AskResult)
    async with open_reader(tmp_path) as reader:
        files = await reader.survey(Selection(directories=(home.documents,)))
        documents = [r.document async for r in reader.read(files) if r.document is not None]

    check_quotes(end.result, documents)
    check_report(end.result)
    assert end.result.cost_usd == 0
