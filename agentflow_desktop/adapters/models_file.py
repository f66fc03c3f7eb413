"""Reads the models that can be asked: shipped profiles, the person's own merged over them."""

import difflib
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from agentflow_desktop.adapters.shipped_files import shipped_path
from agentflow_desktop.adapters.yaml_source import (
    YamlMap,
    YamlText,
    line_of,
    parse_yaml,
    read_config_text,
    to_plain,
)
from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.llm.provider import (
    Billing,
    ModelProfile,
    PlannerFormat,
    PriceOverride,
    ProviderKind,
    StoragePrice,
    ThinkingLevel,
    default_billing,
)

_ENTRIES = "models"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Price(_Entry):
    effective_from: date
    input_usd: Decimal = Field(ge=0)
    output_usd: Decimal = Field(ge=0)
    cached_input_usd: Decimal | None = Field(default=None, ge=0)


class _StoragePrice(_Entry):
    effective_from: date
    usd_per_hour: Decimal = Field(ge=0)


class _Model(_Entry):
    provider: ProviderKind
    model: str = Field(min_length=1)
    base_url: str = ""
    key_name: str = ""
    key_env: str = ""
    window_tokens: int = Field(default=8_192, ge=512)
    max_output_tokens: int = Field(default=2_048, ge=64)
    billing: Billing | None = None
    sends_schema: bool = True
    counts_tokens: bool = False
    sends_temperature: bool = True
    planner_format: PlannerFormat = PlannerFormat.INSTRUCT
    thinking_level: ThinkingLevel | None = None
    thinking_budget: int | None = Field(default=None, ge=0)
    aliases: tuple[str, ...] = ()
    price_model: str = ""
    price_provider: str = ""
    prices: tuple[_Price, ...] = ()
    cache_min_tokens: int | None = Field(default=None, ge=1)
    storage_prices: tuple[_StoragePrice, ...] = ()

    @field_validator("thinking_level", "thinking_budget", "cache_min_tokens", mode="before")
    @classmethod
    def _nothing(cls, value: object) -> object:
        return None if value == "" else value  # empty takes back what another file set

    @model_validator(mode="after")
    def _check(self) -> Self:
        address = urlsplit(self.base_url)
        if self.provider is not ProviderKind.BUILT_IN:
            if address.scheme not in ("http", "https") or not address.hostname:
                raise ValueError("base_url must be an address such as http://127.0.0.1:8000/v1")
            if address.username or address.password:
                raise ValueError("base_url must hold no user name or password; use key_name")
        if self.max_output_tokens >= self.window_tokens:
            raise ValueError("max_output_tokens must be less than window_tokens")
        if self.thinking_level is not None and self.thinking_budget is not None:
            raise ValueError("thinking_level and thinking_budget can't stand together")
        return self


def load_models(user_file: Path) -> tuple[ModelProfile, ...]:
    """Every configured model, the built-in engine among them; ``user_file`` may be absent.

    Raises ConfigurationError naming file, line and allowed values.
    """
    text = read_config_text(user_file) if user_file.exists() else ""
    return models_with(text, user_file.name)


def models_with(user_text: str, user_file: str) -> tuple[ModelProfile, ...]:
    """Every model as it is if the person's file, of that name, holds this text.

    Raises ConfigurationError as ``load_models`` does.
    """
    layers = [
        (shipped_path("config/models.yaml").name, shipped_entries()),
        (user_file, read_entries(user_text, user_file)),
    ]
    merged: dict[str, dict[str, Any]] = {}
    for _, entries in layers:
        for name, entry in entries.entries.items():
            if not isinstance(entry, YamlMap):
                raise ConfigurationError(
                    f"{name} in models.yaml must have fields below it.",
                    hint="Indent its fields by two spaces more than its name.",
                )
            fields = {key: to_plain(value) for key, value in entry.entries.items()}
            merged.setdefault(name, {}).update(fields)
    return tuple(_profile(name, fields, layers) for name, fields in merged.items())


@lru_cache(maxsize=1)
def shipped_entries() -> YamlMap:
    """The named entries that come with the program."""
    file = shipped_path("config/models.yaml")
    return read_entries(read_config_text(file), file.name)


