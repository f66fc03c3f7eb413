"""The options that hold for every command, and the exit codes."""

import pkgutil
from pathlib import Path

import pytest

from agentflow_desktop.cli import commands
from agentflow_desktop.cli.exit_codes import MEANINGS, ExitCode, code_of_error
from agentflow_desktop.cli.root import COMMANDS, UsageRefused, parse_root, root_help
from agentflow_desktop.core.errors import AgentFlowError

_ROOT = Path(__file__).resolve().parents[3]


def test_root_options_are_found_before_and_after_the_command() -> None:
    options = parse_root(
        ["--debug", "--config=a.yaml", "run", "--set", "a.b=c=d", "--task", "x", "--set=e.f=1"]
    )
    assert options.rest == ["run", "--task", "x"]
    assert (options.debug, options.config_file) == (True, "a.yaml")
    assert options.values == {"a.b": "c=d", "e.f": "1"}


def test_what_follows_two_dashes_is_left_alone() -> None:
    assert parse_root(["models", "test", "--", "--debug"]).rest == [
        "models",
        "test",
        "--",
        "--debug",
    ]


@pytest.mark.parametrize("arguments", [["--set"], ["--set", "a.b"], ["run", "--config"]])
def test_an_option_without_its_value_is_refused(arguments: list[str]) -> None:
    with pytest.raises(UsageRefused):
        parse_root(arguments)


def test_every_command_has_its_module_and_every_module_its_line_of_help() -> None:
    modules = {module.name for module in pkgutil.iter_modules(commands.__path__)}
    assert modules == set(COMMANDS)
    text = root_help()
    for name, summary in COMMANDS.items():
        assert name in text
        assert summary in text


def test_every_exit_code_is_explained_in_the_help() -> None:
    assert set(MEANINGS) == set(ExitCode)
    for code, meaning in MEANINGS.items():
        assert f"{code.value}  {meaning}" in root_help()


def test_every_error_of_the_tree_has_an_exit_code_of_its_own_kind() -> None:
    waiting: list[type[AgentFlowError]] = list(AgentFlowError.__subclasses__())
    for error in waiting:
        waiting += error.__subclasses__()
        assert code_of_error(error.__name__) not in (ExitCode.BUG, ExitCode.OK), error
    assert code_of_error("ValueError") is ExitCode.BUG


def test_documentation_has_every_command_and_exit_code() -> None:
    text = (_ROOT / "docs" / "command-line.md").read_text("utf-8")
    for code, meaning in MEANINGS.items():
        assert f"| {code.value} | {meaning} |" in text
    for name in COMMANDS:
        assert f"| `{name}` |" in text
