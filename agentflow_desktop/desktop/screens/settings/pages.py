"""The pages of the Settings screen, and which page a setting stands on."""

from enum import StrEnum


class SettingsPage(StrEnum):
    """In the order of the list at the left."""

    MODELS = "Models"
    LIMITS = "Limits"
    ROUTING = "Routing"
    VERIFICATION = "Verification"
    SPEED = "Reading & speed"
    CACHE = "Cache"
    LOGGING = "Logging"
    APPEARANCE = "Appearance"
    DATA = "Data"
    PROMPTS = "Prompts"
    ABOUT = "About"


_PAGES = (
    ("models.", SettingsPage.MODELS),
    ("production.cost_tracking.", SettingsPage.LIMITS),
    ("budget.", SettingsPage.LIMITS),
    ("context_routing.", SettingsPage.ROUTING),
    ("verification.", SettingsPage.VERIFICATION),
    ("evaluation.", SettingsPage.VERIFICATION),
    ("workflow.", SettingsPage.SPEED),
    ("performance.", SettingsPage.SPEED),
    ("production.caching.", SettingsPage.CACHE),
    ("logging.", SettingsPage.LOGGING),
)
_GROUPS = {
    "models": "Calls to models",
    "production.cost_tracking": "Limits of spending",
    "budget": "Calendar of the budget",
    "context_routing": "Size of a task",
    "verification": "Checking answers",
    "evaluation.weights": "Weights of the criteria",
    "evaluation": "Comparing answers",
    "workflow": "What a run may read",
    "performance": "Use of this machine",
    "production.caching": "Kept results",
    "logging": "What is logged",
}
_UNIT_ENDS = ("_s", "_mb", "_pct", "_usd")
_SMALL_WORDS = {"pdf": "PDF", "usd": "US$", "ocr": "OCR", "mb": "MB"}


def page_of(key: str) -> SettingsPage:
    """The page that a setting stands on; one of a new section stands with the machine's."""
    found = (page for start, page in _PAGES if key.startswith(start))
    return next(found, SettingsPage.SPEED)


def title_of(key: str) -> str:
    """The setting's name as a person reads it, without the unit: ``Request deadline``."""
    name = key.rpartition(".")[2]
    for end in _UNIT_ENDS:
        name = name.removesuffix(end)
    words = [_SMALL_WORDS.get(word, word) for word in name.split("_")]
    title = " ".join(words)
    return title[:1].upper() + title[1:]


def group_of(key: str) -> str:
    """The heading that a setting stands under."""
    section = key.rpartition(".")[0]
    return _GROUPS.get(section) or section.replace("_", " ").replace(".", ": ").capitalize()
