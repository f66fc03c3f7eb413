"""Identifiers: a typed prefix and a ULID, so that ids sort by time (``run_01J...``).

Source: the ULID specification, 48 bits of milliseconds and 80 random bits in Crockford base 32.
"""

import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(prefix: str) -> str:
    """A fresh id, e.g. ``new_id("run")`` gives ``run_`` and 26 characters."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    characters: list[str] = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        characters.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(characters))}"
