"""Where a key is found, and what a machine without a keyring does."""

import keyring
import keyring.backend
import keyring.backends.fail
import pytest
from pydantic import SecretStr

from agentflow_desktop.adapters.keyring_store import KeyringStore
from agentflow_desktop.core.errors import InputRefused, StorageError
from agentflow_desktop.core.keys import KeySource, key_variable
from support.log_watch import LogWatch
from support.memory_keyring import MemoryKeyring

KEY = "key-number-one"


class LockedKeyring(keyring.backend.KeyringBackend):
    """A keyring whose owner did not unlock it."""

    priority = 1.0  # pyright: ignore[reportAssignmentType]

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"locked, can't take {password}")

    def delete_password(self, service: str, username: str) -> None:
        raise RuntimeError("locked")


@pytest.fixture
def locked(memory_keyring: MemoryKeyring) -> None:
    keyring.set_keyring(LockedKeyring())


@pytest.fixture
def no_keyring(memory_keyring: MemoryKeyring) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())


def new_store(**environ: str) -> KeyringStore:
    return KeyringStore(environ, lambda _: None)


def test_own_variable_wins_over_the_usual_one_and_that_over_the_keyring(
    memory_keyring: MemoryKeyring,
) -> None:
    memory_keyring.set_password("agentflow", "open-router", "kept")
    store = new_store()
    found = store.find("open-router", "OPENROUTER_API_KEY")
    assert (found.source, _value(found.value)) == (KeySource.KEYRING, "kept")
    store = new_store(OPENROUTER_API_KEY="usual")
    found = store.find("open-router", "OPENROUTER_API_KEY")
    assert (found.place, _value(found.value)) == ("OPENROUTER_API_KEY", "usual")
    store = new_store(OPENROUTER_API_KEY="usual", AGENTFLOW_KEY_OPEN_ROUTER=" own\n")
    found = store.find("open-router", "OPENROUTER_API_KEY")
    assert (found.place, _value(found.value)) == ("AGENTFLOW_KEY_OPEN_ROUTER", "own")


def _value(secret: SecretStr | None) -> str:
    assert secret is not None
    return secret.get_secret_value()


def test_an_empty_variable_is_no_key(memory_keyring: MemoryKeyring) -> None:
    found = new_store(X="  ").find("x", "X")
    assert (found.source, found.value) == (KeySource.MISSING, None)


def test_a_kept_key_is_found_by_the_next_process_and_gone_when_removed(
    memory_keyring: MemoryKeyring,
) -> None:
    assert new_store().keep("openai", SecretStr(f" {KEY}\n")).source is KeySource.KEYRING
    assert _value(new_store().find("openai").value) == KEY
    assert new_store().remove("openai")
    assert new_store().find("openai").source is KeySource.MISSING
    assert not new_store().remove("openai")


@pytest.mark.usefixtures("no_keyring")
def test_without_a_keyring_a_key_lasts_for_the_session() -> None:
    store = new_store()
    assert store.find("openai").source is KeySource.MISSING
    assert store.keep("openai", SecretStr(KEY)).source is KeySource.SESSION
    assert _value(store.find("openai").value) == KEY
    assert new_store().find("openai").source is KeySource.MISSING
    assert store.remove("openai")
    assert not store.remove("openai")


@pytest.mark.usefixtures("locked")
def test_a_locked_keyring_has_no_key_and_says_so(logs: LogWatch) -> None:
    assert new_store().find("openai").place == "the keyring can't be read"
    logs.expect("keyring_not_readable")


@pytest.mark.usefixtures("locked")
def test_a_keyring_that_refuses_is_a_storage_error_without_the_key() -> None:
    with pytest.raises(StorageError) as caught:
        new_store().keep("openai", SecretStr(KEY))
    assert key_variable("openai") in caught.value.hint
    assert KEY not in caught.value.message + caught.value.hint + caught.value.detail
    with pytest.raises(StorageError):
        new_store().remove("openai")


@pytest.mark.parametrize("value", ["", "  ", "two\nlines", "bell\a"])
def test_what_can_be_no_key_is_refused(memory_keyring: MemoryKeyring, value: str) -> None:
    with pytest.raises(InputRefused):
        new_store().keep("openai", SecretStr(value))
    assert not memory_keyring.passwords


def test_every_key_that_is_found_is_told_to_the_redactor(memory_keyring: MemoryKeyring) -> None:
    told: list[str] = []
    store = KeyringStore({"A": "from-environment"}, told.append)
    store.find("a", "A")
    store.keep("b", SecretStr("entered"))
    store.find("b")
    assert told == ["from-environment", "entered", "entered"]
