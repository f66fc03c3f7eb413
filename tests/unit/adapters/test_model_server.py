"""What a failed connection means to a person depends on where the server is."""

import httpx2
import pytest

from agentflow_desktop.adapters.model_server import ModelServer
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.llm.provider import ModelProfile, ProviderKind


@pytest.mark.parametrize(
    ("base_url", "hint"),
    [
        ("http://127.0.0.1:9/v1", "Check that it runs"),
        ("https://models.example/v1", "Check the network of this machine"),
    ],
)
def test_a_server_that_is_not_reached_is_looked_for_where_it_is(base_url: str, hint: str) -> None:
    profile = ModelProfile(
        name="far", provider=ProviderKind.OPENAI_COMPATIBLE, model="m", base_url=base_url
    )
    problem = ModelServer(profile, None, ModelSettings()).lost(httpx2.ConnectError("refused"))
    assert problem.hint.startswith(hint)
    assert base_url in problem.message
