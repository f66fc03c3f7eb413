"""The firmware's own tests on this machine: plain, under the sanitizers, and with every branch of
its core taken."""

import json
import sys
from pathlib import Path

import pytest

from support.firmware_builds import (
    COVERAGE,
    FIRMWARE,
    RELEASE,
    SANITIZED,
    Variant,
    built_tests,
    held,
    require,
    run,
)

CORE = "lib/bms_core/"


# In two parts, which two workers share: days and random packs of the whole firmware, and the rest.
PARTS = {"whole": "--source-file=*/whole_*", "parts": "--source-file-exclude=*/whole_*"}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("variant", [RELEASE, SANITIZED], ids=lambda variant: variant.name)
def test_the_firmwares_own_tests_pass(variant: Variant, part: str, tmp_path: Path) -> None:
    program = built_tests(variant)
    said = run([program, "--no-colors=true", PARTS[part]], cwd=tmp_path)  # they write files
    assert "Status: SUCCESS!" in said
    assert "test cases:    0" not in said


def test_every_branch_of_the_core_is_taken(tmp_path: Path) -> None:
    require("gcov")
    program = built_tests(COVERAGE)
    with held(COVERAGE.folder):
        for counts in COVERAGE.folder.rglob("*.gcda"):
            counts.unlink()
        run([program, "--source-file=*/core_*"], cwd=tmp_path)  # the core's own tests alone
        summary = tmp_path / "coverage.json"
        gcovr = [
            Path(sys.executable).parent / "gcovr",
            "--root",
            FIRMWARE,
            "--filter",
            f".*/{CORE}",
        ]
        run([*gcovr, "--json-summary", summary, COVERAGE.folder])
    found = json.loads(summary.read_text(encoding="utf-8"))
    files = found["files"]
    assert {file["filename"] for file in files} >= {
        path.relative_to(FIRMWARE).as_posix() for path in FIRMWARE.glob(f"{CORE}src/bms/*.cpp")
    }
    missed = {
        file["filename"]: file["branch_total"] - file["branch_covered"]
        for file in files
        if file["branch_covered"] < file["branch_total"]
    }
    assert missed == {}
    assert found["line_covered"] == found["line_total"]
