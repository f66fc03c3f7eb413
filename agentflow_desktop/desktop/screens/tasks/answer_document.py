"""An answer as rich text: claims, citation numbers, and a tag on what no quote backs.

A model's Markdown is untrusted: HTML in it is dropped, links and pictures lose their targets.
"""

import re

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)

from agentflow_desktop.desktop.formatting import as_one_line, place_words
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.llm.claims import Answer, Claim
from agentflow_desktop.workflows.ask.citations import number_citations

CITATION_SCHEME = "cite"
UNQUOTED_TAG = "no quote found"
_FEATURES = QTextDocument.MarkdownFeature(
    QTextDocument.MarkdownFeature.MarkdownDialectGitHub.value
    | QTextDocument.MarkdownFeature.MarkdownNoHTML.value
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LINE_HEIGHT_PCT = 150.0
_PROPORTIONAL = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value


def write_answer(
    document: QTextDocument,
    answer: Answer,
    theme: Theme,
    *,
    lit_number: int | None,
    shows_passages: bool,
) -> None:
    """Replace the document's content by the answer.

    ``lit_number`` is the citation looked at; ``shows_passages`` sets each quote below its claim,
    for answers that are nothing but passages.
    """
    document.clear()
    cursor = QTextCursor(document)
    citations = number_citations(answer)
    if answer.title:
        cursor.setBlockFormat(_block(8))
        cursor.insertText(answer.title, _title_format(theme))
    for index, claim in enumerate(answer.claims):
        if index or answer.title:
            cursor.insertBlock(_block(10), _body_format(theme))
        start = cursor.position()
        cursor.insertFragment(_markdown_fragment(claim.text, theme))
        _space_lines(document, start, cursor.position())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if claim.is_quoted:
            for number in citations.numbers(claim):
                cursor.insertText("\u202f", _body_format(theme))
                is_lit = number == lit_number
                cursor.insertText(str(number), _number_format(theme, number, is_lit=is_lit))
            if shows_passages:
                _insert_passages(cursor, claim, theme)
        else:
            _mark_unquoted(cursor, start, theme)


def _insert_passages(cursor: QTextCursor, claim: Claim, theme: Theme) -> None:
    """The claim's quotes, indented, each with its place."""
    for evidence in claim.evidence:
        passage = _block(10)
        passage.setLeftMargin(16)
        cursor.insertBlock(passage, _body_format(theme, size_px=13))
        cursor.insertText(as_one_line(evidence.quote, 600), _body_format(theme, size_px=13))
        place = _body_format(theme, size_px=12)
        place.setForeground(theme.color("muted"))
        cursor.insertText(f"\u2028{place_words(evidence)}", place)


def put_paragraphs(document: QTextDocument, at: int, paragraphs: list[str], theme: Theme) -> int:
    """Put finished paragraphs of Markdown in place of all from a position on, and an empty one
    behind them for what comes; gives the position where that one begins."""
    cursor = QTextCursor(document)
    cursor.setPosition(at)
    cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
    cursor.removeSelectedText()
    for paragraph in paragraphs:
        start = cursor.position()
        cursor.insertFragment(_markdown_fragment(paragraph, theme))
        _space_lines(document, start, cursor.position())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertBlock(_block(10), _body_format(theme))
    cursor.setBlockFormat(_block(10))
    cursor.setBlockCharFormat(_body_format(theme))
    return cursor.position()


def stream_format(theme: Theme) -> QTextCharFormat:
    return _body_format(theme)


def answer_as_text(answer: Answer) -> str:
    """The answer with its quotes and their places, for the clipboard."""
    lines = [answer.title, ""] if answer.title else []
    for claim in answer.claims:
        lines.append(claim.text)
        lines.extend(f"  [{found.place()}] “{found.quote}”" for found in claim.evidence)
        if not claim.is_quoted:
            lines.append(f"  [{UNQUOTED_TAG}]")
        lines.append("")
    # Pasted into a terminal, control characters would type.
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", "\n".join(lines)).strip() + "\n"


class _ClosedDocument(QTextDocument):
    """A document that reads no file and no address, whatever its Markdown names."""

    def loadResource(self, _kind: int, _name: QUrl | str) -> None:  # noqa: N802
        return


def _markdown_fragment(text: str, theme: Theme) -> QTextDocumentFragment:
    part = _ClosedDocument()
    part.setDefaultFont(theme.font(14))
    part.setMarkdown(text, _FEATURES)
    _disarm(part, theme)
    for frame in part.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _style_table(frame, theme)
    return QTextDocumentFragment(part)


def _disarm(part: QTextDocument, theme: Theme) -> None:
    """Set every run of text in the answer's type, without links or pictures."""
    cursor = QTextCursor(part)
    block = part.begin()
    while block.isValid():
        size_px = 15 if block.blockFormat().headingLevel() else 14
        spans = [(f.position(), f.length(), f.charFormat()) for f in _fragments(block)]
        for position, length, old in spans:
            is_strong = bool(block.blockFormat().headingLevel()) or old.fontWeight() > 500
            new = _body_format(theme, size_px=size_px, weight=600 if is_strong else 400)
            if old.fontFixedPitch():
                new.setFont(theme.mono_font(13))
            new.setFontItalic(old.fontItalic())
            cursor.setPosition(position)
            cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
            if old.isImageFormat():
                cursor.insertText("[picture]", new)
            else:
                cursor.setCharFormat(new)
        block = block.next()


def _fragments(block) -> list:
    found = []
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        if fragment.isValid():
            found.append(fragment)
        iterator += 1
    return found


def _style_table(table: QTextTable, theme: Theme) -> None:
    style = table.format()
    style.setBorder(0)
    style.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
    style.setBorderCollapse(True)
    style.setCellPadding(5)
    style.setCellSpacing(0)
    style.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(style)
    for row in range(table.rows()):
        for col in range(table.columns()):
            cell = table.cellAt(row, col)
            look = cell.format().toTableCellFormat()
            look.setBottomBorder(1)
            look.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            look.setBottomBorderBrush(theme.color("border"))
            cell.setFormat(look)


def _space_lines(document: QTextDocument, start: int, end: int) -> None:
    """Give the inserted paragraphs the answer's line height."""
    block = document.findBlock(start)
    while block.isValid() and block.position() <= end:
        cursor = QTextCursor(block)
        if cursor.currentTable() is None:
            spacing = QTextBlockFormat()
            spacing.setLineHeight(_LINE_HEIGHT_PCT, _PROPORTIONAL)
            spacing.setBottomMargin(6)
            cursor.mergeBlockFormat(spacing)
        block = block.next()


def _mark_unquoted(cursor: QTextCursor, start: int, theme: Theme) -> None:
    """Muted and underlined, with a tag: no quote stands behind this."""
    end = cursor.position()
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    look = QTextCharFormat()
    look.setForeground(theme.color("muted"))
    look.setFontUnderline(True)
    look.setUnderlineColor(theme.color("outline"))
    cursor.mergeCharFormat(look)
    cursor.setPosition(end)
    cursor.insertText(" ", _body_format(theme))
    tag = QTextCharFormat()
    tag.setFont(theme.font(11, 600))
    tag.setForeground(theme.color("warning"))
    tag.setBackground(theme.color("warning_soft"))
    words = UNQUOTED_TAG.replace(" ", "\u00a0")
    cursor.insertText(f"\u00a0{words}\u00a0", tag)


def _block(bottom_px: float) -> QTextBlockFormat:
    block = QTextBlockFormat()
    block.setBottomMargin(bottom_px)
    block.setLineHeight(_LINE_HEIGHT_PCT, _PROPORTIONAL)
    return block


def _title_format(theme: Theme) -> QTextCharFormat:
    look = QTextCharFormat()
    look.setFont(theme.font(18, 600))
    look.setForeground(theme.color("text"))
    return look


def _body_format(theme: Theme, *, size_px: int = 14, weight: int = 400) -> QTextCharFormat:
    look = QTextCharFormat()
    look.setFont(theme.font(size_px, weight))
    look.setForeground(theme.color("text"))
    return look


def _number_format(theme: Theme, number: int, *, is_lit: bool) -> QTextCharFormat:
    look = QTextCharFormat()
    font = QFont(theme.font(15, 600))
    look.setFont(font)
    look.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
    look.setAnchor(True)
    look.setAnchorHref(f"{CITATION_SCHEME}:{number}")
    look.setToolTip("Show this quote in its file")
    look.setForeground(theme.color("quote_text" if is_lit else "accent"))
    if is_lit:
        look.setBackground(theme.color("quote"))
    else:
        look.clearProperty(QTextFormat.Property.BackgroundBrush)
    return look
