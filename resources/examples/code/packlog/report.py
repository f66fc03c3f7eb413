"""What a session did to the pack."""


def charge_mah(frames):
    """Charge that went in and came out, in mAh."""
    into = out = 0.0
    for before, after in zip(frames, frames[1:]):
        hours = (after.time_s - before.time_s) / 3600
        if before.current_ma > 0:
            into += before.current_ma * hours
        else:
            out += before.current_ma * hours
    return into, out


def summary(frames, bad):
    into, out = charge_mah(frames)
    lowest = min(min(frame.cells_mv) for frame in frames)
    highest = max(max(frame.cells_mv) for frame in frames)
    warmest = max(frame.temperature_c for frame in frames)
    return (
        f"{len(frames)} frames, {bad} bad lines\n"
        f"in {into:.0f} mAh, out {out:.0f} mAh, efficiency {out / into:.0%}\n"
        f"cells {lowest} to {highest} mV, warmest {warmest:.1f} degC"
    )
