"""A result in the cache: its form there, and the way back to a result."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from agentflow_desktop.llm.cache import CacheEntry
from agentflow_desktop.workflows.ask.model import AskResult

_RESULT: TypeAdapter[AskResult] = TypeAdapter(AskResult)


@dataclass(frozen=True, slots=True)
class KeptResult:
    """A result with the entry that it is kept under."""

    entry: CacheEntry
    result: AskResult


def kept_form(result: AskResult) -> str:
    """The result as an entry's body."""
    return _RESULT.dump_json(result).decode()


def read_kept(entry: CacheEntry) -> KeptResult:
    """The entry with its result. Raises ValueError if another version wrote another form."""
    return KeptResult(entry, _RESULT.validate_json(entry.body))
