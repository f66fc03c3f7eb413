"""Whether the process that holds money or runs a run is still there."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agentflow_desktop.adapters.sqlite.owner import UNSURE_FOR, Life, Owner, this_process

NOW = datetime(2026, 11, 23, tzinfo=UTC)
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def test_this_process_is_alive_and_the_same_at_every_question() -> None:
    assert this_process() == this_process()
    assert this_process().life() is not Life.DEAD


def test_a_process_that_ended_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert replace(this_process(), pid=child.pid).life() is Life.DEAD


@on_linux
def test_a_process_that_ended_and_was_not_asked_for_yet_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read()  # its end closes the pipe
    owner = replace(this_process(), pid=child.pid)
    for _ in range(1_000_000):
        if owner.life() is Life.DEAD:
            break
    assert owner.life() is Life.DEAD
    child.stdout.close()
    child.wait()


@on_linux
def test_a_number_that_another_process_took_over_is_dead() -> None:
    me = this_process()
    assert me.life() is Life.ALIVE
    assert replace(me, started=me.started - 1).life() is Life.DEAD


@on_linux
def test_a_process_of_an_earlier_boot_is_dead() -> None:
    assert replace(this_process(), boot="earlier/pid:[1]").life() is Life.DEAD


@on_linux
def test_a_process_of_another_container_is_given_up_only_after_a_day() -> None:
    boot = this_process().boot.partition("/")[0]
    owner = Owner(f"{boot}/pid:[1]", 1, 1)
    assert owner.life() is Life.UNSURE
    assert not owner.is_gone(NOW, NOW + UNSURE_FOR - timedelta(seconds=1))
    assert owner.is_gone(NOW, NOW + UNSURE_FOR)
