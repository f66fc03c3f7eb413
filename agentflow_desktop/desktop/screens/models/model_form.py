"""A model as it stands in the form: what is typed, and what came of checking and testing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from agentflow_desktop.app.model_editing import ModelDetails
from agentflow_desktop.desktop.screens.models.probe_state import ProbeState
from agentflow_desktop.llm.model_entries import LocalServer, ModelDraft, PriceDraft, ServedModel
from agentflow_desktop.llm.provider import ProviderKind

FIELDS = (
    "provider",
    "model",
    "base_url",
    "key_name",
    "key_env",
    "window_tokens",
    "max_output_tokens",
    "billing",
)
PRICES = ("input_usd", "output_usd", "cached_input_usd")
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What a test found. ``is_going_on``: nothing yet. Not ``is_reached``: nobody answered."""

    is_usable: bool = False
    message: str = ""
    hint: str = ""
    is_going_on: bool = False
    is_reached: bool = True


@dataclass(frozen=True, slots=True)
class ModelForm:
    """``fields`` are those of models.yaml and the three prices, each as text.

    ``before`` is the text that the form began with: only what differs is written.
    """

    name: str
    is_new: bool
    fields: Mapping[str, str]
    before: Mapping[str, str]
    problem: str = ""
    test: TestOutcome | None = None
    probe: ProbeState | None = None
    is_tried: bool = False  # kept or tested once: until then nobody is told what is missing

    @property
    def is_kept(self) -> bool:
        """It says what the file says."""
        return not self.is_new and self.fields == self.before

    def draft(self, today: date) -> ModelDraft:
        """What is to be written; prices that changed hold from today on."""
        changed = {
            name: self.fields[name]
            for name in FIELDS
            if self.fields.get(name, "") != self.before.get(name, "")
        }
        return ModelDraft(self.name.strip(), changed, self._price(today))

    def _price(self, today: date) -> PriceDraft | None:
        if all(self.fields.get(name, "") == self.before.get(name, "") for name in PRICES):
            return None
        in_usd, out_usd, cached_usd = (self.fields.get(name, "") for name in PRICES)
        return PriceDraft(today, in_usd, out_usd, cached_usd)


def empty_form() -> ModelForm:
    """The form for a new model."""
    return ModelForm("", True, {"provider": ProviderKind.OPENAI_COMPATIBLE.value}, {})


def form_of(details: ModelDetails) -> ModelForm:
    """The form for a model that is there."""
    profile = details.profile
    fields = {name: str(getattr(profile, name)) for name in FIELDS}
    last = profile.prices[-1] if profile.prices else None
    for name in PRICES:
        value = getattr(last, name) if last is not None else None
        fields[name] = "" if value is None else format(value, "f")
    return ModelForm(profile.name, False, fields, dict(fields))


def form_for_served(server: LocalServer, model: ServedModel, taken: frozenset[str]) -> ModelForm:
    """The form for a model that was found on this machine, under a name that is free."""
    fields = {
        "provider": ProviderKind.OPENAI_COMPATIBLE.value,
        "model": model.name,
        "base_url": server.base_url,
    }
    if model.window_tokens is not None:
        fields["window_tokens"] = str(model.window_tokens)
        # The usual longest reply would not leave a small window room for a question.
        fields["max_output_tokens"] = str(max(64, min(4_096, model.window_tokens // 4)))
    return ModelForm(_free_name(model.name, taken), True, fields, {})


def _free_name(model: str, taken: frozenset[str]) -> str:
    """A name for a model of that name: its last part in plain letters, numbered if taken."""
    last = model.rsplit("/", 1)[-1].removesuffix(".gguf").removesuffix(":latest")
    plain = "".join(c if c.isascii() and (c.isalnum() or c in ".-_") else "-" for c in last)
    name = plain.strip("-._")[:_LONGEST_NAME].lower() or "local-model"
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free
