"""What the Settings screen decides, over real files."""

from pathlib import Path

import pytest

from agentflow_desktop.core.settings import Origin
from agentflow_desktop.desktop.screens.settings.pages import SettingsPage, page_of, title_of
from agentflow_desktop.desktop.screens.settings.view_model import SettingRow, SettingsViewModel
from support.setup_doors import SetupDoors

ITERATIONS = "verification.max_iterations"


async def opened(doors: SetupDoors) -> SettingsViewModel:
    model = SettingsViewModel(spawn=doors.spawn, on_changed=doors.note_change, check_pause_s=0)
    model.connect(doors.settings)
    await doors.settle()
    return model


def row(model: SettingsViewModel, key: str = ITERATIONS) -> SettingRow:
    found = model.state.row(key)
    assert found is not None
    return found


async def test_every_setting_that_has_a_value_stands_on_one_page(tmp_path: Path) -> None:
    model = await opened(SetupDoors(tmp_path))
    lines = await SetupDoors(tmp_path).settings.lines()
    assert [r.key for r in model.state.rows] == [line.key for line in lines]
    shown: list[str] = []
    for page in SettingsPage:
        model.show_page(page)
        shown += [r.key for r in model.state.found]
    assert sorted(shown) == sorted(line.key for line in lines)


async def test_a_value_that_is_meant_is_written_and_the_program_is_told(tmp_path: Path) -> None:
    doors = SetupDoors(tmp_path)
    model = await opened(doors)
    model.type(ITERATIONS, "4")
    assert doors.text_of("settings.yaml") == ""
    model.commit(ITERATIONS, "4")
    await doors.settle()
    assert doors.text_of("settings.yaml") == "verification:\n  max_iterations: 4\n"
    assert (row(model).shown, row(model).draft, row(model).is_own) == ("4", None, True)
    assert doors.changes == 1


async def test_a_typed_value_is_checked_in_its_row_and_stays_there(tmp_path: Path) -> None:
    doors = SetupDoors(tmp_path)
    model = await opened(doors)
    model.type(ITERATIONS, "44")
    await doors.settle()
    assert (row(model).shown, row(model).problem) == ("44", "Must be from 1 to 8, is 44.")
    model.commit(ITERATIONS, "44")
    model.refresh()
    await doors.settle()
    assert (row(model).shown, row(model).problem) == ("44", "Must be from 1 to 8, is 44.")
    assert (doors.text_of("settings.yaml"), doors.changes) == ("", 0)
    model.type(ITERATIONS, "2")
    await doors.settle()
    assert (row(model).draft, row(model).problem) == (None, "")


async def test_values_that_only_fit_together_are_written_together(tmp_path: Path) -> None:
    doors = SetupDoors(tmp_path)
    model = await opened(doors)
    model.commit("evaluation.weights.security", "0.35")
    await doors.settle()
    assert "must sum to 1" in row(model, "evaluation.weights.security").problem
    model.commit("evaluation.weights.performance", "0.05")
    await doors.settle()
    assert row(model, "evaluation.weights.security").line.value == "0.35"
    assert row(model, "evaluation.weights.security").problem == ""
    assert row(model, "evaluation.weights.performance").line.value == "0.05"
    assert doors.changes == 1


async def test_a_reset_brings_the_default_back(tmp_path: Path) -> None:
    doors = SetupDoors(tmp_path)
    model = await opened(doors)
    model.commit(ITERATIONS, "4")
    await doors.settle()
    model.reset(ITERATIONS)
    await doors.settle()
    assert row(model).line.origin is Origin.SHIPPED
    assert doors.changes == 2


async def test_what_the_environment_gives_is_read_only(tmp_path: Path) -> None:
    doors = SetupDoors(tmp_path, AGENTFLOW_VERIFICATION__MAX_ITERATIONS="5")
    model = await opened(doors)
    assert row(model).is_given
    model.commit(ITERATIONS, "4")
    await doors.settle()
    assert (row(model).shown, doors.changes) == ("5", 0)


async def test_the_search_finds_words_of_every_page_and_a_subject_leads_to_its_page(
    tmp_path: Path,
) -> None:
    model = await opened(SetupDoors(tmp_path))
    model.search("LIMIT dollars")
    assert {r.key.rpartition(".")[2] for r in model.state.found} >= {
        "daily_limit", "monthly_limit", "per_task_limit",
    }  # fmt: skip
    model.search("no such words")
    assert model.state.found == ()
    model.reveal("production.caching.enabled")
    assert (model.state.page, model.state.searched) == (SettingsPage.CACHE, "")
    assert model.state.revealed == "production.caching.enabled"


async def test_a_file_that_can_not_be_used_is_a_sentence_and_not_an_end(tmp_path: Path) -> None:
    doors = SetupDoors(tmp_path)
    file = tmp_path / "config" / "settings.yaml"
    file.parent.mkdir()
    file.write_text("verification: {max_iterations: 99}", encoding="utf-8")
    model = await opened(doors)
    assert model.state.problem is not None
    assert "must be from 1 to 8, is 99" in model.state.problem.message
    file.unlink()
    model.refresh()
    await doors.settle()
    assert model.state.problem is None
    assert model.state.rows


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("models.request_deadline_s", "Request deadline"),
        ("workflow.max_pdf_pages", "Max PDF pages"),
        ("context_routing.count_exactly_within_pct", "Count exactly within"),
    ],
)
def test_a_setting_is_called_by_its_name_without_the_unit(key: str, title: str) -> None:
    assert title_of(key) == title


def test_a_setting_of_a_new_section_has_a_page_too() -> None:
    assert page_of("novelty.switch") in SettingsPage
