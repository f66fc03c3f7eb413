"""What the self-test needs of a simulated pack: to be started, asked, and let go of."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from agentflow_desktop.hardware.telemetry.messages_table import DownMessage, UpMessage
from agentflow_desktop.workflows.board.model import CampaignLine

PackValues = Mapping[str, tuple[int, ...]]
"""The values of every field of a pack's configuration, whether it keeps the rules or not."""


class PackLink(Protocol):
    """A simulated pack that was just switched on. Its time moves only when it is told to."""

    async def ask(self, message: DownMessage) -> Sequence[UpMessage]:
        """Send a message; gives what came since the last one, what answers it being the last.

        Raises DeviceSilent if no answer comes.
        """
        ...


class SimulatedPacks(Protocol):
    """Starts simulated packs."""

    def switched_on(self, values: PackValues) -> AbstractAsyncContextManager[PackLink]:
        """A new pack whose firmware is built with these values; it ends with the block.

        Raises ToolMissing or DeviceSilent.
        """
        ...

    async def campaign(self, values: PackValues) -> Sequence[CampaignLine]:
        """Every single fault in every state, and how long each took to be safe.

        Raises ToolMissing or DeviceSilent.
        """
        ...
