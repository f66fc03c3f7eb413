"""Generated from schema/telemetry.yaml by schema/generate.py: change it there."""
# fmt: off
# ruff: noqa: E501

from enum import IntEnum


class State(IntEnum):
    """What the guard is doing."""

    UNINITIALISED = 0  # Just started: nothing is known, nothing is closed.
    INIT = 1  # The front end is being configured and read back, and all cells are awaited.
    IDLE = 2  # All is measured; the pack is open.
    PRECHARGE = 3  # The load is charged through the resistor.
    NORMAL = 4  # Closed: charge and discharge paths, each unless its own limit forbids it.
    OPENING = 5  # Zero current was asked for; the contactor opens when it comes or time is up.
    ERROR = 6  # Open. Left only when the cause is gone and the operator asks.


class Diagnosis(IntEnum):
    """What can be wrong. Its number is its bit in a set."""

    CELL_OVER_VOLTAGE = 0  # A cell is above cell_ov_trip_mv: the charge path opens.
    CELL_OVER_VOLTAGE_DAMAGE = 1  # A cell is above cell_ov_damage_mv: open, latched.
    CELL_UNDER_VOLTAGE = 2  # A cell is below cell_uv_trip_mv: the discharge path opens.
    CELL_DEEP_DISCHARGE = 3  # A cell is below cell_uv_damage_mv: open, latched.
    CHARGE_OVER_CURRENT = 4  # Slow limit in charge: the charge path opens.
    CHARGE_OVER_CURRENT_FAST = 5  # Fast limit in charge: the charge path opens.
    DISCHARGE_OVER_CURRENT = 6  # Slow limit in discharge: the discharge path opens.
    DISCHARGE_OVER_CURRENT_FAST = 7  # Fast limit in discharge: the discharge path opens.
    SHORT_CIRCUIT = 8  # The front end saw a short circuit: open, latched.
    CHARGE_CURRENT_DERATED = 9  # More charge current than the temperature allows: the charge path opens.
    CHARGE_OVER_TEMPERATURE = 10  # Too hot to charge: the charge path opens.
    CHARGE_UNDER_TEMPERATURE = 11  # Too cold to charge: the charge path opens.
    DISCHARGE_OVER_TEMPERATURE = 12  # Too hot to discharge: both paths open.
    DISCHARGE_UNDER_TEMPERATURE = 13  # Too cold to discharge: both paths open.
    CELL_IMBALANCE = 14  # Cells are further apart than in any healthy pack: open.
    STACK_MISMATCH = 15  # The sum of the cells is not the stack: open, since a reading is wrong.
    CURRENT_MISMATCH = 16  # The two current sensors disagree: open.
    SENSE_WIRE_OPEN = 17  # A sense wire is open: open, since two cells are not measured.
    SENSOR_OPEN = 18  # A thermistor is open: open.
    SENSOR_SHORT = 19  # A thermistor is shorted: open.
    FRONT_END_STALE = 20  # No valid reading of the front end within stale_ms: open.
    FRONT_END_SETTINGS = 21  # The front end was reset, or its settings do not read back as written: open, configured anew.
    FRONT_END_TRIP = 22  # The front end opened by itself before the host did.
    CURRENT_SENSOR_STALE = 23  # No valid reading of the second current sensor within stale_ms: open.
    PRECHARGE_FAILED = 24  # Pack and load still differ after every try: open, latched.
    SWITCH_WELDED = 25  # Current flows, or the contact shows closed, though the path is open: latched, sounds until seen.
    SWITCH_NOT_CLOSED = 26  # A path that was closed does not carry: open.
    SETTINGS_CORRUPT = 27  # No stored copy of the settings is whole: the built-in ones are used, and closing waits for the operator.
    RESTARTED_BY_WATCHDOG = 28  # The last run did not end by itself: closing waits for the operator.
    RESTARTED_BY_BROWN_OUT = 29  # The supply had failed: closing waits for the operator.


class PackWarning(IntEnum):
    """The operating and recommended tiers, which open nothing. Its number is its bit in a set."""

    CELL_HIGH = 0  # A cell is above cell_ov_warn_mv.
    CHARGE_STOP = 1  # A cell is above cell_ov_stop_mv: the charger is asked to stop.
    CELL_LOW = 2  # A cell is below cell_uv_warn_mv.
    DISCHARGE_STOP = 3  # A cell is below cell_uv_stop_mv: the load is asked to stop.
    CURRENT_HIGH = 4  # More than current_warn_ma.
    IMBALANCE = 5  # More than imbalance_warn_mv between the cells.
    CHARGE_DERATED = 6  # The temperature allows less than current_warn_ma of charge current.
    CHARGE_UNSAVED = 7  # The state of charge could not be written to memory.


class EventKind(IntEnum):
    """What happened to a diagnosis, or to the guard."""

    TRIPPED = 0  # Its limit was passed for its delay.
    RELEASED = 1  # Its cause is gone, and what it opened may close.
    ACKNOWLEDGED = 2  # The operator let go of a latched one.
    STATE_CHANGED = 3  # value is the state it was, limit the state it is.


class Command(IntEnum):
    """What a person may ask of the board."""

    IDENTIFY = 0  # Send identity.
    CLOSE = 1  # Close the pack: precharge first. Refused while a diagnosis forbids it.
    OPEN = 2  # Open the pack.
    ACKNOWLEDGE = 3  # Let go of latched diagnoses whose cause is gone.
    SILENCE = 4  # Silence the sound until something new trips.
    READ_TRIP_LOG = 5  # Send every entry of the trip log, oldest first.
    TEXT_ON = 6  # Also write lines of text, >name:value, for other plotters.
    TEXT_OFF = 7  # Frames only.
    DISCARD_PARAMETERS = 8  # Forget what was staged.


