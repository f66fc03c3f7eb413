"""HTML becomes the text that a reader would see, with the file's line numbers."""

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
