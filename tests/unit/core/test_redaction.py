"""Keys are taken out of text: by their value, and by the shapes that keys have."""

import json
from urllib.parse import quote

import pytest

from agentflow_desktop.core.redaction import REDACTED, Redactor

KEY = 'canary/"key"+one\\é'


@pytest.mark.parametrize("written", [KEY, json.dumps(KEY), repr(KEY), quote(KEY, safe="")])
def test_a_known_key_is_taken_out_in_every_form_it_is_written_in(written: str) -> None:
    clean = Redactor([KEY]).clean(f"before {written} after")
    assert "canary" not in clean
    assert clean.startswith("before")
    assert REDACTED in clean


def test_a_key_that_begins_with_another_key_goes_as_a_whole() -> None:
    assert Redactor(["abcdef", "abcdefghij"]).clean("x abcdefghij y") == f"x {REDACTED} y"


def test_short_values_do_not_blank_ordinary_words() -> None:
    assert Redactor(["none", "EMPTY"]).clean("none is EMPTY") == "none is EMPTY"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def-123", "abc.def-123"),
        ("{'authorization': 'Basic Zm9vOmJhcg=='}", "Zm9vOmJhcg=="),
        ('{"Authorization": "token-without-scheme"}', "token-without-scheme"),
        ("('authorization', 'Bearer abcdefgh')", "abcdefgh"),
        ("proxy-authorization=Basic abcdefgh", "abcdefgh"),
        ("sent bearer abcdefgh to it", "abcdefgh"),
        ("x-goog-api-key: AIzaShort", "AIzaShort"),
        ("api_key='hunter22'", "hunter22"),
        ("https://x/v1?api-key=hunter22&n=1", "hunter22"),
        ("password: hunter22", "hunter22"),
        ("Incorrect API key provided: sk-proj-abcdefghijkl_1234", "sk-proj-abcdefghijkl_1234"),
        ("hf_abcdefghijklmnopqrst", "hf_abcdefghijklmnopqrst"),
        ("AIzaSyA1234567890abcdefghijk", "AIzaSyA1234567890abcdefghijk"),
        ("http://me:hunter22@proxy:3128/", "hunter22"),
    ],
)
def test_what_looks_like_a_key_is_taken_out(text: str, secret: str) -> None:
    clean = Redactor().clean(text)
    assert secret not in clean
    assert REDACTED in clean
    assert Redactor().clean(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        "the key to the answer: 8.0 A",
        "max_tokens=2000, monkey: 5",
        "http://127.0.0.1:8000/v1/models",
        "run_01M82Z9BDX4MVDGN9RZ2WYFHV6 took task-12-of-risk-free-work",
        "me@example.org",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert Redactor().clean(text) == text
