"""What the page of models knows of a probe: its price, that it goes on, what it found. No Qt."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.money import ZERO_USD, exact_usd
from agentflow_desktop.llm.probe_report import ProbeReport


class ProbesDoor(Protocol):
    """What the page uses of the door for probes."""

    async def probe_price(self, name: str) -> Decimal: ...
    async def probe(self, name: str) -> ProbeReport: ...
    async def keep_probe(self, report: ProbeReport) -> Path | None: ...


@dataclass(frozen=True, slots=True)
class ProbeState:
    """A probe of the form's model. ``at_most_usd`` waits for the person's consent to that price;
    ``kept`` says where the report's changes went, ``problem`` why it or they did not come about."""

    at_most_usd: Decimal = ZERO_USD
    is_going_on: bool = False
    report: ProbeReport | None = None
    problem: str = ""
    kept: str = ""

    @property
    def awaits_consent(self) -> bool:
        return self.at_most_usd > 0

    @property
    def price_words(self) -> str:
        """What consent is asked for."""
        return (
            "To find out what its server can do, this model is asked two short questions, for"
            f" {exact_usd(self.at_most_usd)} at most."
        )

    @property
    def can_be_kept(self) -> bool:
        """models.yaml says other than what was found, and nobody has written it yet."""
        return self.report is not None and bool(self.report.changes) and not self.kept


async def priced(door: ProbesDoor, name: str) -> ProbeState:
    """A probe that waits for consent to its price, or goes on if it costs nothing."""
    try:
        price_usd = await door.probe_price(name)
    except AgentFlowError as error:
        return ProbeState(problem=_sentence(error))
    return ProbeState(at_most_usd=price_usd) if price_usd else ProbeState(is_going_on=True)


async def probed(door: ProbesDoor, name: str) -> ProbeState:
    """What the probe found."""
    try:
        return ProbeState(report=await door.probe(name))
    except AgentFlowError as error:
        return ProbeState(problem=_sentence(error))


async def kept(door: ProbesDoor, report: ProbeReport) -> ProbeState:
    """The report once its changes are written, or with the reason why they are not."""
    try:
        copy = await door.keep_probe(report)
    except AgentFlowError as error:
        return ProbeState(report=report, problem=_sentence(error))
    words = "Written into models.yaml."
    return ProbeState(
        report=report, kept=f"{words} The file as it was is kept as {copy}." if copy else words
    )


def _sentence(error: AgentFlowError) -> str:
    return f"{error.message} {error.hint}".strip()
