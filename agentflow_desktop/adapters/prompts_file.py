"""Reads the prompts: the shipped texts, each replaced by the person's own of the same name."""

from pathlib import Path

from agentflow_desktop.adapters.shipped_files import shipped_path
from agentflow_desktop.adapters.yaml_source import YamlText, parse_yaml, read_config_text
from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.llm.prompts import PROMPT_FIELDS, PromptLibrary, PromptText


def load_prompts(user_file: Path) -> PromptLibrary:
    """The library over shipped and own prompts; ``user_file`` may be absent.

    Raises ConfigurationError for an unknown name, a missing one, and other placeholders than a
    prompt must have.
    """
    texts = _read(shipped_path("config/prompts.yaml"))
    if user_file.exists():
        texts.update(_read(user_file))
    return PromptLibrary(texts)


def describe_prompts(user_file: Path) -> tuple[PromptText, ...]:
    """Every prompt with its text, in the order of the shipped file.

    Raises ConfigurationError as ``load_prompts`` does.
    """
    own = _read(user_file) if user_file.exists() else {}
    texts = {**_read(shipped_path("config/prompts.yaml")), **own}
    PromptLibrary(texts)
    return tuple(
        PromptText(name, text.strip(), tuple(sorted(PROMPT_FIELDS[name])), name in own)
        for name, text in texts.items()
    )


def _read(path: Path) -> dict[str, str]:
    root = parse_yaml(read_config_text(path), path.name)
    texts: dict[str, str] = {}
    for name, value in root.entries.items():
        place = f"{path.name} line {root.key_lines[name]}"
        if name not in PROMPT_FIELDS:
            raise ConfigurationError(
                f"{place}: {name} is no prompt of this version.",
                hint=f"The prompts are: {', '.join(sorted(PROMPT_FIELDS))}.",
            )
        if not isinstance(value, YamlText) or not value.text.strip():
            raise ConfigurationError(
                f"{place}: {name} must be text.", hint=f"Write {name}: | and the text below it."
            )
        texts[name] = value.text
    return texts
