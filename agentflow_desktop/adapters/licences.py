"""Lists the licences of the program, of every library that it runs with, and of its fonts.

Taken from what the installed packages say of themselves, so that the list can't be out of date.
"""

import re
import sys
from collections.abc import Mapping
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from types import MappingProxyType
from typing import cast

from agentflow_desktop.core.licences import Licence

_OURS = "agentflow-desktop"
_FONTS = (
    Licence("Inter (font)", "", "OFL-1.1"),
    Licence("JetBrains Mono (font)", "", "OFL-1.1"),
    Licence("Phosphor Icons (font)", "1.3.0", "MIT"),
)
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r";.*\bextra\s*==")
_CLASSIFIER = "License :: OSI Approved :: "
_SHORT = 60
# What older packages say in words, as SPDX writes it.
_SPDX: Mapping[str, str] = MappingProxyType(
    {
        "3-Clause BSD License": "BSD-3-Clause",
        "Apache 2.0": "Apache-2.0",
        "ISC License": "ISC",
        "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
        "Apache License 2.0": "Apache-2.0",
        "Apache License, Version 2.0": "Apache-2.0",
        "Apache Software License": "Apache-2.0",
        "BSD": "BSD-3-Clause",
        "BSD 3-Clause": "BSD-3-Clause",
        "BSD License": "BSD-3-Clause",
        "ISC License (ISCL)": "ISC",
        "MIT License": "MIT",
        "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
        "Python Software Foundation License": "PSF-2.0",
        "The MIT License (MIT)": "MIT",
    }
)
# Whose package says nothing, as its own licence file reads.
_UNSAID: Mapping[str, str] = MappingProxyType({"peewee": "MIT"})


def list_licences() -> tuple[Licence, ...]:
    """Ours first, then the others by name."""
    found: dict[str, Licence] = {}
    waiting = [_OURS]
    while waiting:
        name = waiting.pop()
        if _normal(name) in found:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # meant for another system, or another version of Python
        found[_normal(name)] = _licence(package)
        waiting += _needed(package)
    ours = found.pop(_OURS, None)
    version = ".".join(str(part) for part in sys.version_info[:3])
    others = [*found.values(), *_FONTS, Licence("Python", version, "PSF-2.0")]
    in_order = sorted(others, key=lambda licence: licence.component.lower())
    return tuple([ours, *in_order] if ours is not None else in_order)


def _needed(package: Distribution) -> list[str]:
    """What the package needs to run, its extras left out."""
    wanted = [text for text in package.requires or () if not _EXTRA.search(text)]
    return [match[0] for text in wanted if (match := _NAME.match(text)) is not None]


def _licence(package: Distribution) -> Licence:
    facts = cast(Message, package.metadata)
    name = str(facts["Name"])
    return Licence(name, package.version, _expression(facts) or _UNSAID.get(name, ""))


def _expression(facts: Message) -> str:
    expression = facts.get("License-Expression", "")
    if expression:
        return expression
    short = facts.get("License", "")
    if short and len(short) <= _SHORT and "\n" not in short:
        return _SPDX.get(short, short)
    classifiers = facts.get_all("Classifier") or []
    words = [c.removeprefix(_CLASSIFIER) for c in classifiers if c.startswith(_CLASSIFIER)]
    return " OR ".join(_SPDX.get(word, word) for word in words)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
