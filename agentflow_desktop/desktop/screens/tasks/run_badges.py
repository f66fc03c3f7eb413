"""What a reader must know about a run at a glance, as badges. Plain data, no widget."""

from dataclasses import dataclass
from typing import assert_never

from agentflow_desktop.core.routing import Badge
from agentflow_desktop.desktop.screens.tasks.run_state import RunPhase, RunState
from agentflow_desktop.llm.claims import StopReason
from agentflow_desktop.workflows.ask.citations import number_citations


@dataclass(frozen=True, slots=True)
class BadgeText:
    """A badge's words, tone, icon and longer explanation."""

    text: str
    tone: str
    icon: str
    tip: str = ""


_BADGES = {
    Badge.BUILT_IN: BadgeText(
        "Built-in engine: passages found, not reasoning", "info", "magnifying-glass",
        "No model was asked. These are the passages that match the task best.",
    ),
    Badge.SELF_VERIFIED: BadgeText(
        "Self-verified", "warning", "user",
        "One model wrote the answer and reviewed it. A second model finds more.",
    ),
    Badge.NOT_VERIFIED: BadgeText(
        "Not verified", "warning", "warning-fill", "No second look was taken at this answer."
    ),
    Badge.OTHER_MODEL_SERVED: BadgeText(
        "Another model answered", "warning", "warning-fill",
        "The server answered with a model other than the one that was asked for.",
    ),
    Badge.ESTIMATED_COST: BadgeText(
        "Cost estimated", "warning", "coin", "A server reported no usage."
    ),
    Badge.UNSTRUCTURED: BadgeText(
        "Plain text", "warning", "text-aa",
        "The model did not answer in the form asked for, so no quotes could be checked.",
    ),
    Badge.INCOMPLETE: BadgeText(
        "Incomplete", "warning", "warning-fill",
        "Part of the documents was not read. The answer says which.",
    ),
    Badge.FALLBACK: BadgeText(
        "Fallback asked", "warning", "warning-fill",
        "A model could not be asked. The fallback that settings approve took its place.",
    ),
}  # fmt: skip

_STOPS = {
    StopReason.APPROVED: BadgeText("Approved", "success", "check-circle-fill"),
    StopReason.NO_NEW_ISSUE: BadgeText("No new issue", "success", "check-circle-fill"),
    StopReason.MAX_ITERATIONS: BadgeText("Rounds used up", "neutral", "minus-circle"),
    StopReason.BUDGET: BadgeText("Stopped by the budget", "warning", "warning-fill"),
    StopReason.TIME: BadgeText("Stopped by time", "warning", "clock"),
    StopReason.VERIFICATION_OFF: BadgeText("Verification is off", "neutral", "minus-circle"),
    StopReason.REVIEW_FAILED: BadgeText("Review failed", "warning", "warning-fill"),
    StopReason.REFINE_FAILED: BadgeText("Refinement failed", "warning", "warning-fill"),
    StopReason.NOTHING_FOUND: BadgeText("Nothing found", "neutral", "minus-circle"),
    StopReason.QUOTES_CHECKED: BadgeText("Quotes checked", "success", "check-circle-fill"),
}


def run_badges(run: RunState) -> tuple[BadgeText, ...]:
    """Where the run stands, how its claims stand, and what must be known of it."""
    found = [*_phase_badges(run), *_claim_badges(run)]
    if run.result is not None:
        found.extend(_BADGES[badge] for badge in run.result.badges)
    elif run.route is not None:
        found.extend(_BADGES[badge] for badge in run.route.badges)
    return tuple(found)


def _phase_badges(run: RunState) -> tuple[BadgeText, ...]:
    match run.phase:
        case RunPhase.RUNNING:
            step = run.current_step
            word = step.title if step is not None else "Starting"
            return (BadgeText(word, "accent", "circle-half"),)
        case RunPhase.SUCCEEDED:
            return (_STOPS[run.result.stop_reason],) if run.result is not None else ()
        case RunPhase.FAILED:
            return (BadgeText("Failed", "danger", "warning-circle-fill"),)
        case RunPhase.CANCELLED:
            return (BadgeText("Cancelled", "neutral", "minus-circle"),)
        case RunPhase.INTERRUPTED:
            return (BadgeText("Interrupted", "warning", "minus-circle"),)
        case _:
            assert_never(run.phase)


def _claim_badges(run: RunState) -> tuple[BadgeText, ...]:
    claims = [claim for claim in run.answer.claims if not claim.is_gap] if run.answer else []
    if run.answer is None or not claims:
        return ()
    quoted = sum(1 for claim in claims if claim.is_quoted)
    found: list[BadgeText] = []
    if quoted:
        words = f"{quoted} of {len(claims)} claims quoted"
        tip = "Code found at least one quote for each of these claims in your files."
        found.append(BadgeText(words, "success", "check", tip))
    if quoted < len(claims):
        words = f"{len(claims) - quoted} without a quote"
        found.append(BadgeText(words, "warning", "warning-fill"))
    rejected = len(number_citations(run.answer).rejected)
    if rejected:
        words = f"{rejected} quote{'s' if rejected > 1 else ''} rejected"
        tip = "The model quoted this, but the words do not stand in the file."
        found.append(BadgeText(words, "danger", "prohibit", tip))
    return tuple(found)
