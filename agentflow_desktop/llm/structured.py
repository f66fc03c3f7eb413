"""Replies read as forms: the schema that is asked for, validation, one repair."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import pydantic

from agentflow_desktop.llm.messages import Message, ReplySchema
from agentflow_desktop.llm.prompts import PromptLibrary
from agentflow_desktop.llm.source_blocks import render_blocks

FormT = TypeVar("FormT", bound=pydantic.BaseModel)

_FENCE = re.compile(r"^\s*```[a-zA-Z0-9]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)
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
    """The messages with the schema in the system text, for servers that take none."""
    text = prompts.render("schema", schema=json.dumps(schema.schema, ensure_ascii=False))
    if messages and messages[0].role == "system":
        first = Message("system", f"{messages[0].content}\n\n{text}")
        return (first, *messages[1:])
    return (Message("system", text), *messages)


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


def repair_turn(prompts: PromptLibrary, reply: str, problem: FormProblem) -> str:
    """What a model is told of its unusable reply. The reply and the errors, which can repeat
    words of documents, are fenced as data."""
    shown = reply[:_MOST_REPLY_CHARACTERS]
    blocks = render_blocks((), {"reply": shown, "errors": problem.errors})
    return prompts.render("repair", errors=f"{problem.summary}.\n{blocks}\n")
