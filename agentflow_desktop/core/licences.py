"""Under which licences the program and what it is built from may be used."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Licence:
    """A part and its licence, as an SPDX expression where the part says so.

    ``version`` is empty for what has none, such as a font.
    """

    component: str
    version: str
    expression: str
