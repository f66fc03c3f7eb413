"""Models as a person adds and changes them: what is typed, what stands where, what was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from agentflow_desktop.llm.provider import ModelProfile


class EntryOrigin(StrEnum):
    """Which file describes a model."""

    SHIPPED = "shipped"
    CHANGED = "changed"  # shipped, with fields of the person's own
    OWN = "own"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A configured model, and whose it is."""

    profile: ModelProfile
    origin: EntryOrigin


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """Dollars per million tokens as typed, from a day on. ``cached_input_usd`` may be empty."""

    effective_from: date
    input_usd: str
    output_usd: str
    cached_input_usd: str = ""


@dataclass(frozen=True, slots=True)
class ModelDraft:
    """A model as it is typed: fields of models.yaml by name, each as text.

    A field that is not named stays as it is; an empty one goes back to what the program ships,
    or to the default. ``price`` None leaves the prices as they are.
    """

    name: str
    fields: Mapping[str, str]
    price: PriceDraft | None = None


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that a server offers. ``window_tokens`` is None where it does not say."""

    name: str
    window_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answered on this machine. ``product`` is what usually has that port."""

    product: str
    base_url: str
    models: tuple[ServedModel, ...]
