"""How much of a model's window a text may take, by our own estimate with a margin."""

from dataclasses import dataclass

from agentflow_desktop.core.settings import RoutingSettings, VerificationSettings
from agentflow_desktop.documents.tokens import Calibration, raw_tokens
from agentflow_desktop.llm.messages import ModelRequest
from agentflow_desktop.llm.provider import ModelProfile

ESTIMATE_SHARE = 0.88
"""Of a window: our estimate of a text that no tokenizer counted is that rough."""

_MOST_TRAINED_TOKENS = 18_432  # the longest prompts that agentflow-planner-7b was trained with
PROMPT_TOKENS = 800  # the shipped prompts with guidance and fences, rounded up
SCHEMA_TOKENS = 700  # the reply schema, where a server is told it in words


def request_tokens(request: ModelRequest) -> int:
    """The uncalibrated estimate of a request's messages."""
    return sum(raw_tokens(message.content) for message in request.messages)


@dataclass(frozen=True, slots=True)
class Windows:
    """Room in uncalibrated tokens, as ``documents.tokens`` estimates them."""

    calibration: Calibration
    routing: RoutingSettings
    verification: VerificationSettings

    def planner_room(self, profile: ModelProfile) -> int:
        """The most that a request to the planner of a medium or large task may hold."""
        longest = max(self.verification.max_answer_tokens, self.verification.max_review_tokens)
        window = profile.window_tokens - min(longest, profile.max_output_tokens)
        most = self.routing.planner_max_tokens
        if profile.names_steps:
            most = min(most, _MOST_TRAINED_TOKENS)
        return self._raw(min(window, most), profile)

    def heavy_room(self, profile: ModelProfile) -> int:
        """The most that a request to the heavy model may hold."""
        output = min(self.verification.max_answer_tokens, profile.max_output_tokens)
        return self._raw(profile.window_tokens - output, profile)

    def pack_room(self, profile: ModelProfile, typed_raw: int) -> int:
        """The most that a pack may hold beside the prompt, what was typed and the questions."""
        asked = typed_raw + self.verification.max_review_tokens
        return self.heavy_room(profile) - asked - PROMPT_TOKENS - SCHEMA_TOKENS

    def _raw(self, tokens: int, profile: ModelProfile) -> int:
        return max(0, int(tokens * ESTIMATE_SHARE / self.calibration.ratio(profile.model)))
