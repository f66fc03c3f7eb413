"""When an approved fallback may take the place of a role's model, and whether it can.

It stands in for one call at a time: the next call asks the role's own model again.
"""

from dataclasses import replace

from agentflow_desktop.core.errors import (
    KeyMissing,
    PromptTooLong,
    ProviderError,
    ProviderUnavailable,
)
from agentflow_desktop.llm.messages import ModelRequest
from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.windows import ESTIMATE_SHARE


def may_stand_in(error: ProviderError) -> bool:
    """Whether the model could not be asked at all: its server is away or takes no more, its key
    is missing or refused. What it refused or answered badly is no other model's business."""
    return isinstance(error, KeyMissing | ProviderUnavailable)


def fitted_to(profile: ModelProfile, request: ModelRequest) -> ModelRequest:
    """The request as this model is asked it."""
    output = min(request.max_output_tokens, profile.max_output_tokens)
    return replace(request, model=profile.model, max_output_tokens=output)


def check_room(
    asked: ModelProfile,
    stand_in: ModelProfile,
    input_tokens: int,
    output_tokens: int,
    failure: ProviderError,
    *,
    is_exact: bool,
) -> None:
    """Raises PromptTooLong if the request does not fit the fallback's window: nothing is cut."""
    room = stand_in.window_tokens - output_tokens
    if not is_exact:
        room = int(room * ESTIMATE_SHARE)
    if input_tokens <= room:
        return
    about = "" if is_exact else "about "
    raise PromptTooLong(
        f"{failure.message} Its fallback {stand_in.name} can't take its place: {about}"
        f"{input_tokens:,} tokens and an answer of up to {output_tokens:,} do not fit its window"
        f" ({stand_in.window_tokens:,} tokens).",
        hint=f"Choose fewer files, a fallback with a larger window, or ask when {asked.name} can"
        " be asked again.",
    ) from failure
