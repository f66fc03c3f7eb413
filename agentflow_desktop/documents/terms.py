"""Words of a text as a search sees them: lower case, without endings, without small words."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_VOWEL = re.compile(r"[aeiouyäöüéèà]")

STOP_WORDS = frozenset(
    """
    a about above after again all also am an and any anything are as at be because been before
    being below between both but by can could did do does doing done down during each either else
    ever every explain file files find for from further get give given gives had has have having he
    her here hers him his how i if in into is it its itself just know let list made make makes many
    may me mean means might more most much must my need no nor not of off on once one only or other
    our out over own per please same say says she should show so some such tell text than that the
    their them then there these they this those through to too under until up upon us use used
    using very want was we were what when where which while who whom whose why will with within
    without would you your document documents
    der die das den dem des ein eine einen einem einer und oder ist sind war wie was wer wo wann
    warum welche welcher welches mit von für auf aus bei nach zu zum zur im am nicht auch
    le la les un une des du de et ou est sont que qui quoi quel quelle quels quelles dans pour par
    sur avec comment pourquoi el los las una y o es son qué cuál cuáles cómo por para con en del
    """.split()
)
_ENDINGS = ("ations", "ation", "ingly", "edly", "ings", "ing", "ers", "ed", "er", "ly", "es", "s",
            "e", "y")  # fmt: skip


def stem(word: str) -> str:
    """A lower-case word without its common English ending; other words nearly as they are."""
    if len(word) < 4 or not word.isalpha() or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "i" if len(word) > 5 else word[:-2]
    if word.endswith(("ss", "us", "is")):
        return word
    for ending in _ENDINGS:
        root = word[: -len(ending)]
        if word.endswith(ending) and len(root) >= 3 and _VOWEL.search(root):
            if ending == "y":
                return root + "i"
            if ending in ("s", "es"):
                return stem(root + ("e" if ending == "es" else ""))
            return _undoubled(root)
    return word


def _undoubled(root: str) -> str:
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "aeiouls":
        return root[:-1]
    return root.removesuffix("e") if len(root) > 3 else root


def words(text: str) -> list[tuple[str, str]]:
    """(search term, word as it stands) in order, small words left out.

    Names in code are taken apart at humps and underscores; scripts without spaces become pairs
    of characters.
    """
    found: list[tuple[str, str]] = []
    for match in _WORD.finditer(text):
        word = match.group()
        if word.isascii():
            parts = _HUMP.split(word) if not (word.islower() or word.isupper()) else [word]
            for part in parts:
                lowered = part.lower()
                if lowered not in STOP_WORDS and (len(lowered) > 1 or lowered.isdigit()):
                    found.append((stem(lowered), part))
        elif _UNSPACED.search(word):
            found += _pairs(word)
        else:
            lowered = unicodedata.normalize("NFKC", word).lower()
            if lowered not in STOP_WORDS:
                found.append((stem(lowered), word))
    return found


def _pairs(word: str) -> list[tuple[str, str]]:
    if len(word) < 3:
        return [(word, word)]
    return [(word[at : at + 2], word[at : at + 2]) for at in range(len(word) - 1)]
