"""Everything that files, environment and flags say, read once: settings, models, prompts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agentflow_desktop.adapters.folders import Folders, expanded, find_folders
from agentflow_desktop.adapters.models_file import load_models
from agentflow_desktop.adapters.prompts_file import load_prompts
from agentflow_desktop.adapters.settings_files import load_settings
from agentflow_desktop.core.settings import LoadedSettings, Overrides, Settings
from agentflow_desktop.llm.budget import BudgetCalendar
from agentflow_desktop.llm.prompts import PromptLibrary
from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.roles import bind_fallbacks

_DATABASE_NAME = "agentflow.db"


@dataclass(frozen=True, slots=True)
class ConfigPaths:
    """Where this person's files are read from and written to. They need not exist."""

    settings_file: Path
    models_file: Path
    prompts_file: Path
    folders: Folders


@dataclass(frozen=True, slots=True)
class Configuration:
    """What was read. ``loaded`` knows the origin of every setting."""

    loaded: LoadedSettings
    profiles: tuple[ModelProfile, ...]
    prompts: PromptLibrary
    paths: ConfigPaths

    @property
    def settings(self) -> Settings:
        return self.loaded.settings

    @property
    def database_path(self) -> Path:
        return self.paths.folders.data / _DATABASE_NAME

    @property
    def log_directory(self) -> Path:
        return _chosen(self.settings.logging.directory, self.paths.folders.logs)

    @property
    def cache_directory(self) -> Path:
        return _chosen(self.settings.production.caching.directory, self.paths.folders.cache)


def find_config_paths(environ: Mapping[str, str], overrides: Overrides) -> ConfigPaths:
    """The paths alone: reads no file, so that it works beside a broken one."""
    folders = find_folders(environ)
    return ConfigPaths(
        settings_file=overrides.config_file or folders.config / "settings.yaml",
        models_file=folders.config / "models.yaml",
        prompts_file=folders.config / "prompts.yaml",
        folders=folders,
    )


def load_configuration(environ: Mapping[str, str], overrides: Overrides) -> Configuration:
    """Settings, models and prompts, and that they fit each other.

    Raises ConfigurationError naming file, line and key.
    """
    paths = find_config_paths(environ, overrides)
    loaded = load_settings(paths.settings_file, environ, overrides)
    profiles = load_models(paths.models_file)
    check_fit(loaded.settings, profiles)
    return Configuration(
        loaded=loaded,
        profiles=profiles,
        prompts=load_prompts(paths.prompts_file),
        paths=paths,
    )


def check_fit(settings: Settings, profiles: tuple[ModelProfile, ...]) -> None:
    """Raises ConfigurationError where settings name a model or a time zone that is not there."""
    bind_fallbacks(profiles, settings.models)
    BudgetCalendar(settings.budget.timezone)


def _chosen(setting: str, usual: Path) -> Path:
    return expanded(setting) if setting else usual
