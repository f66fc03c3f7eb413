"""The workflow of a question with all that it works with."""

from agentflow_desktop.adapters.configuration import (
    Configuration,
)
from agentflow_desktop.app.parts.models import Models
from agentflow_desktop.app.parts.stores import Stores
from agentflow_desktop.core.clock import Clock
from agentflow_desktop.documents.tokens import Calibration
from agentflow_desktop.llm.caller import ModelCaller
from agentflow_desktop.llm.context_caches import ContextCaching
from agentflow_desktop.llm.conversation import TierParts
from agentflow_desktop.llm.orchestrator import Orchestrator
from agentflow_desktop.llm.route_planner import RoutePlanner
from agentflow_desktop.llm.windows import Windows
from agentflow_desktop.workflows.ask.job import AskJob
from agentflow_desktop.workflows.ask.planning import AskPreparation


def ask_workflow(
    configuration: Configuration,
    stores: Stores,
    models: Models,
    calibration: Calibration,
    clock: Clock,
) -> tuple[AskPreparation, AskJob]:
    """The preparation, which plans as well, and the job."""
    settings = configuration.settings
    caller = ModelCaller(
        ledger=stores.ledger,
        prices=models.prices,
        settings=settings.models,
        prompts=configuration.prompts,
        calibration=calibration,
        clock=clock,
    )
    parts = TierParts(
        roles=models.roles,
        caller=caller,
        prompts=configuration.prompts,
        settings=settings.verification,
        windows=Windows(calibration, settings.context_routing, settings.verification),
        clock=clock,
        concurrent_packs=settings.performance.max_concurrent_tasks,
    )
    routes = RoutePlanner(parts, models.prices)
    preparation = AskPreparation(
        reader=stores.reader,
        routes=routes,
        roles=models.roles,
        prompts=configuration.prompts,
        cache=stores.cache,
        verification=settings.verification,
        routing=settings.context_routing,
        workflow=settings.workflow,
    )
    orchestrator = Orchestrator(parts)
    ask = AskJob(
        preparation=preparation,
        orchestrator=orchestrator,
        context_caching=ContextCaching(stores.ledger, models.prices, clock),
        cache=stores.cache,
        caching=settings.production.caching,
        clock=clock,
    )
    return preparation, ask
