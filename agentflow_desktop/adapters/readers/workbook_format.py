"""XLSX to text: a page for each sheet, a line for each row, ``cell | cell``.

Formulas give the values that were stored with them: nothing is calculated, no macro is looked
at, no link is followed. Hidden sheets, rows, columns and values are left out, with a note.
"""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import WorkSheetParser

from agentflow_desktop.adapters.readers.office_archive import DAMAGED
from agentflow_desktop.adapters.readers.parsed import Parsed, Unreadable
from agentflow_desktop.documents.document import MediaKind

_MAX_ROWS = 100_000
_MAX_CELLS = 1_000_000
_MAX_GAP = 32
_FORMULA = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}f"
_BAD = (
    InvalidFileException,
    *DAMAGED,
    OSError,  # openpyxl says so of a workbook part that is missing
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    SyntaxError,
)


def read_workbook(content: bytes) -> Parsed:
    """The visible sheets that hold something. Raises Unreadable if it is damaged or empty."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of styles that it can't keep
        try:
            workbook: Any = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            reader = _WorkbookReader(workbook)
            reader.read()
        except _BAD as error:
            raise Unreadable("It is damaged or is no Excel workbook.") from error
    sheets = reader.sheets
    if not sheets:
        raise Unreadable("Its visible sheets hold no values.")
    return Parsed(
        MediaKind.WORKBOOK,
        notes=tuple(reader.notes),
        pages=tuple("\n".join(sheet.lines) for sheet in sheets),
        page_count=len(sheets),
        page_names=tuple(sheet.name for sheet in sheets),
        page_lines=tuple(tuple(sheet.numbers) for sheet in sheets),
    )


@dataclass(slots=True)
class _Sheet:
    """Lines of a sheet with the row number of each. The first is the sheet's name."""

    name: str
    lines: list[str] = field(default_factory=list[str])
    numbers: list[int] = field(default_factory=list[int])

    def add(self, row: int, line: str) -> None:
        """A row; a blank line stands for any number of empty rows before it."""
        if not self.lines:
            self.lines.append(f"# {self.name}")
            self.numbers.append(row)
        elif row > self.numbers[-1] + 1:
            self.lines.append("")
            self.numbers.append(row - 1)
        self.lines.append(line)
        self.numbers.append(row)


class _WorkbookReader:
    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._cells_left = _MAX_CELLS
        self._without_value = 0
        self._hidden = 0
        self._unseen_styles = _unseen_styles(workbook)
        self.sheets: list[_Sheet] = []
        self.notes: list[str] = []

    def read(self) -> None:
        hidden: list[str] = []
        for worksheet in self._workbook.worksheets:
            if worksheet.sheet_state != "visible":
                hidden.append(_on_one_line(worksheet.title))
                continue
            sheet = self._sheet(worksheet)
            if sheet.lines:
                self.sheets.append(sheet)
        if hidden:
            self.notes.append(f"Hidden sheets were left out: {', '.join(hidden)[:300]}.")
        if self._hidden:
            self.notes.append(f"{self._hidden:,} cells that the file hides were left out.")
        if self._without_value:
            self.notes.append(
                f"{self._without_value:,} formulas have no stored value: they read as empty."
            )

    def _sheet(self, worksheet: Any) -> _Sheet:
        sheet = _Sheet(_on_one_line(worksheet.title))
        with worksheet._get_source() as source:  # noqa: SLF001 - its rows hide hidden ones
            parser = _Rows(
                source,
                worksheet._shared_strings,  # noqa: SLF001
                data_only=True,
                epoch=self._workbook.epoch,
                date_formats=self._workbook._date_formats,  # noqa: SLF001
                timedelta_formats=self._workbook._timedelta_formats,  # noqa: SLF001
            )
            for row, cells in parser.visible_rows(self._unseen_styles):
                self._cells_left -= len(cells)
                if len(sheet.lines) >= _MAX_ROWS or self._cells_left < 0:
                    self.notes.append(f"Sheet {sheet.name} is read up to row {row - 1:,} only.")
                    break
                line = _line(cells)
                if line:
                    sheet.add(row, line)
            self._without_value += parser.without_value
            self._hidden += parser.hidden
        return sheet


class _Rows(WorkSheetParser):
    """openpyxl's reader of one sheet, which also tells what is hidden and what has no value."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.without_value = 0
        self.hidden = 0

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)  # pyright: ignore[reportUnknownMemberType]
        if cell["value"] is None and element.find(_FORMULA) is not None:
            self.without_value += 1
        return cell

    def visible_rows(
        self, unseen_styles: frozenset[int]
    ) -> Iterator[tuple[int, list[tuple[int, Any]]]]:
        """Row number and its cells as (column, value), those with a value that can be seen."""
        for row, cells in self.parse():
            # Rows are kept by the parser for their looks; one at a time is all that is needed.
            look = self.row_dimensions.pop(str(row), {})
            filled = [cell for cell in cells if cell["value"] is not None]
            columns = self._hidden_columns()
            shown = [
                (cell["column"], cell["value"])
                for cell in filled
                if not _is_hidden(look)
                and cell["style_id"] not in unseen_styles
                and not _is_within(cell["column"], columns)
            ]
            self.hidden += len(filled) - len(shown)
            if shown:
                yield row, shown

    def _hidden_columns(self) -> list[tuple[int, int]]:
        return [
            (int(look["min"]), int(look["max"]))
            for look in self.column_dimensions.values()
            if _is_hidden(look)
        ]


def _is_hidden(look: dict[str, Any]) -> bool:
    """Whether a row or a column has no height or width."""
    size = look.get("ht", look.get("width", "1"))
    return look.get("hidden") in ("1", "true") or size in ("0", "0.0")


def _unseen_styles(workbook: Any) -> frozenset[int]:
    """The cell styles that show nothing: white on no fill, or a number format without parts."""
    unseen: set[int] = set()
    for number, style in enumerate(workbook._cell_styles):  # noqa: SLF001 - it has no other list
        color = workbook._fonts[style.fontId].color  # noqa: SLF001
        is_filled = workbook._fills[style.fillId].fill_type is not None  # noqa: SLF001
        is_white = color is not None and (
            (color.type == "rgb" and str(color.rgb)[-6:].upper() == "FFFFFF")
            or (color.type == "theme" and color.theme == 0 and not color.tint)
        )
        custom = style.numFmtId - 164
        formats: Any = workbook._number_formats  # noqa: SLF001
        is_blank = 0 <= custom < len(formats) and not formats[custom].replace(";", "").strip()
        if is_blank or (is_white and not is_filled):
            unseen.add(number)
    return frozenset(unseen)


def _is_within(column: int, ranges: list[tuple[int, int]]) -> bool:
    return any(first <= column <= last for first, last in ranges)


def _line(cells: list[tuple[int, Any]]) -> str:
    """The cells in their columns; a wide gap is written as one empty cell."""
    texts: list[str] = []
    column = 1
    for at, value in cells:
        gap = at - column
        texts += [""] * (gap if 0 <= gap <= _MAX_GAP else 1)
        texts.append(_text(value))
        column = at + 1
    return " | ".join(texts).strip() if any(texts) else ""


def _text(value: Any) -> str:
    """A value as it is written down: dates in ISO form, numbers with the digits Excel keeps."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return f"{value:.15g}"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return _on_one_line(str(value))


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
