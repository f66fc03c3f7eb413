"""What a step's line says: what came of it, tokens, time, cost. Plain text, no widget."""

from collections import Counter
from datetime import datetime
from typing import assert_never

from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.routing import StepTool
from agentflow_desktop.desktop.formatting import format_count, format_duration, plural
from agentflow_desktop.desktop.screens.tasks.run_state import StepPhase, StepState
from agentflow_desktop.documents.document import FileState
from agentflow_desktop.llm.claims import Review, Stance
from agentflow_desktop.workflows.ask.model import (
    AskDraft,
    AskFiles,
    AskFindings,
    AskQuestions,
    AskReview,
    AskStep,
)

_STANCES = {
    Stance.REFINE: "accepts",
    Stance.DEFEND: "defends against",
    Stance.HYBRID: "takes part of",
}
_TOOLS = {
    StepTool.SUMMARISE: "summarise the documents",
    StepTool.EXTRACT: "look passages up in the files",
    StepTool.ASK_HEAVY: "have the heavy model read",
    StepTool.VERIFY: "have the findings reviewed",
    StepTool.ANSWER: "write the answer",
}
_NO_CONTEXT = frozenset({"", "none", "none needed", "n/a", "-"})  # how planners say it


def step_summary(step: StepState) -> str:
    """What the step gave, in a few words: ``asks 5 questions``; empty while it gave nothing."""
    output = step.output
    match output:
        case None | AskFiles():
            return ""
        case AskQuestions():
            count = len(output.questions)
            return f"asks {count} {plural(count, 'question')}"
        case AskStep():
            goal = " ".join(output.sub_goal.split()).rstrip(".")
            words = f"{_TOOLS[output.tool]}: {goal}"
            return f"not done: {words}" if output.refusal else words
        case AskFindings():
            return _findings_words(output)
        case AskReview():
            return review_words(output.review)
        case AskDraft():
            return _draft_words(output)
        case _:
            assert_never(output)


def step_lines(step: AskStep) -> list[tuple[str, str]]:
    """What a planner chose to do next, as name and text: tool, sub-goal, why."""
    chosen = _TOOLS[step.tool]
    lines = [("Next", f"{chosen[0].upper()}{chosen[1:]}."), ("To find out", step.sub_goal)]
    if step.reason:
        lines.append(("Because", step.reason))
    if step.context.strip().casefold().rstrip(".") not in _NO_CONTEXT:
        lines.append(("Given with it", step.context))
    return lines


def review_words(review: Review) -> str:
    """``1 issue, 2 follow-ups``."""
    count = len(review.open_issues)
    words = f"{count} {plural(count, 'issue')}" if count else "no issue"
    rejected = len(review.issues) - count
    if rejected:
        words += f", {rejected} dropped"
    asked = len(review.questions)
    return f"{words}, {asked} {plural(asked, 'follow-up')}" if asked else words


def _findings_words(output: AskFindings) -> str:
    claims = [finding.claim for finding in output.findings]
    if not claims:
        return "found nothing"
    quotes = sum(len(claim.evidence) for claim in claims)
    words = f"{len(claims)} {plural(len(claims), 'finding')}, {quotes} {plural(quotes, 'quote')}"
    rejected = sum(len(claim.rejected) for claim in claims)
    return f"{words}, {rejected} rejected" if rejected else words


def _draft_words(output: AskDraft) -> str:
    stances = Counter(response.stance for response in output.responses)
    if stances:
        return ", ".join(
            f"{_STANCES[stance]} {count} {plural(count, 'issue')}"
            for stance, count in stances.items()
        )
    claims = [claim for claim in output.answer.claims if not claim.is_gap]
    quoted = sum(1 for claim in claims if claim.is_quoted)
    return f"{quoted} of {len(claims)} claims quoted" if claims else ""


def step_facts(step: StepState, now: datetime) -> str:
    """Files or parts done, tokens, time."""
    parts: list[str] = []
    if step.unit and step.total is not None:
        parts.append(f"{step.done} of {step.total} {step.unit}")
    elif isinstance(step.output, AskFiles):
        read = sum(1 for f in step.output.files if f.state is FileState.READ)
        parts.append(f"{read} {plural(read, 'file')}")
    if step.input_tokens or step.output_tokens:
        parts.append(f"{format_count(step.input_tokens)} in")
        parts.append(f"{format_count(step.output_tokens)} out")
    elif step.phase is StepPhase.RUNNING and step.text:
        parts.append("writing")
    parts.append(format_duration(step.duration_s(now)))
    return ", ".join(parts)


def step_cost(step: StepState) -> str:
    """Empty for a step that asks no model."""
    if not step.model:
        return ""
    about = "about " if step.is_estimated and step.cost_usd else ""
    return f"{about}{format_usd(step.cost_usd)}"


def wants_attention(step: StepState) -> bool:
    """The program noted something at it, or did not do what it chose."""
    return bool(step.notices) or (isinstance(step.output, AskStep) and bool(step.output.refusal))


def has_body(step: StepState) -> bool:
    """There is more to the step than its line."""
    if step.notices:
        return True
    match step.output:
        case None:
            return False
        case AskFiles(files):
            return any(file.state is not FileState.READ for file in files)
        case AskQuestions(questions):
            return bool(questions)
        case AskFindings(findings):
            return bool(findings)
        case AskStep() | AskReview():
            return True
        case AskDraft():
            has_gaps = step.output.answer.has_gaps
            return has_gaps or bool(step.output.responses or step.output.answer.rejected)
        case _:
            assert_never(step.output)
