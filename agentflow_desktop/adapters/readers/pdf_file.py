"""A PDF that is open in PDFium. Only child processes may import this."""

from typing import Any

import pypdfium2_raw  # pyright: ignore[reportMissingTypeStubs]

from agentflow_desktop.adapters.readers.parsed import Unreadable

pdfium: Any = pypdfium2_raw  # generated bindings without types

_REASONS = {
    pdfium.FPDF_ERR_PASSWORD: "It is protected by a password.",
    pdfium.FPDF_ERR_SECURITY: "It is protected by a security scheme that can't be opened.",
    pdfium.FPDF_ERR_FORMAT: "It is damaged or is no PDF.",
}


class PdfFile:
    """Keeps the last file open, so that further pages of it cost no second parsing."""

    def __init__(self) -> None:
        pdfium.FPDF_InitLibrary()
        self._key = ""
        self._document: Any = None
        self._content = b""

    def open(self, content: bytes, key: str) -> Any:
        """The document's handle. ``key`` is the content's digest.

        Raises Unreadable if it is encrypted or damaged.
        """
        if self._document is not None and self._key == key:
            return self._document
        if self._document is not None:
            pdfium.FPDF_CloseDocument(self._document)
            self._document = None
        self._content = content  # PDFium reads from it as long as the document is open
        self._document = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
        if not self._document:
            self._document = None
            code: int = pdfium.FPDF_GetLastError()
            raise Unreadable(_REASONS.get(code, "It can't be opened as a PDF."))
        self._key = key
        return self._document
