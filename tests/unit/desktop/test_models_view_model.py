"""What the page of models decides, over real files, a real key store and loopback servers."""

from pathlib import Path

import keyring
import keyring.backends.fail
import pytest
from pydantic import SecretStr

from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.screens.models.view_model import ModelsViewModel, key_words
from support.memory_keyring import MemoryKeyring
from support.openai_server import OpenAIServer, failure
from support.setup_doors import SetupDoors, UnwantedProbes

KEY = "typed/Key+0123456789"


async def opened(doors: SetupDoors) -> ModelsViewModel:
    model = ModelsViewModel(
        spawn=doors.spawn, on_changed=doors.note_change, clock=SystemClock(), check_pause_s=0
    )
    model.connect(doors.models, UnwantedProbes())
    await doors.settle()
    return model


async def test_a_found_model_is_tested_added_and_given_a_role(tmp_path: Path) -> None:
    with OpenAIServer([], models=("Org/Qwen-7B:latest",)) as server:
        doors = SetupDoors(tmp_path, server)
        model = await opened(doors)
        model.find_local()
        await doors.settle()
        assert model.state.search.servers is not None
        (found,) = model.state.search.servers
        model.add_served(found, found.models[0])
        model.test_form()
        await doors.settle()
        form = model.state.form
        assert form is not None
        assert form.test is not None
        assert (form.test.message, form.problem) == ("qwen-7b answers.", "")
        model.keep_form()
        await doors.settle()
        assert model.state.form is None
        model.bind(Role.PLANNER, "qwen-7b")
        await doors.settle()
        model.test_roles()
        await doors.settle()
        assert model.state.tests["qwen-7b"].is_usable
    assert model.state.name_of(Role.PLANNER) == "qwen-7b"
    assert "planner: qwen-7b" in doors.text_of("settings.yaml")
    assert doors.changes == 2


async def test_a_fallback_is_chosen_from_the_models_that_may_stand_in(tmp_path: Path) -> None:
    doors = SetupDoors(tmp_path)
    model = await opened(doors)
    assert model.state.fallback_choices(Role.HEAVY) == (), "the built-in engine needs none"
    model.bind(Role.HEAVY, "gemini-2.5-flash")
    await doors.settle()
    choices = model.state.fallback_choices(Role.HEAVY)
    assert "ollama" in choices
    assert not {"gemini-2.5-flash", "built-in"} & set(choices)
    assert model.state.fallback_choices(Role.PLANNER) == choices, "one model plays both roles"
    model.bind_fallback(Role.HEAVY, "ollama")
    await doors.settle()
    assert model.state.fallback_of(Role.HEAVY) == "ollama"
    assert model.state.fallback_of(Role.PLANNER) == ""
    assert "heavy_fallback: ollama" in doors.text_of("settings.yaml")
    model.bind(Role.HEAVY, "ollama")
    await doors.settle()
    assert model.state.problem is not None
    assert "the very model that it is to stand in for" in model.state.problem.message
    model.bind_fallback(Role.HEAVY, "")
    await doors.settle()
    assert model.state.problem is None
    assert "heavy_fallback" not in doors.text_of("settings.yaml")
    assert doors.changes == 3


async def test_what_is_wrong_with_a_form_is_told_once_it_was_tried(tmp_path: Path) -> None:
    doors = SetupDoors(tmp_path)
    model = await opened(doors)
    model.add()
    model.type("name", "mine")
    await doors.settle()
    assert model.state.form is not None
    assert model.state.form.problem == "", "nobody is told of a form that is half typed"
    model.keep_form()
    await doors.settle()
    assert model.state.form.problem == "model is missing."
    model.type("model", "m")
    await doors.settle()
    assert model.state.form.problem.startswith("base_url must be an address such as")
    model.type("base_url", "http://127.0.0.1:9/v1")
    model.type("name", "ollama")
    model.keep_form()
    await doors.settle()
    assert model.state.form.problem == "There is a model named ollama already."
    assert doors.text_of("models.yaml") == ""


async def test_an_edit_writes_what_changed_and_removal_takes_it_back(tmp_path: Path) -> None:
    doors = SetupDoors(tmp_path)
    model = await opened(doors)
    model.edit("ollama")
    model.type("window_tokens", "65536")
    model.keep_form()
    await doors.settle()
    assert doors.text_of("models.yaml") == "models:\n  ollama:\n    window_tokens: 65536\n"
    model.remove("ollama")
    await doors.settle()
    assert doors.text_of("models.yaml") == ""
    model.remove("ollama")
    await doors.settle()
    assert model.state.problem is not None
    assert model.state.problem.message == "ollama comes with the program."


async def test_an_own_price_is_shown_from_today_on(tmp_path: Path) -> None:
    doors = SetupDoors(tmp_path)
    model = await opened(doors)
    model.edit("gemini-2.5-flash")
    model.type("input_usd", "9")
    model.type("output_usd", "99")
    model.keep_form()
    await doors.settle()
    details = model.state.model("gemini-2.5-flash")
    assert details is not None
    assert details.price.startswith("$9 in, $99 out")


async def test_a_key_is_kept_in_the_keyring_tested_at_once_and_stands_in_no_file_or_state(
    tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    with OpenAIServer([]) as server:
        server.other_replies["/v1/models"] = failure(401, f"Incorrect API key: {KEY}")
        doors = SetupDoors(tmp_path)
        model = await opened(doors)
        model.edit("openai-gpt-5-mini")
        model.type("base_url", server.base_url)
        model.keep_key("openai", SecretStr(KEY))
        await doors.settle()
        assert server.other_requests[0].headers["authorization"] == f"Bearer {KEY}"
        assert memory_keyring.passwords == {("agentflow", "openai"): KEY}
        form = model.state.form
        assert form is not None
        assert form.test is not None
        assert not form.test.is_usable
        assert form.test.message.count(".") == 1, "a wrong key is one sentence"
    assert model.state.key_place
    assert model.state.key_notice is not None
    assert model.state.key_notice.words.startswith("The key is kept in ")
    details = model.state.model("openai-gpt-5-mini")
    assert details is not None
    assert key_words(details).startswith("set (")
    assert KEY not in repr(model.state)
    assert doors.files_with(KEY) == []
    assert doors.seen_keys, "the redactor is told"
    model.remove_key("openai")
    await doors.settle()
    assert memory_keyring.passwords == {}


async def test_without_a_keyring_it_is_said_that_the_key_lasts_for_the_session(
    tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    doors = SetupDoors(tmp_path)
    model = await opened(doors)
    assert model.state.key_place == ""
    model.keep_key("google", SecretStr(KEY))
    await doors.settle()
    assert model.state.key_notice is not None
    assert model.state.key_notice.words == "The key is kept for this session only."
    details = model.state.model("gemini-2.5-pro")
    assert details is not None
    assert key_words(details) == "set, for this session only"
    assert doors.files_with(KEY) == []


@pytest.mark.parametrize("key", ["", "with\nline"])
async def test_what_is_no_key_is_refused_in_a_sentence(
    tmp_path: Path, memory_keyring: MemoryKeyring, key: str
) -> None:
    doors = SetupDoors(tmp_path)
    model = await opened(doors)
    model.keep_key("google", SecretStr(key))
    await doors.settle()
    assert model.state.key_notice is not None
    assert not model.state.key_notice.is_good
    assert doors.changes == 0
