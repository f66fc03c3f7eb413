"""Text of any encoding: decoded, line ends made one, and checked for the form it promises."""

import codecs
import csv
import io
import json
from typing import Any

from agentflow_desktop.adapters.readers.content import HEAD_BYTES, wide_encoding
from agentflow_desktop.adapters.readers.parsed import Parsed, Unreadable
from agentflow_desktop.documents.document import MediaKind

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESS_BYTES = 65_536
_CHECK_JSON_CHARACTERS = 5_000_000
_CHECK_YAML_CHARACTERS = 500_000


def decode(content: bytes, declared: str = "") -> tuple[str, tuple[str, ...]]:
    """The text with ``\\n`` line ends, and notes on how it was decoded.

    By byte order mark, else UTF-8, else what the file declares, else a guess with a note.
    Raises Unreadable if no encoding fits.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            try:
                return _one_line_end(content.decode(encoding)), ()
            except UnicodeDecodeError:
                text = content.decode(encoding, "replace")
                return _one_line_end(text), (f"Some bytes are not {encoding}: shown as \ufffd.",)
    wide = wide_encoding(content[:HEAD_BYTES])
    for encoding in (wide, "utf-8", declared):
        if encoding:
            try:
                note = f"Read as {encoding.upper()}: it has no byte order mark."
                text = content.decode(encoding)
                return _one_line_end(text), ((note,) if encoding == wide else ())
            except (UnicodeDecodeError, LookupError):
                continue
    return _decode_by_guess(content)


def _decode_by_guess(content: bytes) -> tuple[str, tuple[str, ...]]:
    from charset_normalizer import from_bytes  # 60 ms that most files never need

    bad = _first_non_ascii(content)
    matches = from_bytes(content[max(0, bad - _GUESS_BYTES // 2) :][:_GUESS_BYTES])
    best = matches.best()
    encoding = best.encoding if best is not None else "cp1252"
    if best is not None and encoding.startswith(("cp125", "latin", "iso8859")):
        # Short Latin texts fit many tables alike; of those Western Europe's is the likeliest.
        alike = {match.encoding for match in matches if match.chaos <= best.chaos}
        encoding = "cp1252" if "cp1252" in alike else encoding
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "latin-1", content.decode("latin-1")
    if best is None and text.count("\ufffd") * 20 > len(text):
        raise Unreadable("It is not text in any known encoding.")
    return _one_line_end(text), (f"Not UTF-8: read as {encoding}, which is a guess.",)


def _first_non_ascii(content: bytes) -> int:
    return next((at for at, byte in enumerate(content) if byte > 127), 0)


def _one_line_end(text: str) -> str:
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_text(content: bytes, media: MediaKind, name: str) -> Parsed:
    """The file as text, every character in its place. A form it breaks is only noted."""
    text, notes = decode(content)
    suffix = name.lower().rpartition(".")[2]
    if media is MediaKind.DATA and suffix in ("json", "geojson"):
        notes += _json_notes(text)
    elif media is MediaKind.DATA and suffix in ("yaml", "yml"):
        notes += _yaml_notes(text)
    elif media is MediaKind.TABLE:
        notes += _table_notes(text, "\t" if suffix in ("tsv", "tab") else "")
    return Parsed(media, text, notes)


def _json_notes(text: str) -> tuple[str, ...]:
    if len(text) > _CHECK_JSON_CHARACTERS:
        return ()
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return (f"Not valid JSON (line {error.lineno}: {error.msg}): read as text.",)
    except RecursionError:
        return ("Nested too deeply to check as JSON: read as text.",)
    return ()


def _yaml_notes(text: str) -> tuple[str, ...]:
    if len(text) > _CHECK_YAML_CHARACTERS:
        return ()
    import yaml

    library: Any = yaml  # its functions have no types
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for _ in library.parse(text, Loader=loader):  # events only: nothing is built or expanded
            continue
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return (f"Not valid YAML (line {line}: {error.problem or 'no reason given'}).",)
    except (yaml.YAMLError, RecursionError):
        return ("Not valid YAML: read as text.",)
    return ()


def _table_notes(text: str, delimiter: str) -> tuple[str, ...]:
    if not delimiter:
        first = text.partition("\n")[0]
        delimiter = max((",", ";", "\t", "|"), key=first.count)
    width = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
            if not row:
                continue
            width = width or len(row)
            if len(row) != width:
                return (f"Row {number} has {len(row)} columns, the first has {width}.",)
    except csv.Error as error:
        return (f"Not a regular table ({error}): read as text.",)
    return ()
