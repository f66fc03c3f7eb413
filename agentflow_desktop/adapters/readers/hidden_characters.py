"""Characters that a person can't see but a model can read: left out of a text, with a note.

Single zero-width marks and direction marks belong to some scripts and stay; quote checking
takes no notice of them. Long runs of them, and characters that exist only to carry hidden
bytes, are no writing.
"""

import re

# Tag characters spell out ASCII unseen (U+E0000 to U+E007F); so do runs of the variation
# selectors of U+E0100 and of zero-width marks. One selector after an ideograph is writing.
_SMUGGLED = re.compile(
    "[\U000e0000-\U000e007f]+"
    "|[\U000e0100-\U000e01ef\ufe00-\ufe0f]{2,}"
    "|[\u200b-\u200f\u2060-\u2064\ufeff\u180e]{8,}"
)
_OVERRIDES = re.compile("[\u202d\u202e]")


def without_hidden(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as a person could read it, and what to tell that person. Lines stay lines."""
    if text.isascii():  # most files: a look at every character would cost more than reading it
        return text, ()
    notes: list[str] = []
    kept, count = _SMUGGLED.subn("", text)
    if count:
        left_out = len(text) - len(kept)
        notes.append(f"{left_out:,} invisible characters that can carry hidden text were left out.")
    if _OVERRIDES.search(kept):
        notes.append("It turns the direction of writing: some of it may read otherwise than shown.")
    return kept, tuple(notes)
