"""The options that describe a model, and the draft that they make."""

from datetime import date
from typing import Annotated

import typer

from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.llm.model_entries import ModelDraft, PriceDraft
from agentflow_desktop.llm.provider import Billing, ProviderKind

_MODEL = typer.Option("--model", help="The name that the server knows.")
_PROVIDER = typer.Option("--provider", help="How it is spoken to.")
ModelOption = Annotated[str, _MODEL]
NewModelOption = Annotated[str | None, _MODEL]
ProviderOption = Annotated[ProviderKind, _PROVIDER]
NewProviderOption = Annotated[ProviderKind | None, _PROVIDER]
AddressOption = Annotated[
    str | None, typer.Option("--address", help="Its address, e.g. http://127.0.0.1:8000/v1.")
]
KeyNameOption = Annotated[str | None, typer.Option("--key-name", help="Name of the key it needs.")]
KeyEnvOption = Annotated[
    str | None, typer.Option("--key-env", help="Environment variable that also holds the key.")
]
WindowOption = Annotated[
    str | None, typer.Option("--window", help="Most tokens of prompt and reply together.")
]
MaxOutputOption = Annotated[
    str | None, typer.Option("--max-output", help="Most tokens of a reply.")
]
BillingOption = Annotated[Billing | None, typer.Option("--billing", help="free or metered.")]
PriceOption = Annotated[
    str | None,
    typer.Option(
        "--price", metavar="IN/OUT[/CACHED]", help="US dollars per million tokens from today on."
    ),
]


def draft_of(
    name: str,
    *,
    provider: ProviderKind | None,
    model: str | None,
    address: str | None,
    key_name: str | None,
    key_env: str | None,
    window: str | None,
    max_output: str | None,
    billing: Billing | None,
    price: str | None,
) -> ModelDraft:
    """The draft with the fields that were given. Raises InputRefused for a price that is none."""
    given = {
        "provider": provider,
        "model": model,
        "base_url": address,
        "key_name": key_name,
        "key_env": key_env,
        "window_tokens": window,
        "max_output_tokens": max_output,
        "billing": billing,
    }
    fields = {field: str(value) for field, value in given.items() if value is not None}
    today = SystemClock().now().astimezone().date()
    return ModelDraft(name, fields, None if price is None else _price_of(price, today))


def _price_of(text: str, today: date) -> PriceDraft:
    parts = [part.strip() for part in text.split("/")] if text.strip() else ["", ""]
    if len(parts) not in (2, 3):
        raise InputRefused(
            f"{text} is no price.", hint="Write dollars in and out, e.g. --price 0.30/2.50."
        )
    return PriceDraft(today, *parts)
