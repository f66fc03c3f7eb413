"""What is generated from the schemas of the firmware is what the schemas say now."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GENERATOR = ROOT / "firmware_templates/bms_esp32/schema/generate.py"


def outputs() -> list[str]:
    spec = importlib.util.spec_from_file_location("generate", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = [*module.PACK_CONFIG_OUTPUTS.values(), *module.TELEMETRY_OUTPUTS.values()]
    return [*made, module.CONFIGURED_PACK]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    subprocess.run([sys.executable, GENERATOR, folder], check=True, timeout=60)
    return folder


@pytest.mark.parametrize("name", outputs())
def test_a_generated_file_is_kept_as_it_would_be_made(generated: Path, name: str) -> None:
    made, kept = (generated / name).read_bytes(), (ROOT / name).read_bytes()
    assert made == kept, f"{name} is not what the schema says: python3 dev.py generate"


def test_every_template_has_its_output(generated: Path) -> None:
    templates = {path.stem for path in GENERATOR.parent.glob("templates/[!_]*.j2")}
    assert len(templates) + 1 == len(outputs())  # the template of a design stands beside them
    made = {path.relative_to(generated).as_posix() for path in generated.rglob("*.*")}
    assert made == set(outputs())
