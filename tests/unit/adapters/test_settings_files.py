"""The layers of the settings, and what a bad value is told."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from agentflow_desktop.adapters.setting_fields import setting_fields
from agentflow_desktop.adapters.settings_files import load_settings
from agentflow_desktop.adapters.shipped_files import shipped_path
from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.core.settings import LoadedSettings, Origin, Overrides, Settings

DAILY = "production.cost_tracking.daily_limit"


def load(
    home: Path, text: str | None = None, environ: Mapping[str, str] | None = None, **flags: str
) -> LoadedSettings:
    file = home / "settings.yaml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    values = {key.replace("__", "."): value for key, value in flags.items()}
    return load_settings(file, environ or {}, Overrides(values))


def refusal(home: Path, text: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load(home, text)
    return caught.value


def test_shipped_file_and_the_defaults_in_code_are_the_same(tmp_path: Path) -> None:
    assert load(tmp_path).settings == Settings()


def test_shipped_file_sets_every_setting_that_has_a_default(tmp_path: Path) -> None:
    loaded = {line.key for line in load(tmp_path).lines}
    assert loaded == {key for key, field in setting_fields().items() if field.default is not None}


def test_shipped_file_documents_every_setting_with_its_bounds_and_default() -> None:
    lines = shipped_path("config/settings.yaml").read_text(encoding="utf-8").splitlines()
    for key, field in setting_fields().items():
        if field.default is None:
            continue
        comment = " ".join(_comment_above(lines, key))
        assert comment, f"{key} has no comment"
        assert "Default: " in comment, f"the comment of {key} names no default"
        for word in (*field.choices, *(w for w in field.bounds.split() if w.isdigit())):
            assert word in comment.replace("10^6", ""), f"the comment of {key} lacks {word!r}"


def _comment_above(lines: list[str], key: str) -> list[str]:
    at = -1
    for depth, name in enumerate(key.split(".")):
        start = f"{'  ' * depth}{name}:"
        at = next(i for i in range(at + 1, len(lines)) if lines[i].startswith(start))
    comment: list[str] = []
    while at > 0 and lines[at - 1].strip().startswith("#"):
        at -= 1
        comment.insert(0, lines[at].strip("# "))
    return comment


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    variable = {"AGENTFLOW_PRODUCTION__COST_TRACKING__DAILY_LIMIT": "2"}
    text = "production: {cost_tracking: {daily_limit: 1}}"
    assert _daily(load(tmp_path, text)) == (Decimal(1), Origin.USER, "settings.yaml line 1")
    by_variable = load(tmp_path, text, variable)
    assert _daily(by_variable) == (Decimal(2), Origin.ENVIRONMENT, next(iter(variable)))
    by_flag = load(tmp_path, text, variable, production__cost_tracking__daily_limit="3")
    assert _daily(by_flag) == (Decimal(3), Origin.FLAG, "command line")


def _daily(loaded: LoadedSettings) -> tuple[Decimal, Origin, str]:
    line = next(line for line in loaded.lines if line.key == DAILY)
    return loaded.settings.production.cost_tracking.daily_limit, line.origin, line.place


def test_a_config_file_takes_the_place_of_the_own_one_and_must_exist(tmp_path: Path) -> None:
    own = tmp_path / "settings.yaml"
    own.write_text("logging: {keep_days: 3}", encoding="utf-8")
    other = tmp_path / "other.yaml"
    other.write_text("logging: {level: debug}", encoding="utf-8")
    loaded = load_settings(own, {}, Overrides(config_file=other)).settings
    assert (loaded.logging.level, loaded.logging.keep_days) == ("debug", 30)
    with pytest.raises(ConfigurationError, match="There is no file"):
        load_settings(own, {}, Overrides(config_file=tmp_path / "absent.yaml"))


def test_money_is_read_to_the_last_digit(tmp_path: Path) -> None:
    text = "production: {cost_tracking: {daily_limit: 0.1000000000000000055511151231257827}}"
    limit = load(tmp_path, text).settings.production.cost_tracking.daily_limit
    assert limit == Decimal("0.1000000000000000055511151231257827")


def test_weights_of_a_kind_of_task_can_be_set(tmp_path: Path) -> None:
    text = "evaluation: {task_weights: {security: {security: 0.40, simplicity: -0.05}}}"
    assert "must be from 0 to 1, is -0.05" in refusal(tmp_path, text).message
    text = "evaluation: {task_weights: {security: {security: 0.30, simplicity: 0.05}}}"
    weights = load(tmp_path, text).settings.evaluation.task_weights
    assert [w.security for w in weights.values()] == [Decimal("0.30")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "production:\n  cost_tracking:\n    daily_limit: -3\n",
            f"settings.yaml line 3: {DAILY} must be at least 0, is -3.",
        ),
        (
            "verification:\n  max_iterations: many\n",
            "settings.yaml line 2: verification.max_iterations must be a whole number "
            "from 1 to 8, is many.",
        ),
        (
            "verification: {max_iterations: 9}",
            "settings.yaml line 1: verification.max_iterations must be from 1 to 8, is 9.",
        ),
        (
            "logging:\n\n  level: loud\n",
            "settings.yaml line 3: logging.level must be one of debug, info, warning, error, "
            "is loud.",
        ),
        (
            "production: {caching: {enabled: 7}}",
            "settings.yaml line 1: production.caching.enabled must be true or false, is 7.",
        ),
        (
            "production: {caching: {max_age_hours: .inf}}",
            "settings.yaml line 1: production.caching.max_age_hours must be a number more than 0, "
            "is .inf.",
        ),
        (
            "performance:\n  reader_processes:\n",
            "settings.yaml line 2: performance.reader_processes must be a whole number "
            "from 1 to 32, is empty.",
        ),
        (
            "evaluation:\n  weights:\n    security: 0.9\n",
            "settings.yaml line 3: evaluation.weights: the five weights must sum to 1, "
            "and sum to 1.70.",
        ),
        (
            "context_routing: {small_max_tokens: 200000}",
            "settings.yaml line 1: context_routing: small_max_tokens must be less than "
            "medium_max_tokens.",
        ),
        (
            "models:\n  planner: a\n  planner: b\n",
            "settings.yaml line 3: planner stands twice, first in line 2.",
        ),
        ("models: [\n", "settings.yaml line 2: not valid YAML"),
        ("- a\n", "settings.yaml line 1: the file must hold keys with values."),
        (
            "models: none\n",
            "settings.yaml line 1: models must be a section with keys below it.",
        ),
        (
            "logging:\n  keep_days: [1]\n",
            "settings.yaml line 2: logging.keep_days must be a whole number at least 1, "
            "is a list or a section.",
        ),
        ("logging: {<<: {level: info}}", "settings.yaml line 1: a key must be a plain word."),
        ("logging: &x\n  level: *x\n", "settings.yaml line 1: nested too deeply."),
    ],
)
def test_a_bad_file_is_refused_with_place_key_and_what_is_allowed(
    tmp_path: Path, text: str, message: str
) -> None:
    assert refusal(tmp_path, text).message.startswith(message)


def test_all_bad_values_are_told_at_once(tmp_path: Path) -> None:
    error = refusal(tmp_path, "logging: {keep_days: 0}\nverification: {temperature: 3}")
    assert "verification.temperature" in error.message
    assert "logging.keep_days must be at least 1, is 0." in error.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("production: {cost_tracking: {daily_limt: 3}}", f"Did you mean {DAILY}?"),
        ("evaluation: {task_weights: {securty: {}}}", "evaluation.task_weights.security?"),
        ("logging: {colour: blue}", "The keys there are: level, directory, keep_days."),
    ],
)
def test_an_unknown_key_is_refused_with_what_was_meant(
    tmp_path: Path, text: str, hint: str
) -> None:
    assert hint in refusal(tmp_path, text).hint


def test_an_unknown_variable_is_refused_in_the_form_of_variables(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, environ={"AGENTFLOW_MODELS_PLANNER": "x"})
    assert caught.value.hint == "Did you mean AGENTFLOW_MODELS__PLANNER?"


def test_keys_home_and_foreign_variables_are_no_settings(tmp_path: Path) -> None:
    environ = {"AGENTFLOW_KEY_OPENAI": "x", "AGENTFLOW_HOME": "/x", "PATH": "/bin"}
    assert load(tmp_path, environ=environ).settings == Settings()


def test_an_unreadable_file_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load(tmp_path)


def test_sections_without_keys_and_empty_files_change_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "models:\nlogging:\n").settings == Settings()
    assert load(tmp_path, "# only a comment\n").settings == Settings()
