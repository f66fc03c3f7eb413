"""File names as they may be shown: any bytes on disk, no control characters on the screen."""

import os
import re

# Control characters, the marks that turn the direction of writing and so disguise a name, and
# characters that spell text which nobody sees.
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e01ef]"
)


def shown_name(name: str) -> str:
    """The name in characters that can be shown and stored; U+FFFD for those that can't."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return _UNSHOWABLE.sub("\ufffd", text)
