"""``agentflow config``: settings, where they come from and where their files are."""

import asyncio
import os
from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.wiring import find_config_paths, load_configuration, settings_door
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.terminal import Terminal, as_table
from agentflow_desktop.cli.wording import count
from agentflow_desktop.core.errors import ConfigurationError, InputRefused
from agentflow_desktop.core.setting_descriptions import SettingDescription, SettingKind
from agentflow_desktop.core.settings import Origin, SettingLine

app = new_app("Show, explain, check and change settings, and say where their files are.")
_LINES: TypeAdapter[list[SettingLine]] = TypeAdapter(list[SettingLine])
_DESCRIPTIONS: TypeAdapter[list[SettingDescription]] = TypeAdapter(list[SettingDescription])


@app.command()
def show(
    context: typer.Context,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what differs from the shipped file.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Show every setting with its value and the place that it was taken from."""
    invocation = invocation_of(context)
    lines = [
        line
        for line in invocation.start().loaded.lines
        if not changed or line.origin is not Origin.SHIPPED
    ]
    if as_json:
        invocation.terminal.print(_LINES.dump_json(lines).decode())
        return ExitCode.OK
    rows = [(line.key, line.value or '""', line.origin.value, line.place) for line in lines]
    invocation.terminal.print(as_table(("setting", "value", "from", "place"), rows))
    return ExitCode.OK


@app.command()
def describe(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="A setting, or a section such as logging.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Say what each setting is for, what it may be, and its default."""
    invocation = invocation_of(context)
    every = asyncio.run(settings_door(os.environ, invocation.overrides).describe())
    wanted = [d for d in every if not key or d.key == key or d.key.startswith(f"{key}.")]
    if not wanted:
        raise InputRefused(f"{key} is no setting.", hint="agentflow config show lists them all.")
    if as_json:
        invocation.terminal.print(_DESCRIPTIONS.dump_json(wanted).decode())
        return ExitCode.OK
    for setting in wanted:
        _print_description(invocation.terminal, setting)
    return ExitCode.OK


@app.command("set")
def set_values(
    context: typer.Context,
    pairs: Annotated[
        list[str], typer.Argument(metavar="KEY VALUE...", help="One or more keys with values.")
    ],
) -> int:
    """Write values into your settings file; its comments and its order stay as they are.

    Values that only fit together are given together.
    """
    if len(pairs) % 2:
        raise InputRefused(f"{pairs[-1]} has no value.", hint='An empty value is written as "".')
    changes = dict(zip(pairs[::2], pairs[1::2], strict=True))
    invocation = invocation_of(context)
    door = settings_door(os.environ, invocation.overrides)
    asyncio.run(door.change(changes))
    for key, value in changes.items():
        shown = value or "empty"
        invocation.terminal.print(f"{key} is {shown} from now on, in {door.file}.")
    return ExitCode.OK


@app.command()
def reset(
    context: typer.Context,
    keys: Annotated[list[str], typer.Argument(metavar="KEY...", help="Settings to reset.")],
) -> int:
    """Take values out of your settings file, so that the shipped ones hold."""
    invocation = invocation_of(context)
    door = settings_door(os.environ, invocation.overrides)
    asyncio.run(door.reset(keys))
    for key in keys:
        invocation.terminal.print(f"{key} is as shipped.")
    return ExitCode.OK


@app.command()
def check(context: typer.Context) -> int:
    """Check settings, models and prompts. Exit code 3 if something can't be used."""
    invocation = invocation_of(context)
    configuration = invocation.start()
    changed = [line for line in configuration.loaded.lines if line.origin is not Origin.SHIPPED]
    invocation.terminal.print(
        f"In order: {count(len(configuration.loaded.lines), 'setting')} "
        f"({len(changed)} not as shipped), {count(len(configuration.profiles), 'model')}."
    )
    return ExitCode.OK


@app.command()
def path(context: typer.Context) -> int:
    """Show where settings, models, prompts, data, kept results and logs are."""
    invocation = invocation_of(context)
    paths = find_config_paths(os.environ, invocation.overrides)
    cache, logs = paths.folders.cache, paths.folders.logs
    try:
        configuration = load_configuration(os.environ, invocation.overrides)
    except ConfigurationError as error:
        invocation.terminal.note(f"{error.message} The usual places of cache and logs are shown.")
    else:
        cache, logs = configuration.cache_directory, configuration.log_directory
    places = {
        "settings": paths.settings_file,
        "models": paths.models_file,
        "prompts": paths.prompts_file,
        "data": paths.folders.data,
        "cache": cache,
        "logs": logs,
    }
    rows = [
        (name, str(place), "" if place.exists() else "not there yet")
        for name, place in places.items()
    ]
    invocation.terminal.print(as_table(("what", "where", ""), rows))
    return ExitCode.OK


def _print_description(terminal: Terminal, setting: SettingDescription) -> None:
    default = "" if setting.default is None else f" Default: {setting.default or 'empty'}."
    terminal.print(f"{setting.key}\n  {setting.documentation}")
    allowed = "Any text" if setting.kind is SettingKind.TEXT else f"Must be {setting.allowed}"
    terminal.print(f"  {allowed}.{default}")
