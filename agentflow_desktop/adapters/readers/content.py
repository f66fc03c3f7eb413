"""What a file's first bytes say it is, whatever its name says."""

import re
from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 8_192

ZIP_SIGNATURE = b"PK\x03\x04"
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"RIFF", "a sound, film or WebP picture"),
    (ZIP_SIGNATURE, "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (OLE_SIGNATURE, "an old Office document or mail"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\x00asm", "a program"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"OggS", "a sound or film"),
    (b"ID3", "a sound"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"OTTO\x00", "a font"),
    (b"\x00\x01\x00\x00\x00", "a font"),
)
_READ_BY_OCR = frozenset({"a PNG picture", "a JPEG picture", "a TIFF picture"})
_OFFICE_SUFFIXES = tuple(".docx .docm .dotx .dotm .xlsx .xlsm .xltx .xltm".split())
_OFFICE_PART = re.compile(rb"\[Content_Types\]\.xml|word/document\.xml|xl/workbook\.xml")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\f\x08\x1b")


class ContentKind(StrEnum):
    TEXT = "text"
    PDF = "pdf"
    PICTURE = "picture"  # one that OCR can read
    OFFICE = "office"  # a ZIP archive that may be a document of Word or Excel
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class Content:
    """``label`` names a binary format for a person: "a PNG picture"."""

    kind: ContentKind
    label: str = ""


def sniff(head: bytes, name: str) -> Content:
    """What a file is by its first bytes (HEAD_BYTES of them, or all if it is shorter)."""
    start = head.lstrip(b"\xef\xbb\xbf\x00\t\r\n ")
    if start.startswith(b"%PDF-") or (name.lower().endswith(".pdf") and b"%PDF-" in head[:1024]):
        return Content(ContentKind.PDF)
    if head.startswith(ZIP_SIGNATURE) and (_has_office_name(name) or _OFFICE_PART.search(head)):
        return Content(ContentKind.OFFICE)
    if head.startswith(OLE_SIGNATURE) and _has_office_name(name):
        return Content(ContentKind.OFFICE)  # encrypted, or an old format with a new one's name
    for signature, label in _SIGNATURES:
        if head.startswith(signature):
            is_picture = label in _READ_BY_OCR
            return Content(ContentKind.PICTURE if is_picture else ContentKind.BINARY, label)
    if head.startswith(_BOMS) or wide_encoding(head):
        return Content(ContentKind.TEXT)
    if b"\x00" in head:
        return Content(ContentKind.BINARY, "not text")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls * 10 > len(head):
        return Content(ContentKind.BINARY, "not text")
    return Content(ContentKind.TEXT)


def _has_office_name(name: str) -> bool:
    return name.lower().endswith(_OFFICE_SUFFIXES)


def wide_encoding(head: bytes) -> str:
    """``utf-16-le`` or ``utf-16-be`` for such text without a byte order mark, else empty.

    Mostly Latin text has a NUL in every second byte, always on the same side.
    """
    half = len(head) // 2
    if half < 8:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > half * 0.4 and even == 0:
        return "utf-16-le"
    if even > half * 0.4 and odd == 0:
        return "utf-16-be"
    return ""
