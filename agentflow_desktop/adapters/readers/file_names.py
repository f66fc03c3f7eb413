"""File names as they may be shown: any bytes on disk, no control characters on the screen."""

import os
import re

# Control characters, and the marks that turn the direction of writing and so disguise a name.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def shown_name(name: str) -> str:
    """The name in characters that can be shown and stored; U+FFFD for those that can't."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return _UNSHOWABLE.sub("\ufffd", text)
