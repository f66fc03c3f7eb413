"""Gets keys on the calling thread and times that thread's CPU. Knows no library."""

import hashlib
import time
from collections.abc import Callable

BODY = "x" * 4096
KEYS = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(200)]
_WARM_UP_TURNS, _TURNS = 5, 50


def microseconds_per_get(get: Callable[[str], int]) -> float:
    """``get`` gives the length of what it found."""
    for key in KEYS * _WARM_UP_TURNS:
        assert get(key) == len(BODY)
    order = KEYS * _TURNS
    started = time.thread_time()
    for key in order:
        get(key)
    return (time.thread_time() - started) / len(order) * 1e6
