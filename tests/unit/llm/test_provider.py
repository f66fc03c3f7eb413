"""Which addresses are free by default."""

import pytest

from agentflow_desktop.llm.provider import Billing, ProviderKind, default_billing, is_loopback


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8000/v1",
        "http://127.8.9.1/v1",
        "http://localhost:11434/v1",
        "http://LOCALHOST/v1",
        "http://models.localhost:1/v1",
        "http://[::1]:8000/v1",
    ],
)
def test_this_machine_is_free(address: str):
    assert default_billing(ProviderKind.OPENAI_COMPATIBLE, address) is Billing.FREE


@pytest.mark.parametrize(
    "address",
    [
        "https://api.openai.com/v1",
        "http://localhost.evil.example/v1",
        "http://127.0.0.1.evil.example/v1",
        "http://192.168.0.2:8000/v1",
        "http://0.0.0.0:8000/v1",
        "http://localhost@evil.example/v1",
        "",
    ],
)
def test_any_other_address_is_metered(address: str):
    assert default_billing(ProviderKind.OPENAI_COMPATIBLE, address) is Billing.METERED
    assert not is_loopback(address)


def test_the_built_in_engine_is_free():
    assert default_billing(ProviderKind.BUILT_IN, "") is Billing.FREE
