"""The comments of the settings file are the documentation that window and command line show."""

import pytest

from agentflow_desktop.adapters.setting_documents import describe_settings, read_comments
from agentflow_desktop.adapters.setting_fields import setting_fields
from agentflow_desktop.core.setting_descriptions import SettingDescription, SettingKind


def description(key: str) -> SettingDescription:
    return next(d for d in describe_settings() if d.key == key)


def test_every_setting_says_what_it_is_for_in_a_whole_sentence() -> None:
    described = {d.key: d.documentation for d in describe_settings()}
    assert described.keys() == setting_fields().keys()
    for key, words in described.items():
        assert len(words) > 15, f"{key} says only {words!r}"
        assert words.endswith("."), f"{key} ends in the middle: {words!r}"


def test_what_the_types_say_is_not_said_twice() -> None:
    for setting in describe_settings():
        for word in ("Default:", "A whole number", "A number", "One of:"):
            assert word not in setting.documentation, setting.key


def test_what_stands_beside_the_kind_is_kept() -> None:
    assert description("logging.level").documentation == (
        "The least important message that is written. --debug on the command line means debug."
    )


def test_a_weight_of_one_kind_of_task_has_the_words_of_its_section() -> None:
    setting = description("evaluation.task_weights.security.correctness")
    assert setting.default is None
    assert setting.documentation.startswith("Other weights for a kind of task")


@pytest.mark.parametrize(
    ("key", "kind", "unit"),
    [
        ("verification.enabled", SettingKind.SWITCH, ""),
        ("verification.mode", SettingKind.CHOICE, ""),
        ("verification.max_duration_s", SettingKind.NUMBER, "s"),
        ("production.cost_tracking.daily_limit", SettingKind.NUMBER, "US$"),
        ("production.caching.min_tokens_to_cache", SettingKind.WHOLE, "tokens"),
        ("workflow.max_files", SettingKind.WHOLE, ""),
        ("budget.timezone", SettingKind.TEXT, ""),
    ],
)
def test_a_setting_has_the_kind_and_the_unit_that_its_editor_needs(
    key: str, kind: SettingKind, unit: str
) -> None:
    setting = description(key)
    assert (setting.kind, setting.unit) == (kind, unit)


def test_a_comment_belongs_to_the_key_below_it_and_to_no_other() -> None:
    text = "# head\n\n# of a\na:\n  # of b,\n  # two lines\n  b: 1\n  c: 2\n\n# lost\n\nd: 3\n"
    assert read_comments(text) == {"a": "of a", "a.b": "of b, two lines", "a.c": "", "d": ""}
