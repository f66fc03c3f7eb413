"""A design's limits out of a file, and what is said about a file that can't be used."""

from pathlib import Path

import pytest

from agentflow_desktop.adapters.pack_config_file import read_pack_config
from agentflow_desktop.core.errors import AgentFlowError, ConfigurationError, InputRefused


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pack.yaml"


def test_numbers_choices_and_tables_are_read(file: Path) -> None:
    file.write_text(
        "# mine\ncell_count: 8\nswitch_kind: mosfet\nis_shunt_shared: yes\n"
        "derating_temp_ddegc: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
    )
    assert read_pack_config(file) == {
        "cell_count": (8,),
        "switch_kind": (0,),
        "is_shunt_shared": (1,),
        "derating_temp_ddegc": tuple(range(10)),
    }


def test_an_empty_file_is_the_reference_pack(file: Path) -> None:
    file.write_text("")
    assert read_pack_config(file) == {}


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("cel_count: 8", InputRefused, "no setting named 'cel_count'"),
        ("cell_count: eight", InputRefused, "cell_count is a whole number"),
        ("cell_count: [8, 9]", InputRefused, "cell_count has 1 values, not 2."),
        ("cell_count: {a: 8}", ConfigurationError, "line 1: a limit is one number or a list"),
        ("- 8", ConfigurationError, "must hold keys with values"),
        ("a: [", ConfigurationError, "not valid YAML"),
    ],
)
def test_what_is_no_design_is_refused_in_a_sentence(
    file: Path, text: str, kind: type[AgentFlowError], says: str
) -> None:
    file.write_text(text)
    with pytest.raises(kind) as caught:
        read_pack_config(file)
    assert says in caught.value.message
    assert caught.value.message.endswith(".")


def test_a_file_that_is_not_there_is_told(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="There is no file"):
        read_pack_config(file)
