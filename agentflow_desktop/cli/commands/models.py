"""``agentflow models``: the models that can be asked, their roles, and the keys that they need."""

import asyncio
import getpass
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from pydantic import SecretStr, TypeAdapter

from agentflow_desktop.app.model_editing import ModelEditing
from agentflow_desktop.app.queries import ModelLine
from agentflow_desktop.app.wiring import Application, model_door
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import Invocation, invocation_of
from agentflow_desktop.cli.model_fields import (
    AddressOption,
    BillingOption,
    KeyEnvOption,
    KeyNameOption,
    MaxOutputOption,
    ModelOption,
    NewModelOption,
    NewProviderOption,
    PriceOption,
    ProviderOption,
    WindowOption,
    draft_of,
)
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.probe import probe_text
from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.keys import KeySource, key_variable
from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.routing import Role
from agentflow_desktop.llm.probe_report import ProbeReport
from agentflow_desktop.llm.provider import ModelProfile, ProviderKind

_REPORT: TypeAdapter[ProbeReport] = TypeAdapter(ProbeReport)
app = new_app("List, test, add and change models, give them roles, and keep their keys.")
_LINES: TypeAdapter[list[ModelLine]] = TypeAdapter(list[ModelLine])

KeyName = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the key, or of a model that needs one.")
]


