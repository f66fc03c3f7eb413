"""A mail's headers, which anyone may have written: bounded, decoded, on one line each."""

import re
from email.errors import HeaderParseError, MessageError
from email.message import Message
from email.policy import default as default_policy
from typing import Any

from agentflow_desktop.adapters.readers.file_names import shown_name

_MAX_RAW_CHARACTERS = 4_000
_MAX_SHOWN_CHARACTERS = 600
_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_FIELD = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]", re.MULTILINE)
_OF_MAILS = frozenset(
    b"received return-path delivered-to message-id mime-version x-mailer dkim-signature".split()
)
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Python's own parser of headers fails on hostile ones in all of these ways.
_PARSER_FAULTS = (
    HeaderParseError, MessageError, ValueError, IndexError, AttributeError, TypeError, LookupError,
)  # fmt: skip


def is_mail(head: bytes) -> bool:
    """Whether a text begins as a mail does, whatever it is named."""
    if not _FIELD.match(head.lstrip(b"\xef\xbb\xbf")):
        return False
    block = head.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    names = {name.lower() for name in _FIELD.findall(block)}
    return b"from" in names and len(names & _OF_MAILS) >= 2


def header_lines(message: "Message[str, str]") -> list[str]:
    """``Subject: ...`` for each header that a reader of the mail sees."""
    lines = ((name, header_text(message, name)) for name in _SHOWN)
    return [f"{name}: {text}" for name, text in lines if text]


def header_text(message: "Message[str, str]", name: str) -> str:
    """A header decoded to one line, cut where it is absurdly long; empty if there is none.

    Only so much of it is parsed: the parser takes quadratic time on long lists of addresses.
    """
    raw = next(
        (str(value) for key, value in message.raw_items() if key.lower() == name.lower()), ""
    )
    raw = raw.encode("ascii", "surrogateescape").decode("utf-8", "replace") if raw else ""
    raw = raw[:_MAX_RAW_CHARACTERS]
    try:
        factory: Any = default_policy.header_factory
        text = str(factory(name, " ".join(raw.split())))
    except _PARSER_FAULTS:
        text = raw
    line = " ".join(_UNSAFE.sub(" ", text).split())
    return line if len(line) <= _MAX_SHOWN_CHARACTERS else f"{line[:_MAX_SHOWN_CHARACTERS]}…"


def attachment_name(part: "Message[str, str]") -> str:
    """The file name that a part claims, without folders; empty if it claims none."""
    try:
        claimed = part.get_filename() or ""
    except _PARSER_FAULTS:
        return ""
    name = _UNSAFE.sub(" ", re.split(r"[/\\]", str(claimed))[-1]).strip(". ")
    return shown_name(name[:150])
