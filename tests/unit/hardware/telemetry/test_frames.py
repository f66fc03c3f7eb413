"""Frames: made and read alike by program and firmware, and broken ones are known as such."""

import binascii
import dataclasses
from pathlib import Path

import pytest
from cobs import cobs  # pyright: ignore[reportMissingTypeStubs]
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.hardware.telemetry.frame_reader import Console, FrameReader
from agentflow_desktop.hardware.telemetry.frames import (
    LONGEST_FRAME,
    Frame,
    FrameBroken,
    decode_frame,
    encode_frame,
    seal,
    unseal,
)
from agentflow_desktop.hardware.telemetry.messages_table import (
    MESSAGE_TYPES,
    Answer,
    Identity,
    Message,
    ParameterStage,
    Request,
    SimReached,
    Telemetry,
    TelemetryOutputs,
)
from agentflow_desktop.hardware.telemetry.names_table import Command, Result, State

VECTORS = (
    Path(__file__).parents[4] / "firmware_templates/bms_esp32/test/vectors/cobs_frames.txt"
).read_text(encoding="ascii")
ANSWER = Frame(7, 1234, Answer(3, 16, Result.RULE_BROKEN, 12))


def vectors() -> list[tuple[bytes, bytes]]:
    rows = [line.split() for line in VECTORS.splitlines() if not line.startswith("#")]
    return [(bytes.fromhex(raw.strip("-")), bytes.fromhex(frame)) for raw, frame in rows]


def zeros(kind: type[Message]) -> Message:
    """A message of a type with all its bytes zero."""
    for size in range(LONGEST_FRAME):
        try:
            return kind.unpack(bytes(size))
        except Exception:  # noqa: BLE001, S112
            continue
    raise AssertionError(kind)


def test_the_checksum_is_ccitt_false() -> None:
    assert binascii.crc_hqx(b"123456789", 0xFFFF) == 0x29B1
    sealed = cobs.decode(seal(b"123456789")[1:-1])  # pyright: ignore[reportUnknownMemberType]
    assert sealed == b"123456789\xb1\x29"


def test_the_vectors_that_the_firmware_is_tested_with_hold_here() -> None:
    assert len(vectors()) > 10
    for raw, frame in vectors():
        assert cobs.encode(raw) == frame  # pyright: ignore[reportUnknownMemberType]
        assert cobs.decode(frame) == raw  # pyright: ignore[reportUnknownMemberType]


@pytest.mark.parametrize("kind", MESSAGE_TYPES.values(), ids=lambda kind: kind.__name__)
def test_every_message_survives_its_frame(kind: type[Message]) -> None:
    frame = Frame(65_535, 4_294_967_295, zeros(kind))
    raw = encode_frame(frame)
    assert raw.startswith(b"\0")
    assert raw.endswith(b"\0")
    assert b"\0" not in raw[1:-1]
    assert len(raw) - 2 <= LONGEST_FRAME
    assert decode_frame(raw[1:-1]) == frame


def test_fields_stand_in_the_order_of_the_schema_little_endian() -> None:
    content = unseal(encode_frame(ANSWER)[1:-1])
    assert content == bytes.fromhex("01 05 0700 d2040000 0300 10 05 0c00")


def test_kinds_of_fields_come_back_as_what_they_mean() -> None:
    identity = Identity(True, "0.1.0", "simulated", 2**64 - 1, 1, 0, 16, 0, 1)
    assert Identity.unpack(identity.pack()) == identity
    read = zeros(Telemetry)
    assert isinstance(read, Telemetry)
    both = TelemetryOutputs.HOST_CHARGE | TelemetryOutputs.AFE_CHARGE
    told = dataclasses.replace(read, state=State.NORMAL, outputs=both, temp_ddegc=(-32768,) * 8)
    assert Telemetry.unpack(told.pack()) == told


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x01\x05\x00",
        b"\x02\x05" + bytes(6) + bytes(6),  # another version
        b"\x01\xfe" + bytes(6),  # no such type
        b"\x01\x05" + bytes(6) + bytes(5),  # too short for its type
        b"\x01\x05" + bytes(6) + b"\0\0\0\xff\0\0",  # no such result
    ],
)
def test_what_is_sealed_and_still_no_message_is_broken(content: bytes) -> None:
    with pytest.raises(FrameBroken):
        decode_frame(seal(content)[1:-1])


