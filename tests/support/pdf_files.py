"""Small PDF files written by hand: pages of text lines, damaged and encrypted ones."""

from collections.abc import Sequence


def pdf_bytes(pages: Sequence[Sequence[str]], *, trailer_extra: str = "") -> bytes:
    """A PDF with one text line per string, Helvetica 11, from the top of each page."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, lines in enumerate(pages):
        shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
        stream = f"BT /F1 11 Tf 14 TL 60 780 Td\n{shown}ET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * index} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
    return _assembled(objects, trailer_extra)


def drawn_pdf_bytes(content: str, *, page_extra: str = "") -> bytes:
    """A PDF of one page, 595 by 842 points, with this content stream; its font is F1.

    ``page_extra`` are further entries of the page: ``/Rotate 90``.
    """
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
        f"/Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R {page_extra} >>",
        f"<< /Length {len(content.encode('cp1252'))} >>\nstream\n{content}\nendstream",
    ]
    return _assembled(objects, "")


def shown_text(words: str, *, before: str = "", size: float = 11, at: str = "60 700") -> str:
    """One text object of a content stream; ``before`` is set ahead of the words."""
    return f"q BT /F1 {size} Tf {at} Td {before} ({_escaped(words)}) Tj ET Q\n"


def encrypted_pdf_bytes() -> bytes:
    """A PDF whose standard security handler accepts no empty password."""
    keys = "<" + "41" * 32 + ">"
    extra = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /O {keys} /U {keys} /P -4 >> "
        f"/ID [<{'00' * 16}> <{'00' * 16}>]"
    )
    return pdf_bytes([["secret"]], trailer_extra=extra)


def truncated_pdf_bytes() -> bytes:
    """The first bytes of a PDF: the header and half an object."""
    return pdf_bytes([["gone"]])[:40]


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _assembled(objects: Sequence[str], trailer_extra: str) -> bytes:
    body = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    offsets: list[int] = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    xref = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    tail = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{xref}"
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer_extra} >>\n"
        f"startxref\n{len(body)}\n%%EOF\n"
    )
    return body + tail.encode("cp1252")
