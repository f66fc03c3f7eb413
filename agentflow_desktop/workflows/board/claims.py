"""What the firmware says of itself, and what it refuses to be told."""

from collections.abc import Awaitable, Callable

from agentflow_desktop.hardware.pack_config import (
    FIELD_BY_NAME,
    FIELD_NUMBERS,
    config_hash,
    hash_text,
)
from agentflow_desktop.hardware.pack_fields_table import RULES
from agentflow_desktop.hardware.telemetry.messages_table import Answer
from agentflow_desktop.hardware.telemetry.names_table import Command, Result
from agentflow_desktop.workflows.board.bench import NotReady, PackBench, name_of
from agentflow_desktop.workflows.board.model import ProtectedBy, SelftestRow, Verdict
from agentflow_desktop.workflows.board.rig import Rig

Claim = Callable[[Rig], Awaitable[tuple[bool, str]]]
"""Whether it holds, and what was seen."""

_FIELD = "cell_ov_trip_mv"
_NUMBER = FIELD_NUMBERS[_FIELD]


async def says_simulated(rig: Rig) -> tuple[bool, str]:
    async with rig.just_switched_on() as bench:
        identity = await bench.identity()
    return identity.is_simulated, f"{identity.board}, firmware {identity.firmware}"


async def is_the_design(rig: Rig) -> tuple[bool, str]:
    """The hash over the firmware's settings is the design's."""
    expected = hash_text(config_hash(rig.design))
    async with rig.just_switched_on() as bench:
        found = hash_text((await bench.identity()).config_hash)
    if found == expected:
        return True, f"config_hash {found}"
    return False, f"config_hash {found}, the design's is {expected}: these are other settings"


async def refuses_outside_datasheet(rig: Rig) -> tuple[bool, str]:
    """An over-voltage trip above the cell's highest voltage can be staged, and not committed."""
    value = rig.built["cell_max_mv"][0] + 1
    async with rig.idle() as bench:
        staged = await bench.stage(_NUMBER, value)
        answer = await _commit(bench)
        used = (await bench.parameter(_NUMBER)).value
    said = f"{_FIELD}={value}: {_staging(staged, answer)}"
    if answer.result is Result.RULE_BROKEN and answer.detail < len(RULES):
        said += f": {RULES[answer.detail].text}"
    return answer.result is Result.RULE_BROKEN and used != value, said


async def refuses_out_of_range(rig: Rig) -> tuple[bool, str]:
    value = FIELD_BY_NAME[_FIELD].maximum + 1
    async with rig.idle() as bench:
        answer = await bench.stage(_NUMBER, value)
        used = (await bench.parameter(_NUMBER)).value
    is_refused = answer.result is Result.OUT_OF_RANGE and used != value
    return is_refused, f"{_FIELD}={value}: {_words(answer)}"


async def refuses_while_closed(rig: Rig) -> tuple[bool, str]:
    value = rig.built[_FIELD][0] - 1
    async with rig.idle() as bench:
        await bench.close()
        staged = await bench.stage(_NUMBER, value)
        answer = await _commit(bench)
        used = (await bench.parameter(_NUMBER)).value
    is_refused = answer.result is Result.REFUSED_IN_THIS_STATE and used != value
    return is_refused, f"{_FIELD}={value}: {_staging(staged, answer)}"


async def refuses_another_hash(rig: Rig) -> tuple[bool, str]:
    """A commit must name what was read back: else something else was staged than is meant."""
    value = rig.built[_FIELD][0] - 1
    async with rig.idle() as bench:
        await bench.stage(_NUMBER, value)
        staged_hash = (await bench.parameter(_NUMBER)).staged_hash
        answer = await bench.commit(staged_hash ^ 1)
        used = (await bench.parameter(_NUMBER)).value
    return answer.result is Result.HASH_DIFFERS and used != value, _words(answer)


async def refuses_to_close_unconfigured(rig: Rig) -> tuple[bool, str]:
    async with rig.just_switched_on() as bench:
        answer = await bench.request(Command.CLOSE)
    return answer.result is not Result.DONE, _words(answer)


CLAIMS: tuple[tuple[str, Claim], ...] = (
    ("identity says simulated", says_simulated),
    ("identity is the design's", is_the_design),
    ("setting outside the datasheet is refused", refuses_outside_datasheet),
    ("setting out of range is refused", refuses_out_of_range),
    ("settings are refused while closed", refuses_while_closed),
    ("settings not read back are refused", refuses_another_hash),
    ("closing before configuration is refused", refuses_to_close_unconfigured),
)


async def claim_row(rig: Rig, title: str, claim: Claim) -> SelftestRow:
    """The row of one claim, whatever becomes of it."""
    try:
        holds, seen = await claim(rig)
    except NotReady as error:
        holds, seen = False, f"not measured: {error}"
    verdict = Verdict.PASSED if holds else Verdict.FAILED
    return SelftestRow(protection=title, path=ProtectedBy.HOST, verdict=verdict, reason=seen)


async def _commit(bench: PackBench) -> Answer:
    return await bench.commit((await bench.parameter(_NUMBER)).staged_hash)


def _staging(staged: Answer, committed: Answer) -> str:
    return f"staging {_words(staged)}, commit {_words(committed)}"


def _words(answer: Answer) -> str:
    return name_of(answer.result).replace("_", " ")
