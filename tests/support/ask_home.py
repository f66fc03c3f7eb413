"""A person's home with documents and two metered models on a loopback server."""

from pathlib import Path

from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.core.settings import Overrides
from agentflow_desktop.documents.document import Selection
from agentflow_desktop.workflows.ask.model import AskRequest

SHEET = """# LF-Test cell

Charging is prohibited below 0 °C.
Standard charge current is 0.5C, maximum 140 A.
The fuse is rated 200 A.
"""
TASK = "What limits the charge current?"


class AskHome:
    """Folders below ``root``: the program's own, and ``documents`` with one file."""

    def __init__(self, root: Path, base_url: str = "", **settings: str) -> None:
        self.root = root
        self.base_url = base_url
        self.settings = settings
        self.documents = root / "documents"
        self.documents.mkdir(parents=True)
        self.sheet = self.documents / "cell.md"
        self.sheet.write_text(SHEET, encoding="utf-8")
        (root / "config").mkdir()
        if base_url:
            (root / "config" / "models.yaml").write_text(_models(base_url), encoding="utf-8")

    @property
    def environ(self) -> dict[str, str]:
        """What the program is to see as its environment."""
        return {"AGENTFLOW_HOME": str(self.root)}

    def overrides(self, **more: str) -> Overrides:
        roles = {"models.planner": "cheap", "models.heavy": "dear"} if self.base_url else {}
        quick = {"models.stall_timeout_s": "2", "models.request_deadline_s": "20"}
        given = {name.replace("__", "."): text for name, text in {**self.settings, **more}.items()}
        return Overrides(values={**roles, **quick, **given})

    def request(self, task: str = TASK, *, use_cache: bool = True) -> AskRequest:
        return AskRequest(
            task,
            Selection(directories=(self.documents,)),
            task_kind=TaskKind.DOCUMENTS,
            use_cache=use_cache,
        )


def _models(base_url: str) -> str:
    entries = "models:\n"
    for name, model, dollars in (("cheap", "planner-model", "0.1"), ("dear", "heavy-model", "3")):
        entries += f"""  {name}:
    provider: openai_compatible
    model: {model}
    base_url: {base_url}
    window_tokens: 32000
    max_output_tokens: 2000
    billing: metered
    prices:
      - {{effective_from: 2020-01-01, input_usd: {dollars}, output_usd: 7.77}}
"""
    return entries