@app.command("list")
def list_models(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """List the models with their addresses, prices and keys."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        lines = list(await application.queries.models())
        text = _LINES.dump_json(lines).decode() if as_json else models_table(lines)
        await invocation.terminal.show(text)
        return ExitCode.OK

    return invocation.run(work)


@app.command("test")
def probe(  # noqa: PLR0917  (typer calls it by keyword)
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the model in models.yaml.")],
    measure_window: Annotated[
        bool,
        typer.Option("--measure-window", help="Find out the context length by long questions."),
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write what was found into your models.yaml.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Measure although the model costs money.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Ask a model what its server can do, and offer to write it into your models.yaml. Exit
    code 7 if it does not answer."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        terminal, probes = invocation.terminal, application.queries.model_probes
        at_most_usd = await probes.probe_price(name, measures_window=measure_window)
        if at_most_usd:
            terminal.note(f"This costs at most {format_usd(at_most_usd)}.")
        report = await probes.probe(name, measures_window=measure_window, may_pay=yes)
        text = _REPORT.dump_json(report).decode() if as_json else probe_text(report)
        await terminal.show(text)
        if report.changes and (write or await _is_agreed(invocation, report, is_quiet=as_json)):
            kept = await probes.keep_probe(report)
            terminal.note("Written; it counts from the next start.")
            if kept is not None:
                terminal.note(f"The file as it was is kept as {kept}.")
        return ExitCode.OK if report.is_usable else ExitCode.UNHEALTHY

    return invocation.run(work)


async def _is_agreed(invocation: Invocation, report: ProbeReport, *, is_quiet: bool) -> bool:
    """Whether the person at the terminal wants it written; elsewhere only the flag says so."""
    if is_quiet or not sys.stdin.isatty():
        invocation.terminal.note("--write writes this into your models.yaml.")
        return False
    invocation.terminal.stream(f"Write this into the entry {report.name} of models.yaml? [y/N] ")
    answer = await asyncio.to_thread(sys.stdin.readline)
    return answer.strip().lower() in ("y", "yes")


@app.command("set-key")
def set_key(context: typer.Context, name: KeyName) -> int:
    """Keep a key in the keyring of the operating system. It is asked for, or read from stdin."""
    invocation = invocation_of(context)
    key_name, variable = _known_key(invocation.start().profiles, name)
    value = _read_key(key_name)
    found = invocation.session.keys.keep(key_name, value)
    if found.source is KeySource.SESSION:
        raise InputRefused(
            "This machine has no keyring, so the key can't be kept.",
            hint=f"Set the environment variable {variable} instead.",
        )
    invocation.terminal.print(f"The key {key_name} is kept in {found.place}.")
    return ExitCode.OK


@app.command("remove-key")
def remove_key(context: typer.Context, name: KeyName) -> int:
    """Remove a key from the keyring."""
    invocation = invocation_of(context)
    key_name, _ = _known_key(invocation.start().profiles, name)
    if not invocation.session.keys.remove(key_name):
        raise InputRefused(
            f"No key {key_name} is kept.", hint="Keys in the environment are removed there."
        )
    invocation.terminal.print(f"The key {key_name} is removed.")
    return ExitCode.OK


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name of your own for it.")],
    *,
    model: ModelOption,
    address: AddressOption = None,
    provider: ProviderOption = ProviderKind.OPENAI_COMPATIBLE,
    key_name: KeyNameOption = None,
    key_env: KeyEnvOption = None,
    window: WindowOption = None,
    max_output: MaxOutputOption = None,
    billing: BillingOption = None,
    price: PriceOption = None,
) -> int:
    """Add a model to your models file."""
    invocation = invocation_of(context)
    door = _door(invocation)
    if name in _names(door):
        raise InputRefused(
            f"There is a model named {name} already.", hint=f"agentflow models edit {name} ..."
        )
    draft = draft_of(
        name, provider=provider, model=model, address=address, key_name=key_name, key_env=key_env,
        window=window, max_output=max_output, billing=billing, price=price,
    )  # fmt: skip
    asyncio.run(door.keep(draft))
    invocation.terminal.print(f"{name} is added to {door.file}.")
    return ExitCode.OK


@app.command()
def edit(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the model in models.yaml.")],
    *,
    model: NewModelOption = None,
    address: AddressOption = None,
    provider: NewProviderOption = None,
    key_name: KeyNameOption = None,
    key_env: KeyEnvOption = None,
    window: WindowOption = None,
    max_output: MaxOutputOption = None,
    billing: BillingOption = None,
    price: PriceOption = None,
) -> int:
    """Change fields of a model, in your models file; an empty text takes your own value away."""
    invocation = invocation_of(context)
    door = _door(invocation)
    if name not in _names(door):
        raise InputRefused(
            f"There is no model named {name!r}.", hint=f"agentflow models add {name} ..."
        )
    draft = draft_of(
        name, provider=provider, model=model, address=address, key_name=key_name, key_env=key_env,
        window=window, max_output=max_output, billing=billing, price=price,
    )  # fmt: skip
    asyncio.run(door.keep(draft))
    invocation.terminal.print(f"{name} is changed in {door.file}.")
    return ExitCode.OK


@app.command()
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the model in models.yaml.")],
) -> int:
    """Take a model out of your models file; a shipped one is then as it was shipped."""
    invocation = invocation_of(context)
    door = _door(invocation)
    asyncio.run(door.remove(name))
    invocation.terminal.print(f"{name} is taken out of {door.file}.")
    return ExitCode.OK


@app.command()
def bind(
    context: typer.Context,
    planner: Annotated[
        str | None, typer.Option("--planner", help="Model that proposes; empty for none.")
    ] = None,
    heavy: Annotated[
        str | None, typer.Option("--heavy", help="Model that verifies; empty for none.")
    ] = None,
    planner_fallback: Annotated[
        str | None,
        typer.Option("--planner-fallback", help="Model that may stand in for the planner."),
    ] = None,
    heavy_fallback: Annotated[
        str | None,
        typer.Option("--heavy-fallback", help="Model that may stand in for the heavy model."),
    ] = None,
) -> int:
    """Give the roles and their fallbacks to models, in your settings file."""
    roles = _named({Role.PLANNER: planner, Role.HEAVY: heavy})
    fallbacks = _named({Role.PLANNER: planner_fallback, Role.HEAVY: heavy_fallback})
    if not roles and not fallbacks:
        raise InputRefused("No role is named.", hint="Give --planner NAME, --heavy NAME or both.")
    invocation = invocation_of(context)
    asyncio.run(_door(invocation).bind(roles, fallbacks))
    for role, name in roles.items():
        invocation.terminal.print(f"The role {role.value} is {name or 'nobody'}'s.")
    for role, name in fallbacks.items():
        invocation.terminal.print(f"The fallback of {role.value} is {name or 'nobody'}.")
    return ExitCode.OK


def _named(given: Mapping[Role, str | None]) -> dict[Role, str]:
    return {role: name for role, name in given.items() if name is not None}


@app.command("find-local")
def find_local(
    context: typer.Context,
    ports: Annotated[
        list[int] | None, typer.Option("--port", min=1, max=65_535, help="Look here too.")
    ] = None,
) -> int:
    """Look for model servers on this machine, on the ports that they usually have."""
    invocation = invocation_of(context)
    door = _door(invocation)
    more = tuple(ports or ())
    rows = [
        (server.product, server.base_url, model.name, str(model.window_tokens or ""))
        for server in asyncio.run(door.find_local(more))
        for model in server.models
    ]
    if rows:
        heads = ("server", "address", "model", "window")
        invocation.terminal.print(as_table(heads, rows, right=(3,)))
    else:
        asked = ", ".join(str(port) for port in (*door.usual_ports, *more))
        invocation.terminal.note(f"No server with a model answers on the ports {asked}.")
    return ExitCode.OK


def models_table(lines: Sequence[ModelLine]) -> str:
    """One line a model."""
    rows = [
        (
            line.name,
            _roles(line),
            line.model,
            line.address,
            line.key_state,
            line.price,
        )
        for line in lines
    ]
    return as_table(("name", "role", "model", "address", "key", "price"), rows)


def _roles(line: ModelLine) -> str:
    spare = [f"fallback of {role}" for role in line.fallback_of]
    return ", ".join([*line.roles, *spare])


def _door(invocation: Invocation) -> ModelEditing:
    """The way to models that works without opening the database."""
    return model_door(os.environ, invocation.overrides, invocation.session.keys)


def _names(door: ModelEditing) -> set[str]:
    return {details.profile.name for details in asyncio.run(door.models())}


def _known_key(profiles: Sequence[ModelProfile], name: str) -> tuple[str, str]:
    """The key that a name means, and the environment variable that may hold it."""
    known = {p.key_name: p.key_env or key_variable(p.key_name) for p in profiles}
    known.pop("", None)
    by_model = {p.name: p.key_name for p in profiles if p.key_name}
    key_name = by_model.get(name, name)
    if key_name not in known:
        raise InputRefused(
            f"No model needs a key {name}.",
            hint=f"The keys are: {', '.join(sorted(known))}." if known else "No model needs a key.",
        )
    return key_name, known[key_name]


def _read_key(key_name: str) -> SecretStr:
    if not sys.stdin.isatty():
        return SecretStr(sys.stdin.readline().strip())
    try:
        return SecretStr(getpass.getpass(f"Key {key_name} (not shown): "))
    except EOFError as error:
        raise typer.Abort from error