def test_a_single_flipped_bit_is_noticed() -> None:
    raw = encode_frame(ANSWER)[1:-1]
    for bit in range(8 * len(raw)):
        damaged = bytearray(raw)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(FrameBroken):
            decode_frame(bytes(damaged))


def test_the_start_of_a_board_is_told_from_its_frames() -> None:
    reader = FrameReader()
    boot = b"ets Jul 29 2019 12:21:46\r\n\x1b[0;32mrst:0x1\r\n"
    assert reader.feed(boot + encode_frame(ANSWER)) == [Console(boot, is_damage=False), ANSWER]
    assert reader.bad_frames == 0


def test_frames_come_out_whole_however_the_bytes_arrive() -> None:
    raw = encode_frame(ANSWER) + b">soc:51\n" + encode_frame(dataclasses.replace(ANSWER, seq=8))
    reader = FrameReader()
    found = [item for byte in raw for item in reader.feed(bytes([byte]))]
    assert [type(item) for item in found] == [Frame, Console, Frame]
    assert found[1] == Console(b">soc:51\n", is_damage=False)
    assert reader.lost_frames == 0


def test_a_damaged_frame_is_counted_and_the_next_one_is_read() -> None:
    damaged = bytearray(encode_frame(ANSWER))
    damaged[5] ^= 0x04
    reader = FrameReader()
    found = reader.feed(bytes(damaged) + encode_frame(ANSWER))
    assert [getattr(item, "is_damage", None) for item in found] == [True, None]
    assert reader.bad_frames == 1


def test_missing_numbers_are_counted_across_the_wrap_and_a_restart_is_none() -> None:
    reader = FrameReader()
    for seq in (65_534, 65_535, 1, 2):
        reader.feed(encode_frame(dataclasses.replace(ANSWER, seq=seq)))
    assert (reader.lost_frames, reader.restarts) == (1, 0)
    reader.feed(encode_frame(dataclasses.replace(ANSWER, seq=0)))
    assert (reader.lost_frames, reader.restarts) == (1, 1)


def test_text_of_a_board_that_sends_no_frames_is_not_held_for_ever() -> None:
    reader = FrameReader()
    assert reader.feed(b"x" * LONGEST_FRAME) == []
    assert reader.feed(b"y") == [Console(b"x" * LONGEST_FRAME + b"y", is_damage=False)]
    assert reader.feed(b"rest") == []
    assert [item.text for item in reader.flush() if isinstance(item, Console)] == ["rest"]
    assert reader.flush() == []


@given(st.binary(max_size=2000), st.integers(1, 300))
def test_no_bytes_make_the_reader_fail_nor_hold_more_than_a_frame(data: bytes, size: int) -> None:
    reader = FrameReader()
    for at in range(0, len(data), size):
        reader.feed(data[at : at + size])
    assert (
        sum(len(item.raw) for item in reader.flush() if isinstance(item, Console)) <= LONGEST_FRAME
    )


@given(st.integers(0, 65_535), st.integers(-(2**31), 2**31 - 1), st.sampled_from(Command))
def test_requests_survive_whatever_their_numbers(seq: int, value: int, command: Command) -> None:
    for message in (Request(command), ParameterStage(3, 1, value)):
        frame = Frame(seq, 0, message)
        assert decode_frame(encode_frame(frame)[1:-1]) == frame


def test_what_a_simulation_reached_is_exact_to_the_microsecond() -> None:
    reached = SimReached(2**40 + 1, True, False, 0, 2**40, -280_000, 2500, 3650, -200, 1000)
    assert SimReached.unpack(reached.pack()) == reached