class Result(IntEnum):
    """What became of a request."""

    DONE = 0
    REFUSED_IN_THIS_STATE = 1  # Settings change only while the pack is open; closing needs idle.
    REFUSED_BY_DIAGNOSIS = 2  # detail is the first diagnosis in the way.
    UNKNOWN = 3  # No such command, field or index.
    OUT_OF_RANGE = 4  # The value is outside the field's range.
    RULE_BROKEN = 5  # detail is the number of the ordering rule that the whole would break.
    HASH_DIFFERS = 6  # What is staged is not what the sender means to commit.
    NOT_STORED = 7  # Memory refused; the settings before still hold.


class SimQuantity(IntEnum):
    """What a simulation can be told. Only a simulated pack knows these."""

    LOAD_CURRENT_MA = 0  # Current that the load draws when the discharge path is closed, at least 0.
    CHARGER_CURRENT_MA = 1  # Current that the charger gives when the charge path is closed, at least 0.
    AMBIENT_DDEGC = 2  # Temperature around the pack.
    CELL_MV = 3  # Holds the terminal voltage of cell `index` (from 0); -1 gives it back to physics.
    SENSOR_DDEGC = 4  # Holds the temperature at sensor `index`; -32768 gives it back to physics.
    SOC_PERMILLE = 5  # Sets the charge of every cell, keeping their spread.
    SPEED_PERMILLE = 6  # Pace against real time in 0.1 %; 0 stops, and only SimAdvance moves time.
    FORCED_CURRENT_MA = 7  # Holds the pack current whatever the switches do; INT32_MIN gives it back.
    NOISE_PERMILLE = 8  # Measurement noise against its normal amount.


class SimFault(IntEnum):
    """Faults that a simulated pack can have."""

    TAP_OPEN = 0  # Sense wire `index` is open: the cells beside it share their voltage wrongly.
    NTC_OPEN = 1  # Thermistor `index` is open.
    NTC_SHORT = 2  # Thermistor `index` is shorted.
    AFE_HANG = 3  # The front end's measuring stops: the bus answers with old values, protections sleep.
    AFE_RESET = 4  # The front end restarts with its defaults, once.
    AFE_BLIND = 5  # The front end's own protections never act; it measures on.
    I2C_STUCK = 6  # The bus is held low: every transfer times out.
    I2C_NOISE = 7  # Every transfer has a bit flipped with 1 % probability.
    HOST_HANG = 8  # The host stops; its watchdog would restart it after 2 s unless watchdog_off.
    WATCHDOG_OFF = 9  # The host's watchdog is not there, to show the front end acting alone.
    INA_DEAD = 10  # The second current sensor does not answer.
    SHUNT_OPEN = 11  # The front end's shunt reads 0.
    CONTACTOR_WELD = 12  # The discharge switch stays closed.
    PRECHARGE_OPEN = 13  # The precharge resistor is open.
    BROWN_OUT = 14  # The host's supply fails for 50 ms, once.
    SETTINGS_CORRUPT = 15  # Bits of both stored settings flip, then the host restarts, once.
    STORAGE_FAILS = 16  # Memory refuses every write.
    SHORT_CIRCUIT = 17  # The load is a short of 5 mOhm.
    CELLS_UNMEASURED = 18  # The front end gives invalid checksums for every reading.


# The unit of a diagnosis's value and limit; empty if it has none.
DIAGNOSIS_UNITS: dict[Diagnosis, str] = {
    Diagnosis.CELL_OVER_VOLTAGE: "mV",
    Diagnosis.CELL_OVER_VOLTAGE_DAMAGE: "mV",
    Diagnosis.CELL_UNDER_VOLTAGE: "mV",
    Diagnosis.CELL_DEEP_DISCHARGE: "mV",
    Diagnosis.CHARGE_OVER_CURRENT: "mA",
    Diagnosis.CHARGE_OVER_CURRENT_FAST: "mA",
    Diagnosis.DISCHARGE_OVER_CURRENT: "mA",
    Diagnosis.DISCHARGE_OVER_CURRENT_FAST: "mA",
    Diagnosis.SHORT_CIRCUIT: "mA",
    Diagnosis.CHARGE_CURRENT_DERATED: "mA",
    Diagnosis.CHARGE_OVER_TEMPERATURE: "0.1 °C",
    Diagnosis.CHARGE_UNDER_TEMPERATURE: "0.1 °C",
    Diagnosis.DISCHARGE_OVER_TEMPERATURE: "0.1 °C",
    Diagnosis.DISCHARGE_UNDER_TEMPERATURE: "0.1 °C",
    Diagnosis.CELL_IMBALANCE: "mV",
    Diagnosis.STACK_MISMATCH: "mV",
    Diagnosis.CURRENT_MISMATCH: "mA",
    Diagnosis.SENSE_WIRE_OPEN: "",
    Diagnosis.SENSOR_OPEN: "",
    Diagnosis.SENSOR_SHORT: "",
    Diagnosis.FRONT_END_STALE: "ms",
    Diagnosis.FRONT_END_SETTINGS: "",
    Diagnosis.FRONT_END_TRIP: "",
    Diagnosis.CURRENT_SENSOR_STALE: "ms",
    Diagnosis.PRECHARGE_FAILED: "mV",
    Diagnosis.SWITCH_WELDED: "mA",
    Diagnosis.SWITCH_NOT_CLOSED: "mV",
    Diagnosis.SETTINGS_CORRUPT: "",
    Diagnosis.RESTARTED_BY_WATCHDOG: "",
    Diagnosis.RESTARTED_BY_BROWN_OUT: "",
}
