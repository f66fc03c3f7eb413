"""Servers on this machine are found by asking, at once, and by nothing else."""

from socket import create_server

from agentflow_desktop.adapters.local_servers import find_local_servers
from agentflow_desktop.llm.model_entries import ServedModel
from support.openai_server import OpenAIServer, Reply

LISTED = b'{"data": [{"id": "a", "max_model_len": 4096}, {"id": "b", "max_model_len": "x"}, {}, 3]}'


def port_of(server: OpenAIServer) -> int:
    return int(server.base_url.split(":")[2].split("/")[0])


async def test_every_server_that_answers_is_listed_with_its_models() -> None:
    with OpenAIServer([], models=("m1", "m2")) as first, OpenAIServer([]) as second:
        second.other_replies["/v1/models"] = Reply(
            raw=LISTED, headers={"content-type": "application/json"}
        )
        found = await find_local_servers((port_of(first), port_of(second), port_of(first)))
    assert [server.base_url for server in found] == [first.base_url, second.base_url]
    assert found[0].models == (ServedModel("m1"), ServedModel("m2"))
    assert found[1].models == (ServedModel("a", 4_096), ServedModel("b"))
    assert not first.requests + second.requests, "no model was asked"


async def test_a_port_where_nobody_or_something_else_answers_is_left_out() -> None:
    with (
        OpenAIServer([]) as page,
        OpenAIServer([]) as refusing,
        create_server(("127.0.0.1", 0)) as s,
    ):
        page.other_replies["/v1/models"] = Reply(raw=b"<html>")
        refusing.health_status = 503
        silent = s.getsockname()[1]
        assert await find_local_servers((1, silent, port_of(page), port_of(refusing))) == ()


async def test_an_answer_that_leads_elsewhere_is_not_followed() -> None:
    with OpenAIServer([]) as server, OpenAIServer([]) as other:
        server.other_replies["/v1/models"] = Reply(
            status=302, headers={"location": f"{other.base_url}/models"}, error={}
        )
        assert await find_local_servers((port_of(server),)) == ()
    assert not other.other_requests
