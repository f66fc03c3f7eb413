"""Every kind of work that the program knows: request type to job, kind to body type."""

from collections.abc import Mapping
from types import MappingProxyType

from agentflow_desktop.core.events import EventCodec, RunEvent
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
    }
)


def run_facts(event: RunEvent) -> RunFacts:
    """What an event of any workflow tells of its run for lists and search."""
    return ask_facts(event)


def event_codec() -> EventCodec:
    """The codec that knows the bodies of every workflow."""
    return EventCodec(BODY_TYPES)
