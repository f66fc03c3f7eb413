"""Takes bytes as they come from a board and gives frames, and as text what is none."""

from dataclasses import dataclass

from agentflow_desktop.hardware.telemetry.frames import (
    DELIMITER,
    LONGEST_FRAME,
    Frame,
    FrameBroken,
    decode_frame,
)

_TEXT_CONTROLS = frozenset(b"\t\n\r\x1b")
_SPACE, _DELETE = 0x20, 0x7F
_SEQ_RANGE = 65_536


@dataclass(frozen=True, slots=True)
class Console:
    """Bytes that are no frame: what the board prints while it starts, lines of its text mode, or
    a frame that was damaged on its way (``is_damage``)."""

    raw: bytes
    is_damage: bool

    @property
    def text(self) -> str:
        return self.raw.decode("utf-8", "backslashreplace")


class FrameReader:
    """Holds what has not ended yet and counts what got lost.

    ``bad_frames`` are those that did not decode, ``lost_frames`` what is missing between the
    numbers of those that did, ``restarts`` how often the numbers began anew.
    """

    def __init__(self) -> None:
        self.bad_frames = 0
        self.lost_frames = 0
        self.restarts = 0
        self._pending = b""
        self._next_seq: int | None = None

    def feed(self, data: bytes) -> list[Frame | Console]:
        """What the bytes completed, in their order."""
        *ended, self._pending = (self._pending + data).split(DELIMITER)
        found = [self._judge(piece) for piece in ended if piece]
        if len(self._pending) > LONGEST_FRAME:  # it can't become a frame any more
            found += self.flush()
        return found

    def flush(self) -> list[Frame | Console]:
        """What was held back, as text: for when nothing has come for a while."""
        held, self._pending = self._pending, b""
        return [Console(held, is_damage=False)] if held else []

    def _judge(self, piece: bytes) -> Frame | Console:
        try:
            frame = decode_frame(piece)
        except FrameBroken:
            is_damage = not _is_text(piece)
            self.bad_frames += is_damage
            return Console(piece, is_damage)
        self._count(frame.seq)
        return frame

    def _count(self, seq: int) -> None:
        if self._next_seq is not None:
            gap = (seq - self._next_seq) % _SEQ_RANGE
            if gap < _SEQ_RANGE // 2:
                self.lost_frames += gap
            else:  # it went back: the board has started anew
                self.restarts += 1
        self._next_seq = (seq + 1) % _SEQ_RANGE


def _is_text(piece: bytes) -> bool:
    """Whether a person could have meant it to be read: no controls but those of lines and
    colours, and whole characters."""
    if any((b < _SPACE and b not in _TEXT_CONTROLS) or b == _DELETE for b in piece):
        return False
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
