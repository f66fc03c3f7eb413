"""Every kind of work that the program knows: request type to job, kind to body type."""

from collections.abc import Mapping
from types import MappingProxyType

from agentflow_desktop.core.events import EventCodec, RunEvent, RunSucceeded, StepOutput
from agentflow_desktop.core.history import RunFacts
from agentflow_desktop.workflows.ask.facts import ask_facts
from agentflow_desktop.workflows.ask.model import (
    DRAFT_KIND,
    FILES_KIND,
    FINDINGS_KIND,
    KIND,
    NOTICE_KIND,
    QUESTIONS_KIND,
    REQUEST_KIND,
    REVIEW_KIND,
    STEP_KIND,
    AskDraft,
    AskFiles,
    AskFindings,
    AskNotice,
    AskQuestions,
    AskRequest,
    AskResult,
    AskReview,
    AskStep,
)
from agentflow_desktop.workflows.board import model as board
from agentflow_desktop.workflows.board.facts import board_facts

BODY_TYPES: Mapping[str, type] = MappingProxyType(
    {
        KIND: AskResult,
        REQUEST_KIND: AskRequest,
        FILES_KIND: AskFiles,
        DRAFT_KIND: AskDraft,
        REVIEW_KIND: AskReview,
        QUESTIONS_KIND: AskQuestions,
        STEP_KIND: AskStep,
        FINDINGS_KIND: AskFindings,
        NOTICE_KIND: AskNotice,
        board.KIND: board.SelftestResult,
        board.REQUEST_KIND: board.SelftestRequest,
        board.ROW_KIND: board.SelftestRow,
        board.CAMPAIGN_KIND: board.SelftestCampaign,
    }
)

_BOARD_KINDS = frozenset({board.KIND, board.REQUEST_KIND, board.ROW_KIND, board.CAMPAIGN_KIND})


def run_facts(event: RunEvent) -> RunFacts:
    """What an event of any workflow tells of its run for lists and search."""
    match event:
        case StepOutput(kind=kind) | RunSucceeded(kind=kind) if kind in _BOARD_KINDS:
            return board_facts(event)
        case _:
            return ask_facts(event)


def event_codec() -> EventCodec:
    """The codec that knows the bodies of every workflow."""
    return EventCodec(BODY_TYPES)
