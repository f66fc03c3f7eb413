"""A pack's configuration: what is accepted, what is refused in which words, and its hash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.hardware.config_fields import ConfigField, OrderRule
from agentflow_desktop.hardware.pack_config import (
    FIELD_BY_NAME,
    PackConfig,
    config_hash,
    hash_text,
    known_field,
    read_values,
    refusal_of,
    values_of,
    words_of,
)
from agentflow_desktop.hardware.pack_fields_table import ASCENDING, FIELDS, RULES, PackFields

REFERENCE = values_of(PackConfig())


def changed(**fields: int | tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {name: v if isinstance(v, tuple) else (v,) for name, v in fields.items()}


def refused(**fields: int | tuple[int, ...]) -> str:
    with pytest.raises(InputRefused) as caught:
        PackConfig.made_of(changed(**fields))
    return caught.value.message


def test_the_reference_pack_keeps_every_range_and_rule() -> None:
    assert refusal_of(REFERENCE) == ""
    assert PackConfig.made_of({}) == PackConfig()


def test_a_limit_outside_the_datasheet_is_refused_with_the_rule_that_it_breaks() -> None:
    assert refused(cell_ov_trip_mv=3641) == (
        "cell_ov_trip_mv + cell_error_mv <= cell_max_mv must hold, and 3651 is not below 3650."
    )
    assert PackConfig.made_of(changed(cell_ov_trip_mv=3640)).cell_ov_trip_mv == 3640


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_value_beyond_a_fields_range_is_refused_by_name(field: ConfigField) -> None:
    for value in (field.minimum - 1, field.maximum + 1):
        sentence = refused(**{field.name: (value, *REFERENCE[field.name][1:])})
        assert sentence.startswith(f"{field.name} is {value}")
        assert f"{field.minimum} to {field.maximum} is allowed." in sentence


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.text)
def test_each_rule_holds_up_to_its_edge_and_not_beyond(rule: OrderRule) -> None:
    firsts = {name: numbers[0] for name, numbers in REFERENCE.items()}
    name = rule.left[0]
    room = sum(firsts[other] for other in rule.right) - sum(firsts[other] for other in rule.left)
    weight = rule.left.count(name)
    edge = firsts[name] + room // weight
    if not rule.is_equal_allowed and room % weight == 0:
        edge -= 1
    assert rule.refusal({**firsts, name: edge}) == ""
    assert rule.text in rule.refusal({**firsts, name: edge + 1})


@pytest.mark.parametrize("name", ASCENDING)
def test_a_table_that_does_not_rise_is_refused(name: str) -> None:
    numbers = REFERENCE[name]
    flat = (numbers[0], numbers[0], *numbers[2:])
    assert refused(**{name: flat}) == f"The values of {name} must rise from one to the next."


def test_a_configuration_can_not_be_changed_nor_given_other_fields() -> None:
    with pytest.raises(ValueError, match="frozen"):
        PackConfig().cell_count = 4  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValueError, match="Extra inputs"):
        PackConfig.model_validate({"cell_kount": 4})


def test_a_misspelt_field_is_told_its_closest_name() -> None:
    with pytest.raises(InputRefused) as caught:
        known_field("cel_ov_trip_mv")
    assert "'cel_ov_trip_mv'" in caught.value.message
    assert caught.value.hint == "Did you mean cell_ov_trip_mv?"


@pytest.mark.parametrize(
    ("name", "texts", "values"),
    [
        ("cell_ov_trip_mv", ["3800"], (3800,)),
        ("discharge_ut_trip_ddegc", [" -150 "], (-150,)),
        ("switch_kind", ["mosfet"], (0,)),
        ("is_shunt_shared", ["yes"], (1,)),
        ("derating_temp_ddegc", [str(n) for n in range(10)], tuple(range(10))),
    ],
)
def test_what_a_person_writes_is_read(name: str, texts: list[str], values: tuple[int, ...]) -> None:
    assert read_values(name, texts) == values


@pytest.mark.parametrize(
    ("name", "texts", "sentence"),
    [
        ("cell_ov_trip_mv", ["3.6 V"], "cell_ov_trip_mv is a whole number in mV, not '3.6 V'."),
        ("switch_kind", ["relay"], "switch_kind is one of mosfet, contactor, not 'relay'."),
        (
            "cell_ov_trip_mv",
            ["2147483648"],
            "cell_ov_trip_mv=2147483648 does not fit: the firmware holds whole numbers of 32 bits.",
        ),
        ("ocv_mv", ["1", "2"], "ocv_mv has 13 values, not 2."),
        ("cell_count", [], "cell_count has 1 values, not 0."),
    ],
)
def test_what_can_not_be_a_value_is_refused_in_one_sentence(
    name: str, texts: list[str], sentence: str
) -> None:
    with pytest.raises(InputRefused) as caught:
        read_values(name, texts)
    assert caught.value.message == sentence


def test_words_are_placed_as_the_schema_counts_them() -> None:
    words = words_of(REFERENCE)
    last = FIELDS[-1]
    assert len(words) == last.word + last.length
    for field in FIELDS:
        assert words[field.word : field.word + field.length] == REFERENCE[field.name]
    assert list(PackFields.model_fields) == [field.name for field in FIELDS]


def test_the_hash_is_fnv_1a_over_the_little_endian_words() -> None:
    one_word = FIELD_BY_NAME["cell_count"]
    assert one_word.word == 0
    slow = 0xCBF29CE484222325
    for word in words_of(REFERENCE):
        for byte in (word & 0xFFFFFFFF).to_bytes(4, "little"):
            slow = ((slow ^ byte) * 0x100000001B3) % 2**64
    assert config_hash(REFERENCE) == slow
    assert len(hash_text(config_hash(REFERENCE))) == 16


@given(st.sampled_from(FIELDS), st.integers(0, 12), st.integers(-(2**31), 2**31 - 1))
def test_a_change_of_any_value_changes_the_hash(field: ConfigField, at: int, value: int) -> None:
    numbers = list(REFERENCE[field.name])
    at %= field.length
    was, numbers[at] = numbers[at], value
    differs = config_hash({**REFERENCE, field.name: tuple(numbers)}) != config_hash(REFERENCE)
    assert differs is (was != value)
