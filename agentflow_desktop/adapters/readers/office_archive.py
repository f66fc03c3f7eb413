"""The ZIP archive around a document of Word or Excel, judged before anything in it is unfolded.

Refused: archives that unfold to far more than they are, encrypted ones, XML that declares
entities. What is not Word's or Excel's is named for the person.
"""

import io
import re
import zipfile
import zlib

from agentflow_desktop.adapters.readers.content import OLE_SIGNATURE
from agentflow_desktop.adapters.readers.parsed import Allowance, Unreadable
from agentflow_desktop.documents.document import MediaKind

DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, ValueError)
"""What zipfile raises for archives that are cut or changed."""

_MAX_ENTRIES = 20_000
_MAX_RATIO = 250
_RATIO_FROM_BYTES = 10_000_000  # small XML of many equal rows may be packed very tightly
_PROLOG_BYTES = 65_536
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHERS = (
    ("xl/workbook.bin", "a binary Excel workbook (XLSB)"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("content.xml", "an OpenDocument file"),
    ("META-INF/MANIFEST.MF", "a Java archive"),
)


def judge_office(content: bytes, allowance: Allowance) -> MediaKind:
    """WORD or WORKBOOK. Raises Unreadable if it is neither or must not be unfolded."""
    if content.startswith(OLE_SIGNATURE):
        if _ENCRYPTED in content:
            raise Unreadable("It is encrypted with a password.")
        raise Unreadable("It is an old Office document or mail.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            media = _media(entries)
            _check_sizes(entries, len(content), allowance)
            for entry in entries:
                _check_prolog(archive, entry)
    except DAMAGED as error:
        raise Unreadable("It is damaged: its archive can't be opened.") from error
    except RuntimeError as error:  # zipfile says so of encryption and of unknown packing
        raise Unreadable("Its archive is packed in a way that can't be opened.") from error
    return media


def _media(entries: list[zipfile.ZipInfo]) -> MediaKind:
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" in names and "word/document.xml" in names:
        return MediaKind.WORD
    if "[Content_Types].xml" in names and "xl/workbook.xml" in names:
        return MediaKind.WORKBOOK
    label = next((label for name, label in _OTHERS if name in names), "a ZIP archive")
    raise Unreadable(f"It is {label}.")


def _check_sizes(entries: list[zipfile.ZipInfo], packed: int, allowance: Allowance) -> None:
    """What an entry claims is what is unfolded at most: ZipFile stops there."""
    if len(entries) > _MAX_ENTRIES:
        raise Unreadable(f"Its archive has {len(entries):,} entries: no document has so many.")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise Unreadable("Its archive has two entries of one name.")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Unreadable("It is encrypted with a password.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > _RATIO_FROM_BYTES and unpacked > packed * _MAX_RATIO:
        raise Unreadable(
            f"Its {packed / 1_000:,.0f} kB would unfold to {unpacked / 1_000_000:,.0f} MB: "
            "no document is packed so tightly."
        )
    allowance.take_unpacked(unpacked)


def _check_prolog(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Office's own XML declares no entities and names no file to load; hostile XML does."""
    if not entry.filename.lower().endswith((".xml", ".rels")):
        return
    with archive.open(entry) as part:
        head = part.read(_PROLOG_BYTES).replace(b"\x00", b"")  # UTF-16 as well
    if _DECLARATION.search(head):
        raise Unreadable("Its XML declares entities, which no Office document does.")
