"""EML to text: headers, the body as plain text, attachments as documents of their own.

What the sender quoted stays, marked by ``>``. Nothing that a mail names is fetched.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.errors import MessageError
from email.policy import compat32
from email.policy import default as default_policy
from hashlib import sha256
from typing import Any

from agentflow_desktop.adapters.readers.html_format import read_html
from agentflow_desktop.adapters.readers.mail_headers import (
    attachment_name,
    header_lines,
    header_text,
)
from agentflow_desktop.adapters.readers.parsed import Allowance, Enclosed, Parsed, Unreadable
from agentflow_desktop.adapters.readers.text_format import decode
from agentflow_desktop.documents.document import MediaKind

ReadEnclosed = Callable[[bytes, str, Allowance], list[Enclosed]]

_PLACES = "Lines are counted in the extracted text, headers included."
_ELSEWHERE = frozenset({"message/external-body", "message/partial"})
_SUFFIXES = {"text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv"}
_WORD = re.compile(r"\w{3,}")
_URL = re.compile(r"\w+://\S+")
_OTHER_WORDS = 25
_OTHER_SHARE = 0.3


def read_mail(content: bytes, allowance: Allowance, read_enclosed: ReadEnclosed) -> Parsed:
    """The mail and, flat, every document within it. Raises Unreadable if it is empty."""
    message: Any = message_from_bytes(content, policy=default_policy)
    return _read_message(message, allowance, read_enclosed)


def _read_message(message: Any, allowance: Allowance, read_enclosed: ReadEnclosed) -> Parsed:
    if allowance.depth <= 0:
        raise Unreadable("It lies too deep within other mails.")
    allowance.depth -= 1
    try:
        return _MailReader(allowance, read_enclosed).read(message)
    finally:
        allowance.depth += 1


@dataclass(slots=True)
class _Parts:
    """A mail's leaves by what they are for. ``plain`` and ``html`` are two forms of one body."""

    plain: list[Any] = field(default_factory=list[Any])
    html: list[Any] = field(default_factory=list[Any])
    attachments: list[Any] = field(default_factory=list[Any])
    is_encrypted: bool = False


class _MailReader:
    def __init__(self, allowance: Allowance, read_enclosed: ReadEnclosed) -> None:
        self._allowance = allowance
        self._read_enclosed = read_enclosed
        self._names: set[str] = set()
        self._notes: list[str] = [_PLACES]

    def read(self, message: Any) -> Parsed:
        parts = _Parts()
        _sort(message, parts)
        if parts.is_encrypted:
            self._notes.append("Its body is encrypted: only the headers can be read.")
        body = self._body(parts)
        inside = [found for part in parts.attachments for found in self._attachment(part)]
        heads = header_lines(message)
        if not (heads or body or inside):
            raise Unreadable("It holds neither headers nor text.")
        if self._names:
            heads.append(f"Attachments: {', '.join(sorted(self._names))}")
        text = "\n".join([*heads, "", body]).rstrip("\n")
        return Parsed(MediaKind.MAIL, text, tuple(self._notes), inside=tuple(inside))

    def _body(self, parts: _Parts) -> str:
        plain = "\n\n".join(text for part in parts.plain if (text := self._text(part)).strip())
        if not parts.html:
            return plain.strip("\n")
        html = "\n\n".join(self._html_text(part) for part in parts.html)
        if not plain.strip():
            return html.strip("\n")
        if _differ(plain, html):
            self._notes.append("Its HTML form says something else than the plain text read here.")
        return plain.strip("\n")

    def _text(self, part: Any) -> str:
        content, charset = _payload(part), _charset(part)
        try:
            text = content.decode(charset or "utf-8")
        except (UnicodeDecodeError, LookupError):
            text, notes = decode(content, charset)
            self._note(notes)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _html_text(self, part: Any) -> str:
        parsed = read_html(_payload(part), declared=_charset(part), marks_quoted=True)
        self._note(parsed.notes)
        return parsed.text

    def _note(self, notes: tuple[str, ...]) -> None:
        self._notes += [note for note in notes if note not in self._notes]

    def _attachment(self, part: Any) -> Iterator[Enclosed]:
        kind = part.get_content_type()
        name = self._unique(attachment_name(part) or _made_up_name(part, kind))
        if kind in _ELSEWHERE:
            reason = "It only says where the content is: nothing is fetched."
            yield Enclosed(name, "", 0, None, reason, is_skipped=True)
        elif kind == "message/rfc822" and isinstance(part.get_payload(), list):
            yield from self._nested(part.get_payload()[0], name)
        else:
            yield from self._read_enclosed(_payload(part), name, self._allowance)

    def _nested(self, message: Any, name: str) -> Iterator[Enclosed]:
        content = _bytes_of(message)
        digest = sha256(content).hexdigest()
        try:
            self._allowance.take_document()
            parsed = _read_message(message, self._allowance, self._read_enclosed)
        except Unreadable as error:
            yield Enclosed(name, digest, len(content), None, str(error))
            return
        yield Enclosed(name, digest, len(content), replace(parsed, inside=()))
        yield from (replace(found, name=f"{name}/{found.name}") for found in parsed.inside)

    def _unique(self, name: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        unique, number = name, 2
        while unique in self._names:
            unique = f"{stem} ({number}){dot}{suffix}" if dot else f"{name} ({number})"
            number += 1
        self._names.add(unique)
        return unique


def _sort(part: Any, parts: _Parts) -> None:
    """Put every leaf where it belongs. A mail within the mail is a leaf."""
    kind = part.get_content_type()
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        parts.is_encrypted = parts.is_encrypted or kind == "multipart/encrypted"
        for child in part.get_payload():
            _sort(child, parts)
        return
    if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        parts.is_encrypted = True
    is_body = part.get_content_disposition() != "attachment" and not attachment_name(part)
    if is_body and kind == "text/plain":
        parts.plain.append(part)
    elif is_body and kind == "text/html":
        parts.html.append(part)
    else:
        parts.attachments.append(part)


def _payload(part: Any) -> bytes:
    """A part's bytes; what is not validly encoded is taken as it stands."""
    payload: Any = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _charset(part: Any) -> str:
    try:
        return str(part.get_content_charset() or "")
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, IndexError):
        return ""


def _bytes_of(message: Any) -> bytes:
    try:
        content: bytes = message.as_bytes(policy=compat32)
    except (MessageError, ValueError, LookupError, AttributeError, TypeError):
        return str(message.get_payload()).encode("utf-8", "replace")
    return content


def _made_up_name(part: Any, kind: str) -> str:
    """A name for a part that has none: a mail's subject, else what kind of part it is."""
    if kind == "message/rfc822":
        inner = part.get_payload()[0] if isinstance(part.get_payload(), list) else part
        subject = re.sub(r"[^\w .-]+", " ", header_text(inner, "Subject")).strip(" .")
        return f"{subject[:60].strip() or 'mail'}.eml"
    main, _, sub = kind.partition("/")
    return f"{main}-part{_SUFFIXES.get(kind, '.txt' if main == 'text' else f'.{sub[:20]}')}"


def _differ(plain: str, html: str) -> bool:
    """Whether the plain form, which is read, says much that the HTML form does not show."""
    words = set(_WORD.findall(_URL.sub(" ", plain.lower())))
    missing = len(words - set(_WORD.findall(html.lower())))
    return missing >= _OTHER_WORDS or missing > _OTHER_SHARE * len(words)
