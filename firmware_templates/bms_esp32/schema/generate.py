"""Writes what follows from the schemas beside it: C++ headers, Python modules and documentation.

    python firmware_templates/bms_esp32/schema/generate.py [FOLDER]

Owns no field: those are in pack_config.yaml and telemetry.yaml. With FOLDER it writes there, with
the same paths below it, which is how a test compares what is kept with what would be made.
"""

import sys
from pathlib import Path
from typing import Any

import jinja2
import yaml

SCHEMA = Path(__file__).resolve().parent
ROOT = SCHEMA.parents[2]
FIRMWARE = "firmware_templates/bms_esp32"

HARDWARE = "agentflow_desktop/hardware"

# Template and the file it makes, from the root of the project.
PACK_CONFIG_OUTPUTS = {
    "pack_config.h.j2": f"{FIRMWARE}/lib/bms_core/src/bms/pack_config.h",
    "pack_fields.py.j2": f"{HARDWARE}/pack_fields_table.py",
    "pack_config.md.j2": "docs/firmware/pack-config.md",
}
TELEMETRY_OUTPUTS = {
    "names.h.j2": f"{FIRMWARE}/lib/bms_core/src/bms/names.h",
    "messages.h.j2": f"{FIRMWARE}/lib/telemetry/src/telemetry/messages.h",
    "sim_messages.h.j2": f"{FIRMWARE}/sim/sim_messages.h",
    "names.py.j2": f"{HARDWARE}/telemetry/names_table.py",
    "messages.py.j2": f"{HARDWARE}/telemetry/messages_table.py",
    "telemetry.md.j2": "docs/firmware/telemetry.md",
}
CONFIGURED_PACK = f"{FIRMWARE}/include/generated/configured_pack.h"
TYPE_BYTES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "i16": 2, "i32": 4, "char": 1}
FIELD_DEFAULTS = {"length": 1, "unit": "", "why": "", "enum": "", "set": False, "bits": []}
# Python's names where those of the schema are taken by the language.
PYTHON_NAMES = {"Warning": "PackWarning"}
STRUCT_CODES = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i16": "h", "i32": "i", "char": "s"}
CPP_TYPES = {
    **{name: f"{'u' * (name[0] == 'u')}int{name[1:]}_t" for name in TYPE_BYTES if name != "char"},
    "char": "char",
}


def load(name: str) -> Any:
    return yaml.safe_load((SCHEMA / name).read_text(encoding="utf-8"))


def pascal(name: str) -> str:
    """``cell_ov_trip_mv`` as ``CellOvTripMv``."""
    return "".join(part.capitalize() for part in name.split("_"))


def complete_field(field: dict[str, Any], word: int) -> dict[str, Any]:
    """A field with what its short form leaves out: length, and numbers for choices."""
    choices = field.get("choices", [])
    default = field["default"]
    full = {"length": 1, "choices": choices, **field, "word": word}
    if choices:
        full |= {"min": 0, "max": len(choices) - 1, "default": choices.index(default)}
    full["defaults"] = default if isinstance(default, list) else [full["default"]]
    if len(full["defaults"]) != full["length"]:
        raise ValueError(f"{field['name']}: {len(full['defaults'])} defaults")
    if not all(full["min"] <= value <= full["max"] for value in full["defaults"]):
        raise ValueError(f"{field['name']}: a default is outside its range")
    return full


def parse_rule(text: str) -> dict[str, Any]:
    """``a + b <= c`` as its parts."""
    sign = "<=" if "<=" in text else "<"
    left, right = text.split(sign)
    terms = {
        side: [name.strip() for name in part.split("+")]
        for side, part in (("left", left), ("right", right))
    }
    return {"text": text, "sign": sign, **terms}


