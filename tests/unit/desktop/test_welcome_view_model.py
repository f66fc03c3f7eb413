"""The assistant for models from its first step to its last, and left in the middle."""

from pathlib import Path

import keyring
import keyring.backends.fail
import pytest
from pydantic import SecretStr

from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.screens.welcome.view_model import Step, WelcomeViewModel
from support.gemini_server import GeminiServer, refusal
from support.memory_keyring import MemoryKeyring
from support.openai_server import OpenAIServer
from support.setup_doors import SetupDoors

KEY = "typed/Key+0123456789"
DAILY = "production.cost_tracking.daily_limit"


def home_with_gemini(root: Path, base_url: str) -> Path:
    (root / "config").mkdir(parents=True)
    (root / "config" / "models.yaml").write_text(
        f"models:\n  gemini-2.5-flash:\n    base_url: {base_url}\n", encoding="utf-8"
    )
    return root


async def opened(doors: SetupDoors) -> WelcomeViewModel:
    model = WelcomeViewModel(spawn=doors.spawn, on_changed=doors.note_change, clock=SystemClock())
    model.connect(doors.models, doors.settings)
    await doors.settle()
    return model


async def test_a_key_and_a_local_server_become_two_roles_with_limits(
    tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    with (
        GeminiServer([], models=("gemini-2.5-flash",)) as gemini,
        OpenAIServer([], models=("qwen2.5-7b",)) as local,
    ):
        doors = SetupDoors(home_with_gemini(tmp_path, gemini.base_url), local)
        model = await opened(doors)
        assert not model.state.has_model
        model.skip()
        assert model.state.step is Step.KEY
        model.keep_key(SecretStr(KEY))
        await doors.settle()
        assert model.state.key.test is not None
        assert model.state.key.test.message == "gemini-2.5-flash answers."
        model.skip()
        await doors.settle()
        assert [offer.model.name for offer in model.state.offers] == ["qwen2.5-7b"]
        model.use_picked()
        await doors.settle()
        assert model.state.step is Step.TEST
        assert {role: test.is_usable for role, test in model.state.tests.items()} == {
            Role.PLANNER: True,
            Role.HEAVY: True,
        }
        model.skip()
        model.type_limit(DAILY, "3")
        model.keep_limits()
        await doors.settle()
    assert model.state.step is Step.DONE
    assert model.state.roles == {Role.PLANNER: "qwen2.5-7b", Role.HEAVY: "gemini-2.5-flash"}
    text = doors.text_of("settings.yaml")
    assert "planner: qwen2.5-7b" in text
    assert "heavy: gemini-2.5-flash" in text
    assert "daily_limit: 3" in text
    assert memory_keyring.passwords == {("agentflow", "google"): KEY}
    assert KEY not in repr(model.state)
    assert doors.files_with(KEY) == []


async def test_a_wrong_key_is_one_sentence_and_gives_no_role(
    tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    with GeminiServer([], models=("gemini-2.5-flash",)) as gemini:
        gemini.other_replies["/v1beta/models"] = refusal(
            400, f"API key not valid: {KEY}", reason="API_KEY_INVALID"
        )
        doors = SetupDoors(home_with_gemini(tmp_path, gemini.base_url))
        model = await opened(doors)
        model.keep_key(SecretStr(KEY))
        await doors.settle()
    test = model.state.key.test
    assert test is not None
    assert test.is_reached
    assert not test.is_usable
    assert KEY not in f"{test.message}{test.hint}"
    assert model.state.roles == {}


async def test_without_a_network_the_key_is_kept_and_used_once_there_is_one(
    tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    doors = SetupDoors(home_with_gemini(tmp_path, "http://127.0.0.1:9"))
    model = await opened(doors)
    model.keep_key(SecretStr(KEY))
    await doors.settle()
    assert model.state.key.test is not None
    assert not model.state.key.test.is_reached
    assert model.state.roles == {Role.HEAVY: "gemini-2.5-flash"}


async def test_a_machine_without_a_keyring_says_so_before_and_after(
    tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    doors = SetupDoors(home_with_gemini(tmp_path, "http://127.0.0.1:9"))
    model = await opened(doors)
    assert model.state.key_place == ""
    model.keep_key(SecretStr(KEY))
    await doors.settle()
    assert model.state.key.kept == "The key is kept for this session only."
    assert model.state.has_key


async def test_every_step_can_be_skipped_and_nothing_is_written(tmp_path: Path) -> None:
    with OpenAIServer([]) as local:
        doors = SetupDoors(tmp_path, local)
        model = await opened(doors)
        for step in tuple(Step)[1:]:
            model.skip()
            await doors.settle()
            assert model.state.step is step
    assert doors.changes == 0
    assert not (tmp_path / "config").exists()


async def test_what_a_step_wrote_stays_when_the_assistant_is_left_and_begun_again(
    tmp_path: Path,
) -> None:
    with OpenAIServer([], models=("m",)) as local:
        doors = SetupDoors(tmp_path, local)
        model = await opened(doors)
        model.go(Step.LOCAL)
        await doors.settle()
        model.use_picked()
        await doors.settle()
        model.start()
        await doors.settle()
        assert model.state.step is Step.START
        assert model.state.roles == {Role.PLANNER: "m"}
        model.go(Step.LOCAL)
        model.use_picked()
        await doors.settle()
    assert doors.text_of("models.yaml").count("provider:") == 1, "a known model is added once"


@pytest.mark.parametrize("text", ["-1", "much"])
async def test_a_limit_that_can_not_stand_holds_the_step(tmp_path: Path, text: str) -> None:
    doors = SetupDoors(tmp_path)
    model = await opened(doors)
    model.go(Step.LIMITS)
    model.type_limit(DAILY, text)
    await doors.settle()
    assert f"is {text}." in model.state.limit_problem
    model.keep_limits()
    await doors.settle()
    assert model.state.step is Step.LIMITS
    assert doors.changes == 0
