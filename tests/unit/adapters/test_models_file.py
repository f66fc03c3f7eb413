"""The shipped models, and a person's own merged over them."""

from decimal import Decimal
from pathlib import Path

import pytest

from agentflow_desktop.adapters.models_file import load_models
from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.llm.provider import (
    Billing,
    ModelProfile,
    ProviderKind,
    ThinkingLevel,
    default_billing,
)


def load(home: Path, text: str) -> dict[str, ModelProfile]:
    file = home / "models.yaml"
    file.write_text(text, encoding="utf-8")
    return {profile.name: profile for profile in load_models(file)}


def test_shipped_models_cost_nothing_on_this_machine_and_need_keys_elsewhere(
    tmp_path: Path,
) -> None:
    profiles = {profile.name: profile for profile in load_models(tmp_path / "absent.yaml")}
    assert profiles["built-in"].provider is ProviderKind.BUILT_IN
    planner = profiles["agentflow-planner-7b"]
    assert (planner.model, planner.base_url) == (
        "AgentFlow/agentflow-planner-7b",
        "http://127.0.0.1:8000/v1",
    )
    assert planner.counts_tokens
    assert [profile.name for profile in profiles.values() if profile.names_steps] == [planner.name]
    for profile in profiles.values():
        is_elsewhere = profile.base_url.startswith("https://")
        assert (profile.billing is Billing.METERED) == is_elsewhere
        assert bool(profile.key_name) == bool(profile.key_env) == is_elsewhere


def test_an_own_entry_changes_only_the_fields_that_it_names(tmp_path: Path) -> None:
    profile = load(tmp_path, "models: {ollama: {model: llama3:8b}}")["ollama"]
    assert (profile.model, profile.base_url) == ("llama3:8b", "http://127.0.0.1:11434/v1")


def test_an_empty_thinking_budget_gives_way_to_a_level(tmp_path: Path) -> None:
    text = "models: {gemini-2.5-pro: {thinking_budget: , thinking_level: low}}"
    profile = load(tmp_path, text)["gemini-2.5-pro"]
    assert (profile.thinking_budget, profile.thinking_level) == (None, ThinkingLevel.LOW)


def test_a_server_elsewhere_is_metered_unless_declared_free(tmp_path: Path) -> None:
    text = "models: {ollama: {base_url: http://gpu.lan:11434/v1}}"
    assert load(tmp_path, text)["ollama"].billing is Billing.METERED
    text = "models: {ollama: {base_url: http://gpu.lan:11434/v1, billing: free}}"
    assert load(tmp_path, text)["ollama"].billing is Billing.FREE


@pytest.mark.parametrize(
    ("address", "billing"),
    [
        ("http://127.0.0.1:8000/v1", Billing.FREE),
        ("http://127.8.8.8/v1", Billing.FREE),
        ("http://localhost:1/v1", Billing.FREE),
        ("http://[::1]:8000/v1", Billing.FREE),
        ("http://127.0.0.1.evil.example/v1", Billing.METERED),
        ("http://localhost.evil.example/v1", Billing.METERED),
        ("http://192.168.0.2/v1", Billing.METERED),
        ("http://0.0.0.0/v1", Billing.METERED),
        ("", Billing.METERED),
    ],
)
def test_only_loopback_addresses_are_free_by_default(address: str, billing: Billing) -> None:
    assert default_billing(ProviderKind.OPENAI_COMPATIBLE, address) is billing


def test_own_prices_are_exact_and_in_the_order_of_their_dates(tmp_path: Path) -> None:
    text = """
models:
  ollama:
    prices:
      - {effective_from: 2026-06-01, input_usd: 0.30, output_usd: 1}
      - {effective_from: 2026-01-01, input_usd: 0.1, output_usd: 1, cached_input_usd: 0.01}
"""
    first, second = load(tmp_path, text)["ollama"].prices
    assert (first.input_usd, first.cached_input_usd) == (Decimal("0.1"), Decimal("0.01"))
    assert (second.input_usd, second.cached_input_usd) == (Decimal("0.30"), None)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "models:\n  x:\n    provider: openai_compatible\n",
            "models.yaml line 2: x.model is missing.",
            "documents every field",
        ),
        (
            "models:\n  ollama:\n    base_ulr: x\n",
            "models.yaml line 3: ollama.base_ulr is no field of a model.",
            "Did you mean base_url?",
        ),
        (
            "models:\n  x:\n    provider: opn\n    model: y\n",
            "models.yaml line 3: x.provider: must be 'built_in', 'openai_compatible' or"
            " 'google_genai', is opn.",
            "",
        ),
        (
            "models:\n  ollama:\n    base_url: http://me:secret@x/v1\n",
            "models.yaml line 2: ollama: base_url must hold no user name or password",
            "",
        ),
        (
            "models:\n  ollama:\n    base_url: file:///etc/passwd\n",
            "models.yaml line 2: ollama: base_url must be an address",
            "",
        ),
        (
            "models:\n  ollama:\n    max_output_tokens: 40000\n",
            "models.yaml line 2: ollama: max_output_tokens must be less than window_tokens",
            "",
        ),
        (
            "models:\n  gemini-2.5-pro:\n    thinking_level: low\n",
            "models.yaml line 2: gemini-2.5-pro: thinking_level and thinking_budget can't stand",
            "",
        ),
        (
            "models:\n  x:\n    provider: google_genai\n    model: y\n"
            "    base_url: https://z\n    thinking_level: deep\n",
            "models.yaml line 6: x.thinking_level: must be 'minimal', 'low', 'medium' or 'high'",
            "",
        ),
        (
            "models:\n  ollama:\n    prices:\n"
            "      - {effective_from: 2026-01-01, input_usd: -1, output_usd: 2}\n",
            "models.yaml line 4: ollama.prices.0.input_usd",
            "",
        ),
        ("modls: {}\n", "models.yaml line 1: modls does not belong here.", "below one key"),
        ("models: 3\n", "models.yaml line 1: models must hold named models.", ""),
        ("models:\n  x: 3\n", "x in models.yaml must have fields below it.", ""),
    ],
)
def test_a_bad_file_is_refused_with_place_and_field(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint
    assert "secret" not in caught.value.message
