"""The one tree of errors, cut by what the reader can do about them.

    AgentFlowError
    ├── InputRefused            the person changes what they gave
    ├── ConfigurationError      the person changes a setting
    ├── BudgetExceeded          the person waits, or raises a limit
    ├── StorageError            the person frees space, or restores a backup
    ├── HardwareError           the person looks at the board, or at what stands for it
    │   ├── ToolMissing         install or build what is missing
    │   └── DeviceSilent        it stopped answering: start it again
    └── ProviderError           the person changes the model, the key, or waits
        ├── KeyMissing          enter a key
        ├── ProviderUnavailable try later, check the server
        │   ├── RateLimited     wait a little
        │   ├── QuotaUsedUp     wait until it is renewed, raise it
        │   └── ModelPaused     wait until it is asked again
        ├── ProviderRefused     the request itself was refused
        │   └── PromptTooLong   choose fewer files, or a larger window
        └── ReplyUnusable       the model answered, but not usably

Adapters translate what libraries raise into these (``raise ... from``); each face has one
handler for them. Anything else that reaches a face is a bug and is reported as one.
"""

from datetime import datetime
from decimal import Decimal


class AgentFlowError(Exception):
    """A failure that a person can read and act on.

    ``message`` is one sentence for a person, ``hint`` the next action, ``detail`` goes to the
    log only, ``retryable`` says whether the same call may succeed later.
    """

    def __init__(
        self, message: str, *, hint: str = "", detail: str = "", retryable: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail
        self.retryable = retryable


class InputRefused(AgentFlowError):
    """What the person gave can't be used as it is."""


class ConfigurationError(AgentFlowError):
    """A settings, prompts or models file can't be used as it is."""


class StorageError(AgentFlowError):
    """The database or a file of ours could not be read or written."""


class HardwareError(AgentFlowError):
    """A board, or a simulated one, could not be worked with."""


class ToolMissing(HardwareError):
    """A program that is needed for it is not on this machine."""


class DeviceSilent(HardwareError):
    """It does not answer, or went away."""


class BudgetExceeded(AgentFlowError):
    """A limit would be passed by the call that was about to be made."""

    def __init__(
        self,
        message: str,
        *,
        limit_name: str,
        limit_usd: Decimal,
        spent_usd: Decimal,
        reserved_usd: Decimal,
        asked_usd: Decimal,
        resets_at: datetime | None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.limit_name = limit_name
        self.limit_usd = limit_usd
        self.spent_usd = spent_usd
        self.reserved_usd = reserved_usd
        self.asked_usd = asked_usd
        self.resets_at = resets_at


class ProviderError(AgentFlowError):
    """A model could not be asked, or its reply could not be used.

    ``was_accepted``: the server had taken the request, so that the attempt may be charged.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        detail: str = "",
        retryable: bool = False,
        retry_after_s: float | None = None,
        was_accepted: bool = False,
    ) -> None:
        super().__init__(message, hint=hint, detail=detail, retryable=retryable)
        self.retry_after_s = retry_after_s
        self.was_accepted = was_accepted


class KeyMissing(ProviderError):
    """The model needs a key that is not set, or that its server does not accept."""


class ProviderUnavailable(ProviderError):
    """The server could not be reached, is overloaded, or broke off."""


class RateLimited(ProviderUnavailable):
    """The server works, and takes no more requests for the moment."""


class QuotaUsedUp(ProviderUnavailable):
    """A quota is used up for longer than a call can wait. ``renewed_at`` is None if unknown."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        detail: str = "",
        renewed_at: datetime | None = None,
    ) -> None:
        super().__init__(message, hint=hint, detail=detail)
        self.renewed_at = renewed_at


class ModelPaused(ProviderUnavailable):
    """Nothing was sent: the model failed too often in a row. ``until``: when it is tried again."""

    def __init__(self, message: str, *, until: datetime, hint: str = "", detail: str = "") -> None:
        super().__init__(message, hint=hint, detail=detail)
        self.until = until


class ProviderRefused(ProviderError):
    """The server refused this request (size, content, unknown model)."""


class PromptTooLong(ProviderRefused):
    """The question with its documents is longer than the server takes."""


class ReplyUnusable(ProviderError):
    """The model's reply is empty, cut off, or not in the form that was asked for."""
