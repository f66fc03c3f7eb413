"""The events of a run as lines on stderr, as they come."""

from collections.abc import Sequence

from agentflow_desktop.cli.plan import file_counts, route_lines
from agentflow_desktop.cli.selftest import failure_text
from agentflow_desktop.cli.terminal import Terminal
from agentflow_desktop.cli.wording import count
from agentflow_desktop.core.events import (
    CostRecorded,
    RouteChosen,
    RunCancelled,
    RunEnded,
    RunEvent,
    RunFailed,
    RunStarted,
    RunSucceeded,
    StepOutput,
    StepProgress,
    StepStarted,
    TextDelta,
)
from agentflow_desktop.core.money import format_usd
from agentflow_desktop.documents.document import FileState
from agentflow_desktop.llm.claims import PlannedQuestion, Review
from agentflow_desktop.workflows.ask.citations import number_citations
from agentflow_desktop.workflows.ask.model import (
    AskDraft,
    AskFiles,
    AskFindings,
    AskNotice,
    AskQuestions,
    AskRequest,
    AskReview,
    AskStep,
    FileLine,
)
from agentflow_desktop.workflows.board.model import SelftestRow, Verdict

_SKIPPED_SHOWN = 10


class Progress:
    """Writes what a person wants to know while a run goes on; nothing if ``is_quiet``."""

    def __init__(self, terminal: Terminal, *, is_quiet: bool) -> None:
        self._terminal = terminal
        self._is_quiet = is_quiet
        self._is_streaming = False
        self._titles: dict[str, str] = {}  # of steps, which may go on at the same time
        self._latest_step = ""

    def show(self, event: RunEvent) -> None:
        """One event, in its own words."""
        if self._is_quiet:
            return
        if not isinstance(event, TextDelta):
            self._end_stream()
        match event:
            case RouteChosen():
                self._terminal.note("\n".join(route_lines(event.route)))
            case StepStarted():
                self._titles[event.step_id] = event.title
                self._latest_step = event.step_id
                self._terminal.note(f"- {_titled(event)}")
            case StepProgress():
                self._terminal.status(f"  {_amount(event)}")
            case TextDelta():
                self._stream(event)
            case StepOutput():
                self._show_output(event)
            case CostRecorded():
                self._show_attempt(event)
            case RunStarted() | RunSucceeded() | RunFailed() | RunCancelled():
                self._terminal.clear_status()

    @staticmethod
    def show_cost(terminal: Terminal, ended: RunEnded) -> None:
        """What the run cost, how long it took, and the name it is kept under."""
        cost = format_usd(ended.cost_usd)
        terminal.note(f"Cost {cost}, {ended.duration_s:.1f} s, {ended.run_id}")

    def _show_output(self, event: StepOutput) -> None:
        match event.body:
            case AskRequest():
                self._show_earlier(event.body)
            case AskFiles(files):
                self._show_files(files)
            case AskDraft():
                self._show_draft(event, event.body)
            case AskReview(review=review):
                self._show_review(review)
            case AskQuestions(questions):
                self._show_questions(questions)
            case AskStep():
                self._show_step(event.body)
            case AskFindings(findings):
                quotes = [e for finding in findings for e in finding.claim.evidence]
                rejected = [e for finding in findings for e in finding.claim.rejected]
                said = count(len(findings), "finding")
                self._show_quoted(event, said, len(quotes), len(rejected))
            case SelftestRow(verdict=Verdict.FAILED):
                self._terminal.note(f"  {failure_text(event.body)}")
            case AskNotice(message):
                self._terminal.note(f"! {message}")
            case _:
                pass  # the request: the person knows what they asked

    def _show_earlier(self, request: AskRequest) -> None:
        for exchange in request.earlier:
            self._terminal.note(f"  asked before: {exchange.question}")

    def _show_files(self, files: Sequence[FileLine]) -> None:
        self._terminal.note(f"  {file_counts(files)}")
        failed = [line for line in files if line.state is FileState.FAILED]
        for line in failed:
            self._terminal.note(f"  {line.name}: {line.reason}")
        if any(line.state is FileState.READ for line in files):
            return
        skipped = [line for line in files if line.state is FileState.SKIPPED]
        for line in skipped[:_SKIPPED_SHOWN]:  # nothing was read: this is why
            self._terminal.note(f"  {line.name}: {line.reason}")

    def _show_draft(self, event: StepOutput, draft: AskDraft) -> None:
        found = number_citations(draft.answer)
        said = count(sum(not claim.is_gap for claim in draft.answer.claims), "claim")
        self._show_quoted(event, said, len(found.quotes), len(found.rejected))
        for response in draft.responses:
            self._terminal.note(f"  {response.stance.value}: {response.reason}")

    def _show_quoted(self, event: StepOutput, said: str, quotes: int, rejected: int) -> None:
        line = f"  {said}, {count(quotes, 'quote')} found in the files"
        line += f", {rejected} rejected" if rejected else ""
        self._terminal.note(f"{line}{self._of_step(event)}")

    def _of_step(self, event: StepOutput | CostRecorded) -> str:
        """Which step a line is of, where that is not the one that stands last."""
        is_latest = event.step_id == self._latest_step
        title = self._titles.get(event.step_id, "")
        return "" if is_latest or not title else f" ({title})"

    def _show_review(self, review: Review) -> None:
        issues = count(len(review.open_issues), "issue")
        self._terminal.note(f"  verdict: {review.verdict.value}, {issues}")
        for issue in review.open_issues:
            self._terminal.note(f"  {issue.severity.value}: {issue.why}")
        self._show_questions(review.questions)

    def _show_step(self, step: AskStep) -> None:
        self._terminal.note(f"  step {step.number}: {step.tool}: {step.sub_goal}")
        if step.reason:
            self._terminal.note(f"  because: {' '.join(step.reason.split())}")
        if step.refusal:
            self._terminal.note(f"  not done: {step.refusal}")

    def _show_questions(self, questions: Sequence[PlannedQuestion]) -> None:
        for question in questions:
            self._terminal.note(f"  {question.question_id}: {question.text}")

    def _show_attempt(self, event: CostRecorded) -> None:
        if not event.input_tokens and not event.output_tokens:
            self._terminal.note(f"  no reply, {format_usd(event.cost_usd)}")
            return
        estimated = " (estimated)" if event.is_estimated else ""
        served = ""
        if event.served_model and event.served_model != event.model:
            served = f", by {event.served_model}"
        self._terminal.note(
            f"  {count(event.input_tokens, 'token')} in, {event.output_tokens:,} out, "
            f"{format_usd(event.cost_usd)}{estimated}{served}{self._of_step(event)}"
        )

    def _stream(self, event: TextDelta) -> None:
        if not self._terminal.is_rich_err:
            return
        if event.restart:
            self._end_stream()
            self._terminal.note("  (from the beginning)")
        if event.text:
            self._terminal.clear_status()
            self._terminal.stream(event.text)
            self._is_streaming = True

    def _end_stream(self) -> None:
        if self._is_streaming:
            self._is_streaming = False
            self._terminal.stream("\n")


def _titled(event: StepStarted) -> str:
    return f"{event.title} ({event.role.value}: {event.model})" if event.role else event.title


def _amount(event: StepProgress) -> str:
    of = f" of {event.total:,}" if event.total is not None else ""
    return f"{event.done:,}{of} {event.unit}"