def read_entries(text: str, file: str) -> YamlMap:
    """The named entries of a models file, unchecked. Raises ConfigurationError."""
    root = parse_yaml(text, file)
    for name in root.entries:
        if name != _ENTRIES:
            raise ConfigurationError(
                f"{file} line {root.key_lines[name]}: {name} does not belong here.",
                hint=f"All entries stand below one key, {_ENTRIES}.",
            )
    entries = root.entries.get(_ENTRIES, YamlMap({}, {}, 1))
    if isinstance(entries, YamlText) and not entries.text:
        entries = YamlMap({}, {}, entries.line)
    if not isinstance(entries, YamlMap):
        raise ConfigurationError(
            f"{file} line {entries.line}: {_ENTRIES} must hold named models.",
            hint="Write a name and a colon, and its fields below it.",
        )
    return entries


def _profile(name: str, fields: dict[str, Any], layers: list[tuple[str, YamlMap]]) -> ModelProfile:
    try:
        entry = _Model.model_validate(fields)
    except ValidationError as error:
        raise _translate(name, error.errors()[0], layers) from error
    return ModelProfile(
        name=name,
        provider=entry.provider,
        model=entry.model,
        base_url=entry.base_url.rstrip("/"),
        key_name=entry.key_name,
        key_env=entry.key_env,
        window_tokens=entry.window_tokens,
        max_output_tokens=entry.max_output_tokens,
        billing=entry.billing or default_billing(entry.provider, entry.base_url),
        sends_schema=entry.sends_schema,
        counts_tokens=entry.counts_tokens,
        sends_temperature=entry.sends_temperature,
        planner_format=entry.planner_format,
        thinking_level=entry.thinking_level,
        thinking_budget=entry.thinking_budget,
        aliases=entry.aliases,
        price_model=entry.price_model,
        price_provider=entry.price_provider,
        prices=tuple(
            PriceOverride(p.effective_from, p.input_usd, p.output_usd, p.cached_input_usd)
            for p in sorted(entry.prices, key=lambda p: p.effective_from)
        ),
        cache_min_tokens=entry.cache_min_tokens,
        storage_prices=tuple(
            StoragePrice(p.effective_from, p.usd_per_hour) for p in entry.storage_prices
        ),
    )


def _translate(
    name: str, detail: ErrorDetails, layers: list[tuple[str, YamlMap]]
) -> ConfigurationError:
    path = (name, *detail["loc"])
    file, entries = next(
        ((f, e) for f, e in reversed(layers) if _stands_in(e, path)), _last_naming(name, layers)
    )
    key = ".".join(str(part) for part in path)
    place = f"{file} line {line_of(entries, path)}"
    reason = str(detail["msg"]).removeprefix("Value error, ")
    hint = "config/models.yaml documents every field."
    if detail["type"] == "extra_forbidden":
        known = _known_fields(path)
        close = difflib.get_close_matches(str(path[-1]), known, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"The fields are: {', '.join(known)}."
        return ConfigurationError(f"{place}: {key} is no field of a model.", hint=hint)
    if detail["type"] == "missing":
        return ConfigurationError(f"{place}: {key} is missing.", hint=hint)
    reason = reason.replace("Input should be", "must be").partition(", unable to parse")[0]
    shown = detail["input"] if isinstance(detail["input"], str) else ""
    return ConfigurationError(
        f"{place}: {key}: {reason}{f', is {shown}' if shown else ''}.", hint=hint
    )


def _known_fields(path: tuple[str | int, ...]) -> list[str]:
    form: type[_Entry] = _Model
    if "prices" in path:
        form = _Price
    elif "storage_prices" in path:
        form = _StoragePrice
    return list(form.model_fields)


def _stands_in(entries: YamlMap, path: tuple[str | int, ...]) -> bool:
    entry = entries.entries.get(str(path[0]))
    if not isinstance(entry, YamlMap):
        return False
    return len(path) == 1 or str(path[1]) in entry.entries


def _last_naming(name: str, layers: list[tuple[str, YamlMap]]) -> tuple[str, YamlMap]:
    return next((f, e) for f, e in reversed(layers) if name in e.entries)
