"""Settings are changed one by one in the person's file, and never in vain."""

from pathlib import Path

import pytest

from agentflow_desktop.adapters.settings_editing import SettingsEditor
from agentflow_desktop.core.errors import ConfigurationError, InputRefused
from agentflow_desktop.core.settings import Origin, Overrides

OWN = """# mine
verification:
  max_iterations: 3  # thorough
logging: {level: debug}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "settings.yaml"
    path.parent.mkdir()
    path.write_text(OWN, encoding="utf-8")
    return path


def editor(file: Path, **environ: str) -> SettingsEditor:
    home = {"AGENTFLOW_HOME": str(file.parent.parent)}
    return SettingsEditor({**home, **environ}, Overrides())


def value(at: SettingsEditor, key: str) -> tuple[str, Origin]:
    line = next(line for line in at.load().lines if line.key == key)
    return line.value, line.origin


def test_a_change_keeps_every_comment_and_the_order(file: Path) -> None:
    at = editor(file)
    at.change({"verification.max_iterations": "4", "production.cost_tracking.daily_limit": "7.5"})
    assert file.read_text("utf-8") == OWN.replace("3  #", "4  #") + (
        "production:\n  cost_tracking:\n    daily_limit: 7.5\n"
    )
    assert value(at, "production.cost_tracking.daily_limit") == ("7.5", Origin.USER)


def test_a_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    at = editor(tmp_path / "config" / "settings.yaml")
    at.change({"verification.enabled": "false"})
    assert at.file.read_text("utf-8") == "verification:\n  enabled: false\n"


def test_a_reset_gives_the_shipped_value_back(file: Path) -> None:
    at = editor(file)
    at.change({"logging.level": None})
    assert value(at, "logging.level") == ("info", Origin.SHIPPED)
    assert "logging" not in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("verification.max_iterations", "9", "Must be from 1 to 8, is 9."),
        ("verification.max_iterations", "two", "Must be a whole number from 1 to 8, is two."),
        ("verification.max_iterations", "", "Must be a whole number from 1 to 8, is empty."),
        ("verification.temperature", "nan", "Must be a number from 0 to 2, is nan."),
        ("verification.mode", "all", "Must be one of correctness, "),
        ("budget.timezone", "Nowhere/Land", "The budget's time zone 'Nowhere/Land' is not known."),
        ("models.planner", "nobody", "models.planner names 'nobody', which is not in models.yaml."),
        (
            "evaluation.weights.security",
            "0.9",
            "evaluation.weights: the five weights must sum to 1",
        ),
        ("verification.max_iteration", "2", "verification.max_iteration is no setting."),
    ],
)
def test_a_value_that_can_not_stand_is_told_in_a_sentence_and_not_written(
    file: Path, key: str, text: str, sentence: str
) -> None:
    at = editor(file)
    assert at.problem_of({key: text}).startswith(sentence)
    with pytest.raises(ConfigurationError):
        at.change({key: text})
    assert file.read_text("utf-8") == OWN


def test_values_that_only_fit_together_are_taken_together(file: Path) -> None:
    at = editor(file)
    changes = {"evaluation.weights.security": "0.4", "evaluation.weights.performance": "0"}
    assert at.problem_of({"evaluation.weights.security": "0.4"})
    assert at.problem_of(changes) == ""
    at.change(changes)
    assert value(at, "evaluation.weights.security") == ("0.4", Origin.USER)


def test_what_the_environment_gives_can_not_be_changed_here_and_that_is_said(file: Path) -> None:
    at = editor(file, AGENTFLOW_LOGGING__LEVEL="error")
    assert at.problem_of({"logging.level": "info"}) == (
        "logging.level is given by the environment variable AGENTFLOW_LOGGING__LEVEL, "
        "which wins over settings.yaml."
    )
    with pytest.raises(InputRefused):
        at.change({"logging.level": None})
    assert file.read_text("utf-8") == OWN


def test_a_file_that_is_broken_can_be_mended_by_the_change_itself(file: Path) -> None:
    file.write_text("verification:\n  max_iterations: 99\n", encoding="utf-8")
    editor(file).change({"verification.max_iterations": "2"})
    assert file.read_text("utf-8") == "verification:\n  max_iterations: 2\n"
