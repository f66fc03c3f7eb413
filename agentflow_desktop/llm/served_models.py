"""Whether the model that answered is the one that was asked: servers name models in many ways."""

import re
from fnmatch import fnmatchcase

from agentflow_desktop.llm.provider import ModelProfile

_SNAPSHOT = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|\d{4}|\d{3})$")
_FILE_SUFFIX = re.compile(r"\.(gguf|bin|safetensors|onnx)$")
_QUANTISATION = re.compile(r"[-._](i?q\d\w*|f16|f32|bf16|fp16|fp8|int8|int4|awq|gptq|mxfp4)$")
_PART = re.compile(r"-\d{5}-of-\d{5}$")


def is_asked_model(profile: ModelProfile, served: str) -> bool:
    """Whether ``served`` means the profile's model: the same name, an alias of the profile, a
    dated snapshot, or a file of it. True if the server named none."""
    if not served:
        return True
    asked, answered = profile.model.lower(), served.lower()
    if any(fnmatchcase(answered, pattern.lower()) for pattern in profile.aliases):
        return True
    return _is_same(asked, answered) or _is_same(_file_name(asked), _file_name(answered))


def _is_same(asked: str, answered: str) -> bool:
    asked, answered = asked.removesuffix(":latest"), answered.removesuffix(":latest")
    if asked == answered:
        return True
    if answered.startswith(asked) and _SNAPSHOT.fullmatch(answered[len(asked) :]):
        return True
    return _is_same_in_folder(asked, answered)


def _is_same_in_folder(asked: str, answered: str) -> bool:
    """One of the two names no organisation or folder, and the last parts are the same."""
    if ("/" in asked) == ("/" in answered):
        return False
    return _is_same(asked.rsplit("/", 1)[-1], answered.rsplit("/", 1)[-1])


def _file_name(name: str) -> str:
    """The model's name out of a path to one of its files; other names unchanged."""
    path = name.replace("\\", "/")
    if not _FILE_SUFFIX.search(path):
        return name
    stem = _FILE_SUFFIX.sub("", path.rsplit("/", 1)[-1])
    return _QUANTISATION.sub("", _PART.sub("", stem))
