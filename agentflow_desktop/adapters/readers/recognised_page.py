"""A page's text out of what was found on its picture: rows from top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentflow_desktop.adapters.readers.ocr_wire import RecognisedLine
from agentflow_desktop.documents.document import PictureLine


@dataclass(frozen=True, slots=True)
class RecognisedPage:
    """The text of a page and where each piece of it stands; or why there is none."""

    text: str = ""
    lines: tuple[PictureLine, ...] = ()
    problem: str = ""
    is_passing: bool = False


def page_of(found: Sequence[RecognisedLine]) -> RecognisedPage:
    """The page. Pieces of one height are one row, a space between them."""
    text = ""
    lines: list[PictureLine] = []
    for row in _rows(found):
        text += "\n" if text else ""
        for at, piece in enumerate(row):
            text += " " if at else ""
            lines.append(PictureLine(len(text), len(text) + len(piece.text), piece.box))
            text += piece.text
    return RecognisedPage(text, tuple(lines))


def _rows(found: Sequence[RecognisedLine]) -> list[list[RecognisedLine]]:
    rows: list[list[RecognisedLine]] = []
    for piece in sorted(found, key=_middle):
        _, top, _, bottom = piece.box
        if rows and _middle(piece) - _middle(rows[-1][0]) < (bottom - top) / 2:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.box[0]) for row in rows]


def _middle(piece: RecognisedLine) -> float:
    return (piece.box[1] + piece.box[3]) / 2
