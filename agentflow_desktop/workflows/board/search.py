"""Finds the level at which something begins to happen, by as few tries as it takes."""

from collections.abc import Awaitable, Callable

Probe = Callable[[int], Awaitable[bool]]
"""Whether it happens at a level."""


async def first_level(
    probe: Probe, last_quiet: int, step: int, *, extreme: int, quiet: int
) -> int | None:
    """The first level, in steps from ``last_quiet``, at which it happens; None if it does not
    even at ``extreme``. Behind ``quiet`` nobody looks.

    ``step`` is negative where it happens below a level. Two tries are enough if it does not happen
    at ``last_quiet`` and does one step further; else the way out is doubled and then halved.
    """
    if await probe(last_quiet):
        return await _found_before(probe, last_quiet, step, quiet)
    below, reach = last_quiet, 1
    while True:
        level = last_quiet + reach * step
        if (level - extreme) * step >= 0:
            level = extreme
        if await probe(level):
            return await _halved(probe, below, level, step)
        if level == extreme:
            return None
        below, reach = level, reach * 2


async def _found_before(probe: Probe, happens: int, step: int, quiet: int) -> int:
    """Go back until it no longer happens."""
    reach, latest = 1, happens
    while True:
        level = happens - reach * step
        if (level - quiet) * step <= 0:
            return await _halved(probe, quiet, latest, step)
        if not await probe(level):
            return await _halved(probe, level, latest, step)
        latest, reach = level, reach * 2


async def _halved(probe: Probe, quiet: int, happens: int, step: int) -> int:
    while abs(happens - quiet) > abs(step):
        steps = max((happens - quiet) // (2 * step), 1)
        middle = quiet + steps * step
        if await probe(middle):
            happens = middle
        else:
            quiet = middle
    return happens
