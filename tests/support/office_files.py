"""Word, Excel and mail files made for tests, tidy ones and nasty ones."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from typing import Any

import docx
import openpyxl


def docx_bytes(build: Callable[[Any], None]) -> bytes:
    """A Word document after ``build`` has filled it by python-docx."""
    document = docx.Document()
    build(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def docx_of(*paragraphs: str) -> bytes:
    """A Word document of plain paragraphs."""

    def build(document: Any) -> None:
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)

    return docx_bytes(build)


def xlsx_bytes(build: Callable[[Any], None]) -> bytes:
    """A workbook after ``build`` has filled it by openpyxl; it begins without a sheet."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook["Sheet"])
    build(workbook)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def xlsx_of(**sheets: Sequence[Sequence[object]]) -> bytes:
    """A workbook of sheets of rows from A1 on."""

    def build(workbook: Any) -> None:
        for name, rows in sheets.items():
            sheet = workbook.create_sheet(name)
            for row in rows:
                sheet.append(list(row))

    return xlsx_bytes(build)


def eml_bytes(
    body: str = "Hello",
    *,
    html: str = "",
    attachments: Mapping[str, bytes] | None = None,
    mails: Sequence[EmailMessage] = (),
    **headers: str,
) -> bytes:
    """A mail in its file form."""
    return bytes(mail_of(body, html=html, attachments=attachments, mails=mails, **headers))


def mail_of(
    body: str = "Hello",
    *,
    html: str = "",
    attachments: Mapping[str, bytes] | None = None,
    mails: Sequence[EmailMessage] = (),
    **headers: str,
) -> EmailMessage:
    """A mail; header names are written with underscores."""
    mail = EmailMessage()
    named = {"From": "ann@example.org", "To": "bob@example.org", "Subject": "Fuses", **headers}
    for name, value in named.items():
        mail[name.replace("_", "-")] = value
    if body:
        mail.set_content(body)
    if html and body:
        mail.add_alternative(html, subtype="html")
    elif html:
        mail.set_content(html, subtype="html")
    for name, content in (attachments or {}).items():
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    for inner in mails:
        mail.add_attachment(inner)
    return mail


def with_part(office: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """An Office file with one part changed; a part that is not there begins empty."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(office)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, change(content) if entry.filename == name else content)
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return buffer.getvalue()


def zip_bytes(parts: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def bomb_docx(megabytes: int) -> bytes:
    """A Word document whose text part is so many megabytes of one letter."""
    return with_part(
        docx_of("tick"), "word/bomb.xml", lambda _: b"<a>" + b"x" * (megabytes * 1_000_000)
    )


def encrypted_office() -> bytes:
    """The head of an encrypted Office file: an OLE container with its one telling stream."""
    name = "EncryptedPackage".encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_016) + name + bytes(512)
