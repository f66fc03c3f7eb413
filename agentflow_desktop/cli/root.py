"""The options that hold for every command, and the help that lists the commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from agentflow_desktop.cli.exit_codes import MEANINGS

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "run": "Ask a question about files and get an answer with checked quotes.",
        "health": "Check that models, keys, database and tools can be used.",
        "status": "Show what is configured, running and spent.",
        "board": "Test a board with the battery guard's firmware, so far a simulated one.",
        "costs": "Show what was spent, by day, model or kind of task.",
        "cache": "Show and clear kept results.",
        "history": "Find, show, rate, export and delete earlier runs.",
        "config": "Show, explain, check and change settings, and say where their files are.",
        "database": "Check and back up the database, go back to a backup, or start fresh.",
        "models": "List, test, add and change models, give them roles, and keep their keys.",
        "logs": "Show the end of the log.",
        "licences": "Show the licences of the program and of what is shipped with it.",
    }
)


@dataclass(slots=True)
class RootOptions:
    """What stands before or among a command's own arguments and holds for every command."""

    rest: list[str] = field(default_factory=list[str])
    values: dict[str, str] = field(default_factory=dict[str, str])
    config_file: str = ""
    debug: bool = False


class UsageRefused(Exception):
    """The root options are not usable; the text says why."""


def parse_root(arguments: Sequence[str]) -> RootOptions:
    """Take the options of every command out of the arguments; what follows ``--`` is left."""
    options = RootOptions()
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        name, has_value, value = argument.partition("=")
        if argument == "--":
            options.rest += [argument, *waiting]
            break
        if argument == "--debug":
            options.debug = True
        elif name in ("--config", "--set"):
            if not has_value:
                if not waiting:
                    raise UsageRefused(f"{name} needs a value.")
                value = waiting.pop(0)
            _take(options, name, value)
        else:
            options.rest.append(argument)
    return options


def _take(options: RootOptions, name: str, value: str) -> None:
    if name == "--config":
        options.config_file = value
        return
    key, has_text, text = value.partition("=")
    if not has_text:
        raise UsageRefused("--set needs KEY=VALUE, for example --set logging.level=debug.")
    options.values[key.strip()] = text


def root_help() -> str:
    """The text of ``agentflow --help``."""
    width = max(len(name) for name in COMMANDS)
    commands = "\n".join(f"  {name.ljust(width)}  {text}" for name, text in COMMANDS.items())
    codes = "\n".join(f"  {code.value:>3}  {text}" for code, text in MEANINGS.items())
    return f"""\
Usage: agentflow [OPTIONS] COMMAND [ARGUMENTS]
       agentflow                       open the window

Ask about your files; get answers with quotes that were checked and costs known beforehand.

Commands (agentflow COMMAND --help tells more):
{commands}

Options:
  --config FILE    Read this settings file in place of your own.
  --set KEY=VALUE  Change one setting for this command, e.g. --set logging.level=debug.
  --debug          Log everything, also here, and show where the time went.
  --version        Show the version.
  --help           Show this text.

Results go to stdout, progress to stderr. Exit codes:
{codes}
"""
