"""``agentflow models``: the models that can be asked, and the keys that they need."""

import asyncio
import getpass
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from pydantic import SecretStr, TypeAdapter

from agentflow_desktop.app.queries import ModelLine
from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import Invocation, invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.probe import probe_text
from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.keys import KeySource, key_variable
from agentflow_desktop.core.money import format_usd
from agentflow_desktop.llm.probe_report import ProbeReport
from agentflow_desktop.llm.provider import ModelProfile

app = new_app("List and test models, and keep their keys.")
_REPORT: TypeAdapter[ProbeReport] = TypeAdapter(ProbeReport)
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
