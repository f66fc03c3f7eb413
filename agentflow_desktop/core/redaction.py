"""Takes keys out of text before it reaches a log, a screen or a crash report.

Two nets: the very values of the keys in use, and the shapes that keys have. Owns no output.
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

REDACTED = "[redacted]"
_SHORTEST_KEY = 6

# The name or prefix is kept, so that a reader sees what was taken out.
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"(?i)((?:proxy-)?authorization[\"']?\s*[:=,]\s*[\"']?(?:(?:bearer|basic|token)\s+)?+)"
            r"(?!\[redacted\])[^\s\"',}\]]+"
        ),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{6,}"), rf"\1{REDACTED}"),
    (
        re.compile(
            r"(?i)\b((?:x-goog-api-key|x-api-key|api[_-]?key|access[_-]?token|client[_-]?secret"
            r"|password|passwd)[\"']?\s*[:=,]\s*[\"']?)(?!\[redacted\])[^\s\"',}&\]]+"
        ),
        rf"\1{REDACTED}",
    ),
    (
        re.compile(r"\b(sk|rk|pk|gsk|hf|ghp|gho|glpat|xai|pplx|nvapi)[-_][A-Za-z0-9_-]{12,}"),
        REDACTED,
    ),
    (re.compile(r"\bAIza[A-Za-z0-9_-]{20,}"), REDACTED),
    (re.compile(r"(?<=://)[^\s/@:\"']*:[^\s/@\"']+(?=@)"), REDACTED),
)


class Redactor:
    """Replaces known keys, and what looks like one, by ``[redacted]``.

    Values shorter than six characters are not looked for: they would blank ordinary words.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: tuple[str, ...] = ()
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """Look for this key from now on, as it is and as JSON and URLs write it."""
        value = value.strip()
        if len(value) < _SHORTEST_KEY:
            return
        forms = {value, json.dumps(value)[1:-1], repr(value)[1:-1], quote(value, safe="")}
        # Longest first, so that a key that begins with another one goes as a whole.
        self._values = tuple(sorted({*self._values, *forms}, key=len, reverse=True))

    def clean(self, text: str) -> str:
        """The text without keys."""
        for value in self._values:
            if value in text:
                text = text.replace(value, REDACTED)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        return text
