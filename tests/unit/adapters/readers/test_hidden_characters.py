"""Characters that only a model reads are left out; those that writing needs stay."""

import pytest

from agentflow_desktop.adapters.readers.hidden_characters import without_hidden


@pytest.mark.parametrize(
    "text",
    [
        "plain\ntext",
        "soft\u00adhyphen and a\u200bbreak",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a joiner
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # one family of several emoji
        "\u2764\ufe0f",
        "\u845b\U000e0100",  # an ideograph in a form of its own
    ],
)
def test_writing_stays_as_it_is(text: str) -> None:
    assert without_hidden(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a" + "".join(chr(0xE0000 + ord(c)) for c in "obey") + "b", "ab"),
        ("a" + "\U000e0101\U000e0152" * 4 + "b", "ab"),
        ("a" + "\u200b\u200c" * 8 + "b", "ab"),
    ],
)
def test_what_carries_hidden_bytes_is_left_out_with_a_note(text: str, kept: str) -> None:
    found, notes = without_hidden(text)

    assert found == kept
    assert "invisible characters" in notes[0]


def test_turned_writing_is_kept_and_noted() -> None:
    found, notes = without_hidden("invoice\u202egnp.exe")

    assert found == "invoice\u202egnp.exe"
    assert "direction of writing" in notes[0]
