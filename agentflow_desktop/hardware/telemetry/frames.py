"""One message as a frame of bytes, and back. The layout of messages is ``messages_table``'s."""

import binascii
import struct
from dataclasses import dataclass

from cobs import cobs  # pyright: ignore[reportMissingTypeStubs]

from agentflow_desktop.hardware.telemetry.messages_table import (
    MAX_PAYLOAD_BYTES,
    MESSAGE_TYPES,
    VERSION,
    Message,
)

DELIMITER = b"\0"
_HEADER = struct.Struct("<BBHI")
_CRC = struct.Struct("<H")
_TYPE_NUMBERS = {kind: number for number, kind in MESSAGE_TYPES.items()}
_LONGEST_CONTENT = _HEADER.size + MAX_PAYLOAD_BYTES + _CRC.size
LONGEST_FRAME = _LONGEST_CONTENT + _LONGEST_CONTENT // 254 + 1
"""Bytes between two delimiters; COBS adds one for every 254 begun."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A message with its number, which counts up and wraps at 65,536, and its sender's time."""

    seq: int
    t_ms: int
    message: Message


class FrameBroken(ValueError):
    """What stands between two delimiters is no frame that we know."""


def encode_frame(frame: Frame) -> bytes:
    """The frame with a delimiter at both ends."""
    header = _HEADER.pack(VERSION, _TYPE_NUMBERS[type(frame.message)], frame.seq, frame.t_ms)
    return seal(header + frame.message.pack())


def decode_frame(stuffed: bytes) -> Frame:
    """The frame from what stood between two delimiters. Raises FrameBroken."""
    content = unseal(stuffed)
    if len(content) < _HEADER.size:
        raise FrameBroken("shorter than a header")
    version, number, seq, t_ms = _HEADER.unpack_from(content)
    kind = MESSAGE_TYPES.get(number)
    if version != VERSION or kind is None:
        raise FrameBroken(f"version {version}, type {number}")
    try:
        return Frame(seq, t_ms, kind.unpack(content[_HEADER.size :]))
    except (struct.error, ValueError) as error:
        raise FrameBroken(str(error)) from error


def seal(content: bytes) -> bytes:
    """The content with its CRC, free of zeros, between two delimiters."""
    crc = binascii.crc_hqx(content, 0xFFFF)  # CRC-16/CCITT-FALSE
    stuffed = cobs.encode(content + _CRC.pack(crc))  # pyright: ignore[reportUnknownMemberType]
    return DELIMITER + stuffed + DELIMITER


def unseal(stuffed: bytes) -> bytes:
    """The content that was sealed, without delimiters and CRC. Raises FrameBroken."""
    try:
        sealed = cobs.decode(stuffed)  # pyright: ignore[reportUnknownMemberType]
    except cobs.DecodeError as error:
        raise FrameBroken(str(error)) from error
    content, crc = sealed[: -_CRC.size], sealed[-_CRC.size :]
    if len(crc) < _CRC.size or _CRC.unpack(crc)[0] != binascii.crc_hqx(content, 0xFFFF):
        raise FrameBroken("the checksum does not fit")
    return content
