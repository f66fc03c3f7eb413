"""How many tokens a text has, without any provider's tokenizer. Owns no network, no storage.

The estimate counts character classes; a running ratio per model, learnt from real usage, then
brings it to that model's own count.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass


def _class_table() -> bytes:
    """Byte to class: a lower, A upper, 0 digit, s space, n newline, p other ASCII; for UTF-8
    lead bytes l (two-byte letters), k (CJK and other three-byte), e (four-byte); c continues."""
    table = bytearray(b"p" * 128 + b"c" * 64 + b"l" * 32 + b"k" * 16 + b"e" * 16)
    for code in range(128):
        character = chr(code)
        if character.islower():
            table[code] = ord("a")
        elif character.isupper():
            table[code] = ord("A")
        elif character.isdigit():
            table[code] = ord("0")
        elif character in " \t\r\f\v":
            table[code] = ord("s")
        elif character == "\n":
            table[code] = ord("n")
    return bytes(table)


_CLASSES = _class_table()
_LETTERS_ONLY = bytes(97 if chr(byte).isalpha() and byte < 128 else 32 for byte in range(256))

# Tokens per occurrence. Word and letter: a common English word is one token, a long or rare one
# two or more. Newer tokenizers split digits one by one, older ones by three. The rest lies
# between the counts of current vocabularies of 100,000 to 260,000 entries.
_PER_WORD = 0.72
_PER_LETTER = 0.085
_PER_DIGIT = 0.75
_PER_PUNCTUATION = 0.72
_PER_NEWLINE = 0.55
_PER_INDENT = 0.6
_PER_TWO_BYTE = 0.42
_PER_THREE_BYTE = 0.8
_PER_FOUR_BYTE = 2.2


def raw_tokens(text: str) -> int:
    """About how many tokens a text has in a current model's vocabulary; 0 only if empty."""
    if not text:
        return 0
    encoded = text.encode("utf-8", "replace")
    count = encoded.translate(_CLASSES).count
    letters = encoded.translate(_LETTERS_ONLY)
    starts = letters.count(b" a") + letters.startswith(b"a") + count(b"aA")
    estimate = (
        starts * _PER_WORD
        + (count(b"a") + count(b"A")) * _PER_LETTER
        + count(b"0") * _PER_DIGIT
        + count(b"p") * _PER_PUNCTUATION
        + count(b"n") * _PER_NEWLINE
        + count(b"ns") * _PER_INDENT
        + count(b"l") * _PER_TWO_BYTE
        + count(b"k") * _PER_THREE_BYTE
        + count(b"e") * _PER_FOUR_BYTE
    )
    return max(1, math.ceil(estimate))


@dataclass(frozen=True, slots=True)
class ModelRatio:
    """Sums of estimated and of real input tokens of one model's calls, the older ones faded."""

    raw: float
    real: float


_PRIOR_TOKENS = 500.0
_MEMORY_TOKENS = 200_000.0
_LOWEST, _HIGHEST = 0.4, 4.0


class Calibration:
    """A running ratio of real to estimated tokens per model. Kept in memory; ``snapshot`` is
    what a store would keep and give back to the constructor."""

    def __init__(self, ratios: Mapping[str, ModelRatio] | None = None) -> None:
        self._ratios = dict(ratios or {})

    def record(self, model: str, raw: int, real: int) -> None:
        """Learn from one call: its estimate and the input tokens that the provider counted."""
        if raw <= 0 or real <= 0:
            return
        past = self._ratios.get(model, ModelRatio(0.0, 0.0))
        fade = min(1.0, _MEMORY_TOKENS / (past.raw + raw))
        self._ratios[model] = ModelRatio((past.raw + raw) * fade, (past.real + real) * fade)

    def ratio(self, model: str) -> float:
        """Real over estimated, drawn towards 1 while little is known, between 0.4 and 4."""
        past = self._ratios.get(model)
        if past is None:
            return 1.0
        ratio = (past.real + _PRIOR_TOKENS) / (past.raw + _PRIOR_TOKENS)
        return min(max(ratio, _LOWEST), _HIGHEST)

    def scaled(self, raw: int, model: str) -> int:
        """An estimate in the model's own tokens, rounded up."""
        return math.ceil(raw * self.ratio(model))

    def snapshot(self) -> Mapping[str, ModelRatio]:
        """A copy of what was learnt."""
        return dict(self._ratios)
