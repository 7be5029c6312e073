"""The templates that stand ready: as the builder makes them, alive, and showing the report's tables."""

from __future__ import annotations

import importlib.util
import os
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.compare import ENGINES, Engine, errors, libreoffice, unlike_book, value_of, values
from tests.engines import Cells, recalculate_ironcalc
from tests.printed_tables import TABLES_1_AND_2, TABLES_3_AND_4, PrintedRow
from xl_qbs.sheets.model import Book, Language
from xl_qbs.sheets.template.plan import BEFORE
from xl_qbs.workbook.template import Request, template_of

FOLDER = Path(__file__).parents[2] / "templates"
LANGUAGES: tuple[Language, ...] = ("en", "et")
STEMS = ("qbs_template", "qbs_four_providers", "efficiency_template", "equity_template")
SLOW = pytest.mark.skipif(os.environ.get("XL_QBS_SLOW") != "1", reason="takes a minute: XL_QBS_SLOW=1 runs it")
NAMES = [f"{name}_{language}.xlsx" for name in STEMS for language in LANGUAGES]


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_templates", FOLDER / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("templates")
    builder.main(folder)
    return folder


@pytest.fixture(scope="module")
def four(builder: ModuleType) -> Request:
    request: Request = builder.four_providers()
    return request


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_there_is_what_the_builder_makes(built: Path, name: str) -> None:
    """Part by part: another version of zlib may pack the same bytes otherwise."""
    made, ready = _parts(built / name), _parts(FOLDER / name)
    assert list(made) == list(ready)
    stale = [part for part in made if made[part] != ready[part]]
    assert not stale, f"{name} is stale in {', '.join(stale)}: run python templates/build.py"


def test_nothing_else_stands_there() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.xlsx")) == sorted(NAMES)


def test_building_again_gives_the_same_bytes(builder: ModuleType, built: Path, tmp_path: Path) -> None:
    name = "qbs_four_providers_et.xlsx"
    builder.make_template(builder.four_providers(), tmp_path / name, language="et")
    assert (tmp_path / name).read_bytes() == (built / name).read_bytes()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_four_providers_in_the_engines(four: Request, engine: Engine, language: Language) -> None:
    path, book = FOLDER / f"qbs_four_providers_{language}.xlsx", template_of(four, language)
    for cells in (values(path), engine(path)):
        assert unlike_book(cells, book) == []
        assert errors(cells, book) == []
    assert value_of(values(path), book, "master") == 1


@pytest.mark.parametrize(
    "engine",
    [
        # Smaller empty ones are calculated by both engines in tests/test_templates_agree.py.
        pytest.param(recalculate_ironcalc, id="ironcalc", marks=SLOW),
        pytest.param(libreoffice, id="libreoffice", marks=pytest.mark.libreoffice),
    ],
)
def test_an_empty_template_shows_no_error_and_no_verdict(engine: Engine) -> None:
    path, book = FOLDER / "qbs_template_en.xlsx", template_of(Request())
    cells = engine(path)
    assert errors(cells, book) == []
    assert {value_of(cells, book, key) for key in book.named if key == "master" or key.startswith("flag_")} == {-1.0}


# The report's tables, cell for cell


@pytest.fixture(scope="module", params=LANGUAGES)
def shown(request: pytest.FixtureRequest, four: Request) -> tuple[Cells, Book]:
    """Return the four providers' template as ironcalc calculates it."""
    cells = recalculate_ironcalc(FOLDER / f"qbs_four_providers_{request.param}.xlsx")
    return cells, template_of(four, request.param)


def _number(shown: tuple[Cells, Book], key: str, row: int = 0, column: int = 0) -> float:
    value = value_of(*shown, key, row, column)
    assert isinstance(value, float | int)
    return float(value)


def test_tables_1_and_2(shown: tuple[Cells, Book]) -> None:
    for row, printed in enumerate(TABLES_1_AND_2):
        assert value_of(*shown, "code_input", row) == printed.code
        assert _number(shown, "points_input", row) == printed.points
        assert _number(shown, "required_input", row) == float(printed.required_coverage)
        assert _number(shown, "own_weight_input", row) == printed.pc_weight


@pytest.mark.parametrize("printed", TABLES_3_AND_4, ids=lambda one: f"{one.year} {one.provider}")
def test_tables_3_and_4(shown: tuple[Cells, Book], printed: PrintedRow) -> None:
    scope = BEFORE if printed.year == 2018 else ""
    row = "ABCD".index(printed.provider)

    def number(key: str) -> float:
        return _number(shown, scope + key, row)

    assert value_of(*shown, f"{scope}provider", row) == printed.provider
    assert number("target") == printed.target
    assert number("done") == printed.done
    assert round(100 * number("coverage")) == printed.unadjusted_percent
    assert _number(shown, "points_input") == printed.current_weight
    assert number("current_score") == printed.current_score
    assert round(100 * number("adjusted")) == printed.adjusted_percent
    assert _number(shown, f"{scope}weight") == printed.pc_weight
    assert round(number("need_score")) == printed.pc_adjusted_score
