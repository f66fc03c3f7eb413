"""``agentflow config``: settings, where they come from and where their files are."""

import os
from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.wiring import find_config_paths, load_configuration
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.cli.wording import count
from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.core.settings import Origin, SettingLine

app = new_app("Show and check settings, and say where their files are.")
_LINES: TypeAdapter[list[SettingLine]] = TypeAdapter(list[SettingLine])


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
