"""What happens in a run, as a closed union of frozen records, and its JSON form.

History stores these, the window draws them, and ``agentflow ... --json`` prints them one a
line. ``StepOutput.body`` and ``RunSucceeded.result`` belong to a workflow: their types are
registered with the ``EventCodec`` under their kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Discriminator, PlainSerializer, TypeAdapter

from agentflow_desktop.core.clock import to_iso_z
from agentflow_desktop.core.routing import Role, Route

Moment = Annotated[datetime, PlainSerializer(to_iso_z, return_type=str, when_used="json")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    run_id: str
    at: Moment
    kind: str
    title: str
    type: Literal["run_started"] = "run_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChosen:
    run_id: str
    at: Moment
    route: Route
    type: Literal["route_chosen"] = "route_chosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A step begins. ``model`` is empty for steps that no model takes part in."""

    run_id: str
    at: Moment
    step_id: str
    title: str
    role: Role | None = None
    model: str = ""
    type: Literal["step_started"] = "step_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgress:
    """Progress of a step in ``unit`` (files, tokens). Published, not stored."""

    run_id: str
    at: Moment
    step_id: str
    done: int
    total: int | None
    unit: str
    type: Literal["step_progress"] = "step_progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    """A piece of a streamed answer. Published, not stored: the whole reply is.

    ``restart`` means that the text so far is dropped (a broken stream is tried again).
    """

    run_id: str
    at: Moment
    step_id: str
    text: str
    restart: bool = False
    type: Literal["text_delta"] = "text_delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutput:
    """What a step gave. ``kind`` names the registered type of ``body``; ``step_id`` is empty for
    what belongs to the run as a whole."""

    run_id: str
    at: Moment
    step_id: str
    kind: str
    body: Any
    type: Literal["step_output"] = "step_output"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRecorded:
    """One attempt was settled in the ledger. ``is_estimated``: the provider gave no usage."""

    run_id: str
    at: Moment
    step_id: str
    attempt_id: str
    model: str
    served_model: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    is_estimated: bool
    type: Literal["cost_recorded"] = "cost_recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSucceeded:
    """The run ended with a result of the run's kind. ``cost_usd`` is what this run spent."""

    run_id: str
    at: Moment
    kind: str
    result: Any
    cost_usd: Decimal
    duration_s: float
    type: Literal["run_succeeded"] = "run_succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed:
    """The run ended with an error: its class name, sentence and next step."""

    run_id: str
    at: Moment
    error: str
    message: str
    hint: str
    cost_usd: Decimal
    duration_s: float
    type: Literal["run_failed"] = "run_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCancelled:
    run_id: str
    at: Moment
    cost_usd: Decimal
    duration_s: float
    type: Literal["run_cancelled"] = "run_cancelled"


RunEvent = (
    RunStarted
    | RouteChosen
    | StepStarted
    | StepProgress
    | TextDelta
    | StepOutput
    | CostRecorded
    | RunSucceeded
    | RunFailed
    | RunCancelled
)

RunEnded = RunSucceeded | RunFailed | RunCancelled


@cache
def _object_form() -> TypeAdapter[dict[str, Any]]:
    return TypeAdapter(dict[str, Any])


@cache
def _event_form() -> TypeAdapter[RunEvent]:
    # Slow to build, and the window, which needs no JSON, opens sooner without it.
    return TypeAdapter(Annotated[RunEvent, Discriminator("type")])


class EventCodec:
    """Events to JSON and back. ``bodies`` maps a kind to the dataclass of its body."""

    def __init__(self, bodies: Mapping[str, type]) -> None:
        self._types = dict(bodies)
        self._adapters: dict[str, TypeAdapter[Any]] = {}

    def encode(self, event: RunEvent) -> str:
        """The event as one line of JSON: money as text, times in UTC ending in Z.

        Raises ValueError if its kind is not registered.
        """
        match event:
            case StepOutput(kind=kind, body=body):
                event = replace(event, body=self._encode_body(kind, body))
            case RunSucceeded(kind=kind, result=result):
                event = replace(event, result=self._encode_body(kind, result))
            case _:
                pass
        return _event_form().dump_json(event).decode()

    def decode(self, text: str) -> RunEvent:
        """The event that ``encode`` wrote.

        Raises ValueError if the text is no event, or its kind is not registered.
        """
        fields = _object_form().validate_json(text)
        if fields.get("type") == "step_output":
            fields["body"] = self.decode_body(str(fields["kind"]), fields["body"])
        elif fields.get("type") == "run_succeeded":
            fields["result"] = self.decode_body(str(fields["kind"]), fields["result"])
        return _event_form().validate_python(fields)

    def decode_body(self, kind: str, body: Any) -> Any:
        """The registered dataclass from its JSON-able form."""
        return self._adapter(kind).validate_python(body)

    def _encode_body(self, kind: str, body: Any) -> Any:
        """The JSON-able form of a body, as its own type writes it."""
        return self._adapter(kind).dump_python(body, mode="json")

    def _adapter(self, kind: str) -> TypeAdapter[Any]:
        if kind not in self._types:
            raise ValueError(f"no body type is registered for {kind!r}")
        if kind not in self._adapters:
            self._adapters[kind] = TypeAdapter(self._types[kind])
        return self._adapters[kind]
