"""Changes of the person's own ``models.yaml``; the loader takes each before it is written."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from agentflow_desktop.adapters.configuration import check_fit, find_config_paths
from agentflow_desktop.adapters.models_file import (
    load_models,
    models_with,
    read_entries,
    shipped_entries,
)
from agentflow_desktop.adapters.settings_files import load_settings
from agentflow_desktop.adapters.yaml_edits import KeyPath, edit_yaml, edited_text
from agentflow_desktop.adapters.yaml_source import YamlMap, YamlText, read_config_text
from agentflow_desktop.core.errors import AgentFlowError, InputRefused
from agentflow_desktop.core.settings import ModelSettings, Overrides
from agentflow_desktop.llm.model_entries import EntryOrigin, ModelDraft, ModelEntry, PriceDraft
from agentflow_desktop.llm.provider import ModelProfile, PriceOverride

_TOP = "models"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*")
_PLACE = re.compile(r"^\S+ line \d+: ")
_WHOLE = re.compile(r"\d+")


class ModelsEditor:
    """The models as the files say at this moment. Every method blocks."""

    def __init__(self, environ: Mapping[str, str], overrides: Overrides) -> None:
        self._environ = environ
        self._overrides = overrides
        self._paths = find_config_paths(environ, overrides)

    @property
    def file(self) -> Path:
        """The file that is changed; it need not be there yet."""
        return self._paths.models_file

    def settings(self) -> ModelSettings:
        """Roles and timeouts as they stand now."""
        return load_settings(
            self._paths.settings_file, self._environ, self._overrides
        ).settings.models

    def entries(self) -> tuple[ModelEntry, ...]:
        """Every model. Raises ConfigurationError if a file can't be used as it stands."""
        own, shipped = read_entries(self._text(), self.file.name), shipped_entries()
        return tuple(
            ModelEntry(profile, _origin(profile.name, own, shipped))
            for profile in load_models(self.file)
        )

    def find(self, name: str) -> ModelEntry:
        """The model of that name. Raises InputRefused if there is none."""
        entries = {entry.profile.name: entry for entry in self.entries()}
        if name not in entries:
            raise InputRefused(
                f"There is no model named {name!r}.",
                hint=f"Choose one of: {', '.join(sorted(entries))}.",
            )
        return entries[name]

    def profile_of(self, draft: ModelDraft) -> ModelProfile:
        """The profile that the draft makes. Writes nothing.

        Raises InputRefused or ConfigurationError for one that can't be.
        """
        text = edited_text(self._text(), self.file.name, self._changes(draft))
        profiles = {profile.name: profile for profile in models_with(text, self.file.name)}
        if draft.name not in profiles:
            raise InputRefused("A new model needs its fields.", hint="Name provider and model.")
        return profiles[draft.name]

    def problem_of(self, draft: ModelDraft) -> str:
        """Why the draft can't stand, in one sentence; empty if it can. Writes nothing."""
        try:
            self.profile_of(draft)
        except AgentFlowError as error:
            sentence = _PLACE.sub("", error.message).removeprefix(f"{draft.name}.")
            return sentence.removeprefix(f"{draft.name}: ").replace(": must", " must", 1)
        return ""

    def keep(self, draft: ModelDraft) -> None:
        """Add the model, or change the one of that name.

        Raises InputRefused or ConfigurationError for a draft that can't stand, StorageError if
        the disk refuses. Then nothing is changed.
        """
        edit_yaml(self.file, self._changes(draft), self._check)

    def change(self, name: str, fields: Mapping[str, object]) -> Path | None:
        """Set fields of a model; gives the copy of the file as it was, None if there was none.

        Raises as ``keep``.
        """
        places: dict[KeyPath, object | None] = {
            (_TOP, name, field): value for field, value in fields.items()
        }
        return edit_yaml(self.file, places, self._check)

    def remove(self, name: str) -> None:
        """Take the person's own entry away; a shipped model is then as it was shipped.

        Raises InputRefused where there is none, or if a role names a model that is only there.
        """
        entry = self.find(name)
        if entry.origin is EntryOrigin.SHIPPED:
            raise InputRefused(
                f"{name} comes with the program.", hint=f"Nothing of {self.file} describes it."
            )
        now = self.settings()
        named = (now.planner, now.heavy, now.planner_fallback, now.heavy_fallback)
        if entry.origin is EntryOrigin.OWN and name in named:
            raise InputRefused(
                f"{name} still plays a role.", hint="Give the role to another model first."
            )
        edit_yaml(self.file, {(_TOP, name): None}, self._check)

    def _check(self, candidate: Path) -> None:
        settings = load_settings(self._paths.settings_file, self._environ, self._overrides)
        check_fit(settings.settings, load_models(candidate))

    def _changes(self, draft: ModelDraft) -> dict[KeyPath, object | None]:
        if not _NAME.fullmatch(draft.name):
            raise InputRefused(
                "A model's name is made of letters, digits and . _ : / -",
                hint="Choose a short one, such as gemini-flash.",
            )
        shipped = _texts(shipped_entries(), draft.name)
        changes: dict[KeyPath, object | None] = {}
        for field, typed in draft.fields.items():
            text = typed.strip()
            is_usual = not text or shipped.get(field) == text
            changes[_TOP, draft.name, field] = None if is_usual else _typed(text)
        if draft.price is not None:
            changes[_TOP, draft.name, "prices"] = self._prices(draft.name, draft.price)
        return changes

    def _prices(self, name: str, price: PriceDraft) -> list[dict[str, object]] | None:
        """The prices so far with the new one; None if it is empty, which takes own ones away."""
        if not (price.input_usd.strip() or price.output_usd.strip()):
            return None
        known = {entry.profile.name: entry.profile for entry in self.entries()}
        profile = known.get(name)
        earlier = profile.prices if profile is not None else ()
        kept = [_written(p) for p in earlier if p.effective_from != price.effective_from]
        new: dict[str, object] = {
            "effective_from": price.effective_from,
            "input_usd": _typed(price.input_usd.strip()),
            "output_usd": _typed(price.output_usd.strip()),
        }
        if price.cached_input_usd.strip():
            new["cached_input_usd"] = _typed(price.cached_input_usd.strip())
        return [*kept, new]

    def _text(self) -> str:
        return read_config_text(self.file) if self.file.exists() else ""


def _origin(name: str, own: YamlMap, shipped: YamlMap) -> EntryOrigin:
    if name not in own.entries:
        return EntryOrigin.SHIPPED
    return EntryOrigin.CHANGED if name in shipped.entries else EntryOrigin.OWN


def _texts(entries: YamlMap, name: str) -> Mapping[str, str]:
    """The fields of an entry that are single values."""
    entry = entries.entries.get(name)
    if not isinstance(entry, YamlMap):
        return {}
    return {key: v.text for key, v in entry.entries.items() if isinstance(v, YamlText)}


def _typed(text: str) -> object:
    """The text as YAML writes a number, true or false, else as it is."""
    if text in ("true", "false"):
        return text == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return number if number.is_finite() else text


def _written(price: PriceOverride) -> dict[str, object]:
    fields: dict[str, object] = {
        "effective_from": price.effective_from,
        "input_usd": price.input_usd,
        "output_usd": price.output_usd,
    }
    if price.cached_input_usd is not None:
        fields["cached_input_usd"] = price.cached_input_usd
    return fields
