"""The simulated pack as a process: what it answers, and what is said when it does not."""

import asyncio
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow_desktop.adapters import shipped_files
from agentflow_desktop.adapters.shipped_files import host_program
from agentflow_desktop.adapters.simulated_pack import SimulatedPackPrograms
from agentflow_desktop.core.errors import DeviceSilent, ToolMissing
from agentflow_desktop.hardware.config_fields import ConfigField
from agentflow_desktop.hardware.pack_config import (
    PackConfig,
    config_hash,
    hash_text,
    values_of,
)
from agentflow_desktop.hardware.pack_fields_table import FIELDS
from agentflow_desktop.hardware.telemetry.messages_table import (
    Answer,
    Identity,
    ParameterRead,
    ParameterValue,
    Request,
    SimAdvance,
    SimReached,
    SimSet,
    Telemetry,
)
from agentflow_desktop.hardware.telemetry.names_table import Command, Result, SimQuantity, State
from agentflow_desktop.workflows.board.bench import NEITHER
from support.host_program import needs_simulated_pack

pytestmark = [pytest.mark.anyio, needs_simulated_pack]
REFERENCE = values_of(PackConfig())
PACKS = SimulatedPackPrograms()


def hash_of_program(*words: str) -> str:
    command = [host_program("simulated_pack"), *words, "--config-hash"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_program_and_firmware_give_a_design_the_same_name() -> None:
    assert hash_of_program() == hash_text(config_hash(REFERENCE))


@given(st.sampled_from(FIELDS), st.integers(-(2**31), 2**31 - 1))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_they_do_so_for_every_value_of_every_field(field: ConfigField, value: int) -> None:
    numbers = (value, *REFERENCE[field.name][1:])
    override = f"{field.name}={','.join(map(str, numbers))}"
    expected = hash_text(config_hash({**REFERENCE, field.name: numbers}))
    assert hash_of_program("--override", override) == expected


async def test_a_new_pack_says_that_it_is_simulated_and_of_which_design() -> None:
    built = {**REFERENCE, "cell_ov_trip_mv": (3610,)}
    async with PACKS.switched_on(built) as link:
        *before, answer = await link.ask(Request(Command.IDENTIFY))
    identity = before[-1]
    assert isinstance(identity, Identity)
    assert identity.is_simulated
    assert identity.config_hash == identity.built_hash == config_hash(built)
    assert isinstance(answer, Answer)
    assert answer.result is Result.DONE


async def test_time_moves_only_as_it_is_told_to(nothing_blocks_the_loop: None) -> None:
    async with PACKS.switched_on(REFERENCE) as link:
        first = (await link.ask(SimAdvance(250_000, NEITHER)))[-1]
        await asyncio.sleep(0.05)
        second = (await link.ask(SimAdvance(1_000_000, NEITHER)))[-1]
    assert isinstance(first, SimReached)
    assert isinstance(second, SimReached)
    assert 250_000 <= first.time_us < 500_000  # configuring takes what it takes
    assert second.time_us == first.time_us + 1_000_000


async def test_what_came_before_an_answer_is_handed_out_once_and_in_order() -> None:
    async with PACKS.switched_on(REFERENCE) as link:
        came = [*await link.ask(SimAdvance(2_000_000, NEITHER))]
        told = [message for message in came if isinstance(message, Telemetry)]
        assert told[-1].state is State.IDLE
        assert isinstance(came[-1], SimReached)
        value = (await link.ask(ParameterRead(0, 0)))[-1]
    assert isinstance(value, ParameterValue)
    assert value.value == REFERENCE["cell_count"][0]


async def test_what_a_pack_does_not_know_is_answered_as_such() -> None:
    async with PACKS.switched_on(REFERENCE) as link:
        answer = (await link.ask(SimSet(SimQuantity.CELL_MV, 99, 3000)))[-1]
    assert isinstance(answer, Answer)
    assert answer.result is Result.UNKNOWN


async def test_a_pack_that_is_killed_is_told_as_gone_and_its_process_with_it() -> None:
    async with PACKS.switched_on(REFERENCE) as link:
        await link.ask(SimAdvance(1_000, NEITHER))
        for child in children():
            child.kill()
        with pytest.raises(DeviceSilent, match="ended by itself"):
            await link.ask(SimAdvance(1_000, NEITHER))
    assert children() == []


async def test_leaving_in_the_middle_of_a_long_advance_ends_the_process() -> None:
    async with PACKS.switched_on(REFERENCE) as link:
        task = asyncio.ensure_future(link.ask(SimAdvance(4_000_000_000, NEITHER)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert children() == []


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("import time; time.sleep(600)", "did not answer within 0.2 s"),
        ("print('hello', end=chr(0), flush=True); input()", "says what is no message"),
        ("raise SystemExit(3)", "ended by itself"),
    ],
)
async def test_a_program_that_is_no_pack_is_told_in_a_sentence(
    tmp_path: Path, script: str, says: str
) -> None:
    program = script_program(tmp_path, script)
    packs = SimulatedPackPrograms(program, answers_within_s=0.2)
    with pytest.raises(DeviceSilent, match=says):
        async with packs.switched_on(REFERENCE) as link:
            await link.ask(Request(Command.IDENTIFY))
    assert children() == []


async def test_a_file_that_can_not_be_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "simulated_pack").write_text("no program")
    with pytest.raises(DeviceSilent, match="can't be started: Permission denied"):
        async with SimulatedPackPrograms(tmp_path / "simulated_pack").switched_on(REFERENCE):
            pass


async def test_a_campaign_that_says_what_is_no_result_is_told(tmp_path: Path) -> None:
    packs = SimulatedPackPrograms(script_program(tmp_path, "print('{}')"))
    with pytest.raises(DeviceSilent, match="says what is no result"):
        await packs.campaign(REFERENCE)
    failing = SimulatedPackPrograms(script_program(tmp_path, "raise SystemExit(2)"))
    with pytest.raises(DeviceSilent, match="did not come to its end"):
        await failing.campaign(REFERENCE)


def test_a_program_that_is_not_here_is_told_with_what_to_do() -> None:
    with pytest.raises(ToolMissing) as caught:
        shipped_files.host_program("another_pack")
    assert caught.value.message == "The program another_pack is not on this machine."
    assert "python3 dev.py setup" in caught.value.hint


def script_program(folder: Path, script: str) -> Path:
    program = folder / "program.py"
    program.write_text(f"#!{sys.executable}\n{script}\n")
    program.chmod(0o755)
    return program


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)
