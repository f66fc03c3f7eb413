"""What the command line's exit codes mean, and which error gives which."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class ExitCode(IntEnum):
    OK = 0
    BUG = 1
    INPUT = 2
    CONFIGURATION = 3
    BUDGET = 4
    PROVIDER = 5
    STORAGE = 6
    UNHEALTHY = 7
    HARDWARE = 8
    NOT_PROVED = 9
    CANCELLED = 130
    PIPE_CLOSED = 141


MEANINGS: Mapping[ExitCode, str] = MappingProxyType(
    {
        ExitCode.OK: "done",
        ExitCode.BUG: "a bug of the program; a crash report was written",
        ExitCode.INPUT: "the arguments or files can't be used as they are",
        ExitCode.CONFIGURATION: "a settings, models or prompts file can't be used",
        ExitCode.BUDGET: "a spending limit would be passed",
        ExitCode.PROVIDER: "a model could not be asked or gave no usable reply",
        ExitCode.STORAGE: "the database or a file could not be read or written",
        ExitCode.UNHEALTHY: "health: something that is required can't be used",
        ExitCode.HARDWARE: "a board or the simulated pack is missing or does not answer",
        ExitCode.NOT_PROVED: "board selftest: a row failed, so the limits are not proved",
        ExitCode.CANCELLED: "cancelled by Ctrl-C or SIGTERM",
        ExitCode.PIPE_CLOSED: "the reader of the output went away",
    }
)

_BY_ERROR: Mapping[str, ExitCode] = MappingProxyType(
    {
        "InputRefused": ExitCode.INPUT,
        "ConfigurationError": ExitCode.CONFIGURATION,
        "BudgetExceeded": ExitCode.BUDGET,
        "StorageError": ExitCode.STORAGE,
        "HardwareError": ExitCode.HARDWARE,
        "ToolMissing": ExitCode.HARDWARE,
        "DeviceSilent": ExitCode.HARDWARE,
        "ProviderError": ExitCode.PROVIDER,
        "KeyMissing": ExitCode.PROVIDER,
        "ProviderUnavailable": ExitCode.PROVIDER,
        "RateLimited": ExitCode.PROVIDER,
        "QuotaUsedUp": ExitCode.PROVIDER,
        "ModelPaused": ExitCode.PROVIDER,
        "ProviderRefused": ExitCode.PROVIDER,
        "PromptTooLong": ExitCode.PROVIDER,
        "ReplyUnusable": ExitCode.PROVIDER,
    }
)


def code_of_error(class_name: str) -> ExitCode:
    """The exit code of an error by the name of its class; anything unknown is a bug."""
    return _BY_ERROR.get(class_name, ExitCode.BUG)
