"""HTML becomes the text that a reader would see, with the file's line numbers."""

import pytest

from agentflow_desktop.adapters.readers.html_format import read_html


def test_scripts_styles_and_hidden_elements_are_left_out() -> None:
    page = b"""<html><head><title>Pack</title><style>p{}</style><script>evil()</script></head>
    <body><p>Shown</p><p hidden>No</p><div style="display: none">No<b>No</b></div>
    <span aria-hidden="true">No</span><template>No</template><p>End</p></body></html>"""

    assert read_html(page).text.split() == ["Pack", "Shown", "End"]


def test_each_line_knows_its_line_in_the_file() -> None:
    parsed = read_html(b"<h1>Title</h1>\n\n<p>One\n   two</p>\n<p>\n\nThree</p>")

    lines = parsed.text.split("\n")
    assert parsed.source_lines is not None
    assert len(lines) == len(parsed.source_lines)
    assert dict(zip(lines, parsed.source_lines, strict=True)) | {"": 0} == {
        "Title": 1,
        "": 0,
        "One two": 3,
        "Three": 7,
    }


def test_cells_are_parted_and_preformatted_text_keeps_its_form() -> None:
    parsed = read_html(b"<table><tr><td>a</td><td>b</td></tr></table><pre>x  = 1\n  y</pre>")

    assert parsed.text == "a | b\n\nx  = 1\n  y"


def test_a_declared_encoding_is_used_where_the_bytes_are_not_utf_8() -> None:
    parsed = read_html('<meta charset="iso-8859-1"><p>Größe</p>'.encode("latin-1"))

    assert parsed.text == "Größe"
    assert parsed.notes == ()


def test_tags_left_open_and_closed_wrongly_do_no_harm() -> None:
    assert read_html(b"<p>a<b>b</i></p></div><p hidden>x<p>y").text.split("\n")[0] == "ab"
    assert read_html(b"").text == ""


@pytest.mark.parametrize(
    "part",
    [
        '<p style="DISPLAY : none">No</p>',
        '<p style="opacity:0">No</p>',
        '<p style="font-size: 0px">No</p>',
        '<p style="color:transparent">No</p>',
        '<p style="position:absolute; left:-10000px">No</p>',
        '<p style="height:0;overflow:hidden">No</p>',
        '<style>a {color:red} .ghost, p.x {display:none}</style><p class="big ghost">No</p>',
        "<style>#g{visibility:hidden}</style><p id=g>No</p>",
    ],
)
def test_what_a_page_hides_is_left_out_and_counted(part: str) -> None:
    parsed = read_html(f"<p>Shown</p>{part}<p>End</p>".encode())

    assert parsed.text.split() == ["Shown", "End"]
    assert parsed.notes == ("2 characters that the page hides were left out.",)


@pytest.mark.parametrize(
    "part",
    [
        '<p style="opacity:0.5">Yes</p>',
        '<p style="font-size: 0.9em">Yes</p>',
        '<p style="font-size: 10px">Yes</p>',
        '<p style="line-height:0">Yes</p>',
        '<p style="overflow:hidden;height:100px">Yes</p>',
        '<p style="left:-10px">Yes</p>',
        '<p style="background-color:transparent">Yes</p>',
        "<style>@media print { .screen {display:none} }</style><p class=screen>Yes</p>",
        '<p style="color:#fff;background:#000">Yes</p>',
    ],
)
def test_what_only_looks_like_hiding_is_read(part: str) -> None:
    assert (read_html(part.encode()).text, read_html(part.encode()).notes) == ("Yes", ())


def test_white_text_without_a_ground_is_read_and_noted() -> None:
    parsed = read_html(b'<p style="color: #FFFFFF">Pale</p>')

    assert parsed.text == "Pale"
    assert parsed.notes == ("4 characters may be white on white: they were read.",)


def test_very_many_open_style_elements_cost_no_time() -> None:
    assert read_html(b"<p>Shown</p>" + b"<style>" * 200_000).text == "Shown"
