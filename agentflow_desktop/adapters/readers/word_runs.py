"""The text of a Word paragraph, run by run, without what the document hides."""

from typing import Any

from agentflow_desktop.adapters.readers.word_styles import W, WordStyles, is_shaded

_DELETED = frozenset(f"{W}{name}" for name in ("del", "moveFrom"))
_INSERTED = frozenset(f"{W}{name}" for name in ("ins", "moveTo"))
_BREAKS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PROPERTIES = frozenset(f"{W}{name}" for name in ("pPr", "rPr", "sdtPr"))
_CELL = f"{W}tc"


class RunReader:
    """Reads paragraphs of one document and counts what it leaves out."""

    def __init__(self, styles: WordStyles) -> None:
        self._styles = styles
        self.hidden = 0
        self.has_changes = False

    def text(self, paragraph: Any) -> str:
        """The paragraph's visible text; a line break in it is ``\\n``."""
        properties = paragraph.find(f"{W}pPr")
        style = properties.find(f"{W}pStyle") if properties is not None else None
        style_id = style.get(f"{W}val") if style is not None else None
        has_shade = is_shaded(properties) or _is_in_shaded_cell(paragraph)
        parts: list[str] = []
        self._collect(paragraph, style_id, parts, has_shade=has_shade)
        return "".join(parts)

    def _collect(
        self, parent: Any, style_id: str | None, parts: list[str], *, has_shade: bool
    ) -> None:
        for child in parent:
            tag = child.tag
            if tag in _DELETED:
                self.has_changes = True
            elif tag == f"{W}r":
                self._run(child, style_id, parts, has_shade=has_shade)
            elif tag not in _PROPERTIES and isinstance(tag, str):
                self.has_changes = self.has_changes or tag in _INSERTED
                self._collect(child, style_id, parts, has_shade=has_shade)

    def _run(self, run: Any, style_id: str | None, parts: list[str], *, has_shade: bool) -> None:
        text = "".join(self._pieces(run))
        if text.strip() and self._styles.is_hidden(run, style_id, has_shade=has_shade):
            self.hidden += len(text)
            return
        parts.append(text)

    def _pieces(self, run: Any) -> list[str]:
        pieces: list[str] = []
        for child in run:
            if child.tag == f"{W}t":
                pieces.append(child.text or "")
            elif child.tag in _BREAKS:
                pieces.append(_BREAKS[child.tag])
            elif child.tag not in _PROPERTIES and isinstance(child.tag, str):
                pieces += self._text_boxes(child)
        return pieces

    def _text_boxes(self, parent: Any) -> list[str]:
        """Paragraphs of text boxes below a run. Word writes each twice: the older form is left."""
        found: list[str] = []
        for child in parent:
            if child.tag == _FALLBACK or not isinstance(child.tag, str):
                continue
            if child.tag == f"{W}p":
                text = self.text(child)
                found.append(f"\n{text}" if text.strip() else "")
            else:
                found += self._text_boxes(child)
        return found


def _is_in_shaded_cell(paragraph: Any) -> bool:
    cell = paragraph.getparent()
    while cell is not None and cell.tag != _CELL:
        cell = cell.getparent()
    return cell is not None and is_shaded(cell.find(f"{W}tcPr"))
