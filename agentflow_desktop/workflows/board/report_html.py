"""A self-test's report as one HTML page that needs nothing else, to read or to print."""

from collections.abc import Iterator, Sequence
from html import escape

from agentflow_desktop.core.report_style import STYLE
from agentflow_desktop.workflows.board.report import (
    CAMPAIGN_METHOD,
    LEFT_OUT,
    LIMIT_HEADS,
    METHOD,
    OTHER_HEADS,
    SCOPE,
    TITLE,
    SelftestReport,
    campaign_table,
    facts_of,
    limit_cells,
    limit_rows,
    other_cells,
    other_rows,
)
from agentflow_desktop.workflows.board.wording import summary_text

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_WIDE = (
    "@media screen { body { max-width: 1180px; } }\n.rows { font-size: 7pt; }\n"
    ".rows th { font-size: 7pt; }\n.rows th, .rows td { padding: 3px 4px 3px 0; }\n"
    ".field { color: #545D68; }\n"
)
_FIELD = LIMIT_HEADS.index("field")
_CLASSES = {"PASS": "pass", "FAIL": "fail"}


def to_html(report: SelftestReport) -> str:
    """The whole report as a page in UTF-8."""
    body = "\n".join(_body(report))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{TITLE}</title>\n<style>\n{STYLE}{_WIDE}</style>\n</head>\n<body>\n{body}\n"
        "</body>\n</html>\n"
    )


def _body(report: SelftestReport) -> Iterator[str]:
    result = report.result
    yield f"<h1><span>{TITLE}</span></h1>"
    yield f"<p>{escape(SCOPE)}</p>"
    kind = "pass" if result.is_passed else "fail"
    yield f'<p class="{kind}">{escape(summary_text(result))}</p>'
    for row in result.failed:
        words = f"{row.protection.replace('_', ' ')} ({row.path.value}): {row.reason}"
        yield f'<p class="fail">{escape(words)}</p>'
    yield "<h2><span>Limits</span></h2>"
    yield f'<p class="note">{escape(METHOD)}</p>'
    yield from _limits([limit_cells(row) for row in limit_rows(result)])
    yield "<h2><span>Faults, sequences and refusals</span></h2>"
    yield from _table(OTHER_HEADS, [other_cells(row) for row in other_rows(result)])
    yield f'<p class="note">{escape(LEFT_OUT)}</p>'
    if result.campaign:
        yield "<h2><span>Every single fault in every state</span></h2>"
        yield f'<p class="note">{escape(CAMPAIGN_METHOD)}</p>'
        yield from _table(*campaign_table(result.campaign))
    yield "<h2><span>What was tested</span></h2>"
    yield '<table class="facts" cellspacing="0">'
    for name, value in facts_of(report):
        yield f'<tr><td class="name">{name}</td><td>{escape(value)}</td></tr>'
    yield "</table>"


def _limits(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The field stands below its protection: a page has not the width for both."""
    yield '<table class="rows" cellspacing="0" width="100%">'
    heads = "".join(f"<th>{head}</th>" for head in _without_field(LIMIT_HEADS)[1:])
    yield f'<tr><th width="20%">{LIMIT_HEADS[0]}</th>{heads}</tr>'
    for row in rows:
        field = f'<br><span class="field">{escape(row[_FIELD])}</span>'
        cells = "".join(
            _cell(text.replace(" ", "\N{NO-BREAK SPACE}")) for text in _without_field(row)[1:]
        )
        yield f"<tr><td>{escape(row[0])}{field}</td>{cells}</tr>"
    yield "</table>"


def _without_field(cells: Sequence[str]) -> list[str]:
    return [*cells[:_FIELD], *cells[_FIELD + 1 :]]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield '<table class="rows" cellspacing="0" width="100%">'
    yield f"<tr>{''.join(f'<th>{escape(head)}</th>' for head in heads)}</tr>"
    for row in rows:
        yield f"<tr>{''.join(map(_cell, row))}</tr>"
    yield "</table>"


def _cell(text: str) -> str:
    kind = _CLASSES.get(text) or ("fail" if text.startswith("FAIL") else "")
    attribute = f' class="{kind}"' if kind else ""
    return f"<td{attribute}>{escape(text)}</td>"
