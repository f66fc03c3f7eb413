"""Paths as text that can be kept and read back, whatever bytes their names are made of."""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote_to_bytes

from pydantic import PlainSerializer, PlainValidator

_URI = "file://"  # no path's own text begins so: two slashes in a row are one


def path_text(path: Path) -> str:
    """The path's own text; an address (``file:///a%FF``) if its name has no UTF-8 form."""
    text = str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        return path.absolute().as_uri()
    return text


def _path_of(value: object) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str):
        raise ValueError("a path must be text")
    if value.startswith(_URI):
        return Path(os.fsdecode(unquote_to_bytes(value.removeprefix(_URI))))
    return Path(value)


KeptPath = Annotated[
    Path,
    PlainValidator(_path_of),
    PlainSerializer(path_text, return_type=str, when_used="json"),
]
"""A path in a record that is stored as JSON."""
