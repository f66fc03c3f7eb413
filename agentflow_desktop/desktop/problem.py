"""An error as a person sees it, in the place that it concerns."""

from dataclasses import dataclass

from agentflow_desktop.core.errors import AgentFlowError


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence, and the next action."""

    message: str
    hint: str = ""

    @property
    def words(self) -> str:
        """Both in one line."""
        return f"{self.message} {self.hint}".strip()


def problem_of(error: AgentFlowError) -> Problem:
    """The problem that the error tells of."""
    return Problem(error.message, error.hint)
