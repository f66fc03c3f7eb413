"""One question with its answer, as a later question on the same documents recalls it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that was asked, and its answer as text, without quotes."""

    question: str
    answer: str
