"""A design as the firmware is built with it: the text of ``generated/configured_pack.h``."""

import jinja2

from agentflow_desktop.hardware.pack_config import PackConfig, config_hash, values_of


def configured_pack_header(config: PackConfig, template: str) -> str:
    """The header that holds every value of a design and its hash, from its Jinja template.

    Only numbers of a checked configuration are filled in, so nothing of it can be C++.
    """
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (it writes source, no page)
    )
    values = values_of(config)
    return environment.from_string(template).render(
        fields=values.items(), config_hash=config_hash(values)
    )