def pack_config() -> dict[str, Any]:
    schema = load("pack_config.yaml")
    word = 0
    groups: list[dict[str, Any]] = []
    for group in schema["groups"]:
        fields: list[dict[str, Any]] = []
        for field in group["fields"]:
            fields.append(complete_field(field, word))
            word += fields[-1]["length"]
        groups.append({"title": group["title"], "fields": fields})
    rules = [parse_rule(text) for text in schema["ordering"]]
    return {
        "version": schema["version"],
        "groups": groups,
        "fields": [field for group in groups for field in group["fields"]],
        "words": word,
        "rules": rules,
        "terms": max(len(rule[side]) for rule in rules for side in ("left", "right")),
        "ascending": schema["ascending"],
    }


def flat(fields: list[Any]) -> list[dict[str, Any]]:
    """A message's fields, with those that it shares with another in their place."""
    found: list[dict[str, Any]] = []
    for field in fields:
        if isinstance(field, list):
            found += flat(field)
        else:
            found.append({**FIELD_DEFAULTS, **field})
    return found


def telemetry() -> dict[str, Any]:
    schema = load("telemetry.yaml")
    messages: list[dict[str, Any]] = []
    for message in schema["messages"]:
        fields = flat(message["fields"])
        size = sum(TYPE_BYTES[field["type"]] * field["length"] for field in fields)
        layout = "".join(struct_code(field) for field in fields)
        python = python_fields(message["name"], fields)
        messages.append(
            {**message, "fields": fields, "size": size, "layout": layout, "python": python}
        )
    enums = [
        {**enum, "python": PYTHON_NAMES.get(enum["name"], enum["name"])} for enum in schema["enums"]
    ]
    kinds = {field["kind"] for message in messages for field in message["python"]}
    return {
        "version": schema["version"],
        "enums": enums,
        "messages": messages,
        "kinds": kinds,
        "cpp_types": CPP_TYPES,
    }


def struct_code(field: dict[str, Any]) -> str:
    """A field in the language of Python's ``struct``."""
    count = str(field["length"]) if field["length"] > 1 else ""
    return count + STRUCT_CODES[field["type"]]


def python_fields(message: str, fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How Python holds each field, takes it out of the unpacked values, and gives it back."""
    made: list[dict[str, Any]] = []
    at = 0
    for field in fields:
        name, value = field["name"], f"values[{at}]"
        width = 1 if field["type"] == "char" else field["length"]
        if field["type"] == "char":
            kind, read, given = "str", f"_text({value})", f'self.{name}.encode("ascii")'
        elif width > 1:
            kind, given = "tuple[int, ...]", f"*self.{name}"
            read = f"values[{at}:{at + width}]"
        elif field["bits"]:
            kind, given = message + pascal(name), f"self.{name}"
            read = f"{kind}({value})"
        elif field["enum"] and not field["set"]:
            kind, given = PYTHON_NAMES.get(field["enum"], field["enum"]), f"self.{name}"
            read = f"{kind}({value})"
        elif name.startswith("is_"):
            kind, read, given = "bool", f"bool({value})", f"self.{name}"
        else:
            kind, read, given = "int", value, f"self.{name}"
        made.append({**field, "kind": kind, "read": read, "given": given})
        at += width
    return made


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]) if arguments else ROOT
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SCHEMA / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (it writes source, no page)
    )
    environment.filters["pascal"] = pascal
    kinds = ((PACK_CONFIG_OUTPUTS, pack_config()), (TELEMETRY_OUTPUTS, telemetry()))
    for outputs, context in kinds:
        for template, output in outputs.items():
            write(root / output, environment.get_template(template).render(context))
    write(root / CONFIGURED_PACK, reference_pack_header())
    return 0


def write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def reference_pack_header() -> str:
    """The settings that the firmware in this folder is built with: the reference pack."""
    # Imported late: it rests on a table that was written a moment ago.
    from agentflow_desktop.hardware.configured_pack import configured_pack_header  # noqa: PLC0415
    from agentflow_desktop.hardware.pack_config import PackConfig  # noqa: PLC0415

    template = SCHEMA.parent / "generated" / "configured_pack.h.j2"
    return configured_pack_header(PackConfig(), template.read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
