"""Replies read as forms: the schema that is asked for, validation, what a repair is told, and
the text of an answer while it streams."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import pydantic
from pydantic_core import from_json

from agentflow_desktop.llm.messages import Message, ReplySchema
from agentflow_desktop.llm.prompts import PromptLibrary
from agentflow_desktop.llm.source_blocks import (
    draw_mark,
    mark_of,
    render_blocks,
    render_sections,
)

FormT = TypeVar("FormT", bound=pydantic.BaseModel)

_FENCE = re.compile(r"^\s*```[a-zA-Z0-9]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)
_PARSE_STEP = 64
_PARSE_SHARE = 64
_MOST_ERRORS = 12
_MOST_REPLY_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class FormProblem:
    """Why a reply is not in its form: ``summary`` in a few words, ``errors`` one a line."""

    summary: str
    errors: str


def reply_schema(form: type[pydantic.BaseModel]) -> ReplySchema:
    """The JSON Schema of a form, closed and with every field required, as strict decoders want
    it; named by its class (``AnswerForm`` is ``answer``)."""
    schema = cast(dict[str, Any], _closed(form.model_json_schema()))
    return ReplySchema(form.__name__.removesuffix("Form").lower(), schema)


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in cast(list[Any], node)]
    if not isinstance(node, dict):
        return node
    fields = cast(dict[str, Any], node)
    closed = {name: _closed(value) for name, value in fields.items() if name != "default"}
    if isinstance(closed.get("properties"), dict):
        closed["required"] = list(closed["properties"])
        closed["additionalProperties"] = False
    return closed


def describe_schema(
    prompts: PromptLibrary, messages: tuple[Message, ...], schema: ReplySchema
) -> tuple[Message, ...]:
    """The messages with the schema at their end, for servers that take none."""
    text = prompts.render("schema", schema=json.dumps(schema.schema, ensure_ascii=False))
    return _with_last_words(messages, text)


def _with_last_words(messages: tuple[Message, ...], text: str) -> tuple[Message, ...]:
    """The messages with a text at the end of the last user turn: some servers want turns to
    alternate."""
    *before, last = messages
    if last.role != "user":
        return (*messages, Message("user", text))
    return (*before, Message("user", f"{last.content}\n\n{text}"))


def read_form(form: type[FormT], text: str) -> FormT | FormProblem:
    """The reply as a form, or what is wrong with it.

    A Markdown fence around the object and words before or after it are forgiven; what is inside
    is taken as it stands or not at all.
    """
    found = _outermost_object(text)
    if found is None:
        return FormProblem("no JSON object", "The reply holds no complete JSON object.")
    try:
        return form.model_validate(found)
    except pydantic.ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        lines = [
            f"{'.'.join(str(part) for part in problem['loc']) or 'reply'}: {problem['msg']}"
            for problem in problems[:_MOST_ERRORS]
        ]
        return FormProblem(f"{len(problems)} fields do not fit", "\n".join(lines))


def _outermost_object(text: str) -> Mapping[str, Any] | None:
    fenced = _FENCE.match(text)
    body = fenced.group(1) if fenced else text
    start, end = body.find("{"), body.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        value = json.loads(body[start : end + 1])
    except (ValueError, RecursionError):
        return None
    return cast(Mapping[str, Any], value) if isinstance(value, dict) else None


def repair_turns(
    messages: tuple[Message, ...],
    reply: str,
    problem: FormProblem,
    repair: Callable[[str], str],
) -> tuple[Message, ...]:
    """The messages with what a model is told of its unusable reply: ``repair`` of what is wrong.

    The reply and the errors, which can repeat words of documents, are fenced as data, by the
    mark that the turns carry already: the model has seen it, so its reply may repeat it.
    """
    sections = {"reply": reply[:_MOST_REPLY_CHARACTERS], "errors": problem.errors}
    mark = next((found for m in messages if (found := mark_of(m.content))), "")
    if mark:
        blocks = render_sections(sections, mark)
    else:
        blocks = render_blocks((), sections, draw_mark(sections.values()))
    return _with_last_words(messages, repair(f"{problem.summary}.\n{blocks}\n"))


class PartialText:
    """What a person can read of an answer while it streams: the claims' texts with a blank line
    between them, without title and quotes. A reply that is no form streams as it stands.

    What was given never changes later: only the last claim's text grows. The buffer is parsed
    anew only when it grew by a share of itself, so that a long reply costs linear time.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._characters = 0
        self._unread = 0
        self._is_form: bool | None = None
        self._shown = ""

    def feed(self, chunk: str) -> str:
        """The text that became visible with this piece of the reply."""
        if self._is_form is None:
            self._pieces.append(chunk)
            return self._decide()
        if not self._is_form:
            return chunk
        self._pieces.append(chunk)
        self._characters += len(chunk)
        self._unread += len(chunk)
        if self._unread < max(_PARSE_STEP, self._characters // _PARSE_SHARE):
            return ""
        return self._read()

    def finish(self) -> str:
        """The text that was held back, at the end of the reply."""
        return self._read() if self._is_form and self._unread else ""

    def _decide(self) -> str:
        text = "".join(self._pieces)
        first = text.lstrip()
        if not first:
            return ""
        self._is_form = first.startswith(("{", "`"))
        if not self._is_form:
            return text
        self._characters = self._unread = len(text)
        return self._read() if self._unread >= _PARSE_STEP else ""

    def _read(self) -> str:
        text = "".join(self._pieces)
        self._pieces = [text]
        self._unread = 0
        start = text.find("{")
        if start < 0:
            return ""
        try:
            value = from_json(text[start:], allow_partial="trailing-strings")
        except ValueError:
            return ""
        visible = "\n\n".join(_claim_texts(value))
        if len(visible) <= len(self._shown) or not visible.startswith(self._shown):
            return ""
        fresh = visible[len(self._shown) :]
        self._shown = visible
        return fresh


def _claim_texts(value: Any) -> list[str]:
    claims = cast(dict[str, Any], value).get("claims") if isinstance(value, dict) else None
    if not isinstance(claims, list):
        return []
    texts = [
        cast(dict[str, Any], claim).get("text")
        for claim in cast(list[Any], claims)
        if isinstance(claim, dict)
    ]
    return [text for text in texts if isinstance(text, str) and text]
