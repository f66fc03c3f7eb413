"""What kind of text a file name stands for. The content may still say otherwise."""

from pathlib import PurePosixPath

from agentflow_desktop.documents.document import MediaKind

_BY_SUFFIX = {
    MediaKind.MARKDOWN: "md markdown mdown mkd rst",
    MediaKind.TABLE: "csv tsv tab",
    MediaKind.DATA: "json jsonl ndjson geojson yaml yml toml ini cfg conf properties env",
    MediaKind.HTML: "html htm xhtml",
    MediaKind.PDF: "pdf",
    MediaKind.WORD: "docx docm dotx dotm",
    MediaKind.WORKBOOK: "xlsx xlsm xltx xltm",
    MediaKind.MAIL: "eml",
    MediaKind.CODE: (
        "py pyi pyx ipy js mjs cjs jsx ts tsx java kt kts scala groovy c h cc cpp cxx hh hpp hxx "
        "ino cs fs vb go rs swift m mm rb php pl pm lua r jl dart ex exs erl hrl hs ml mli clj "
        "cljs lisp el scm sql sh bash zsh fish ps1 bat cmd css scss sass less vue svelte xml xsd "
        "xsl svg proto graphql gql tf hcl nix cmake mk gradle asm s v sv vhd vhdl tcl j2 jinja"
    ),
}
_MEDIA = {suffix: media for media, names in _BY_SUFFIX.items() for suffix in names.split()}
_CODE_NAMES = frozenset({"makefile", "dockerfile", "cmakelists.txt", "jenkinsfile", "rakefile"})


def media_by_name(name: str) -> MediaKind:
    """The kind that a file name promises; TEXT where it promises nothing."""
    path = PurePosixPath(name)
    if path.name.lower() in _CODE_NAMES:
        return MediaKind.CODE
    return _MEDIA.get(path.suffix.lower().removeprefix("."), MediaKind.TEXT)
