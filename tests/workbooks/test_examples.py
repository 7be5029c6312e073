"""The example workbooks: rebuilt from the seed, alive, and as near the real system as README.md says."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import python_calamine
from numpy.typing import NDArray

from tests.engines import Cells, recalculate_ironcalc, recalculate_libreoffice, stored_values
from xl_qbs.scheme import preset, scheme_from_rows

Array = NDArray[np.float64]

SCHEME = preset("qbs-2018")
CODES = SCHEME.codes
YEARS = (2023, 2024)
FIRST_ROW = 10
FUND = [f"fund_workbook_{year}.xlsx" for year in YEARS]
REPORT = {"four_providers.xlsx": "Table 3 (2018)", "four_providers_next_year.xlsx": "Table 4 (2019)"}

# The real targets' mean, standard deviation and largest value; the two infarction treatments as monitoring.
INFARCTION = (26, 16, 83)
REAL_TARGETS = {
    "diab": (85, 47, 270),
    "diabr": (72, 39, 214),
    "hyp1": (128, 90, 534),
    "hyp2": (218, 142, 725),
    "hyp3": (50, 51, 427),
    "hypr1": (3086, 1543, 8140),
    "hypr2": (268, 162, 772),
    "inf": INFARCTION,
    "infr1": INFARCTION,
    "infr2": INFARCTION,
    "e032": (64, 37, 307),
}
# The real loadings of 2019, in the scheme's order.
REAL_LOADINGS = np.array([0.407, 0.073, 0.398, 0.404, 0.397, 0.087, 0.141, 0.401, 0.068, 0.101, 0.382])
MONITORING = [code in ("diab", "hyp1", "hyp2", "hyp3", "inf", "e032") for code in CODES]


@dataclass(frozen=True)
class Fund:
    """One year as it stands in the file; counts of shape (lists, indicators)."""

    ids: tuple[str, ...]
    target: Array
    done: Array
    total: Array

    @property
    def coverage(self) -> Array:
        return np.divide(self.done, self.target, out=np.full(self.target.shape, np.nan), where=self.target > 0)


@pytest.fixture(scope="module")
def funds(examples: Path) -> dict[int, Fund]:
    return {year: _read_fund(examples / f"fund_workbook_{year}.xlsx", year) for year in YEARS}


@pytest.fixture(scope="module")
def rebuilt(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rebuilt")
    subprocess.run([sys.executable, str(examples / "build.py"), str(folder)], check=True)
    return folder


def _rows(path: Path, sheet: str) -> list[list[object]]:
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def _read_fund(path: Path, year: int) -> Fund:
    rows = _rows(path, f"Andmed {year}")
    first = rows[FIRST_ROW - 1].index("Sihtrühm\nTarget")
    body = [row for row in rows[FIRST_ROW:] if re.fullmatch(r"N\d{4}", str(row[0]))]
    # A blank coverage is a text; only the counts and the total are read here.
    counts = [[row[first + 4 * place + offset] for place in range(len(CODES))] for row in body for offset in (0, 1)]
    table = np.array(counts, dtype=float)
    total = rows[FIRST_ROW - 1].index("II valdkond kokku\nDomain II total")
    ids = tuple(str(row[0]) for row in body)
    return Fund(ids, table[::2], table[1::2], np.array([row[total] for row in body], dtype=float))


# Built from the seed


@pytest.mark.parametrize("name", [*FUND, *REPORT])
def test_rebuilding_gives_the_same_workbook(examples: Path, rebuilt: Path, name: str) -> None:
    """Everything in the archive but how zlib packed it, which depends on zlib's maker."""
    assert _archive(rebuilt / name) == _archive(examples / name)


def _archive(path: Path) -> list[tuple[object, ...]]:
    with zipfile.ZipFile(path) as archive:
        return [
            (part.filename, part.date_time, part.external_attr, part.compress_type, archive.read(part))
            for part in archive.infolist()
        ]


def test_rebuilding_gives_the_same_weights(examples: Path, rebuilt: Path) -> None:
    assert (rebuilt / "pc_weights_2018.csv").read_bytes() == (examples / "pc_weights_2018.csv").read_bytes()


def test_building_twice_gives_the_same_bytes(examples: Path, rebuilt: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(examples / "build.py"), str(tmp_path)], check=True)
    again = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert again == {path.name: path.read_bytes() for path in rebuilt.iterdir()}
    assert sorted(again) == sorted([*FUND, *REPORT, "pc_weights_2018.csv"])


@pytest.mark.parametrize("name", [*FUND, *REPORT])
def test_files_are_small(examples: Path, name: str) -> None:
    assert (examples / name).stat().st_size < 500_000


def test_the_script_reads_no_data(examples: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in examples.glob("*.py"))
    assert "shared" not in text
    assert "read_csv" not in text


# The lists


def test_lists(funds: dict[int, Fund]) -> None:
    first, second = (funds[year].ids for year in YEARS)
    assert first == tuple(f"N{number:04d}" for number in range(1, 788))
    assert (len(second), len(set(first) & set(second))) == (790, 780)
    assert list(second) == sorted(second)


def test_one_list_did_more_than_there_was_to_do(funds: dict[int, Fund]) -> None:
    assert [int((funds[year].done > funds[year].target).sum()) for year in YEARS] == [1, 0]


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("code", ["hyp3", "inf"])
def test_a_handful_of_lists_has_no_target(funds: dict[int, Fund], year: int, code: str) -> None:
    assert 1 <= (funds[year].target[:, CODES.index(code)] == 0).sum() <= 16


def test_no_list_is_a_real_one(funds: dict[int, Fund], shared: Path) -> None:
    with (shared / "data" / "qbs_2019_2020.csv").open(encoding="utf-8") as file:
        real = {tuple(float(row[f"{code}_{part}"]) for part in "ab" for code in CODES) for row in csv.DictReader(file)}
    drawn = {tuple(row) for fund in funds.values() for row in np.hstack([fund.target, fund.done]).tolist()}
    assert len(real) > 1500
    assert not real & drawn


# As near the real system as README.md says


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("code", CODES)
def test_target_populations(funds: dict[int, Fund], year: int, code: str) -> None:
    mean, sd, largest = REAL_TARGETS[code]
    target = funds[year].target[:, CODES.index(code)]
    assert target.mean() == pytest.approx(mean, rel=0.10)
    assert target.std(ddof=1) == pytest.approx(sd, rel=0.10)
    assert target.max() == pytest.approx(largest, rel=0.25)


@pytest.mark.parametrize("year", YEARS)
def test_first_component(funds: dict[int, Fund], year: int) -> None:
    share, loadings = _first_component(funds[year])
    assert share == pytest.approx(0.52, abs=0.02)
    assert loadings[MONITORING] == pytest.approx(REAL_LOADINGS[MONITORING], abs=0.02)
    treatment = loadings[np.logical_not(MONITORING)]
    assert treatment.min() > 0.04
    assert treatment.max() < 0.18


def _first_component(fund: Fund) -> tuple[float, Array]:
    complete = fund.coverage[~np.isnan(fund.coverage).any(axis=1)]
    values, vectors = np.linalg.eigh(np.corrcoef(complete.T))
    loadings = vectors[:, -1] * np.sign(vectors[:, -1].sum())
    return values[-1] / len(CODES), loadings


@pytest.mark.parametrize("year", YEARS)
def test_scores_cluster_near_nothing_and_near_the_maximum(funds: dict[int, Fund], year: int) -> None:
    total = funds[year].total / SCHEME.total
    assert (total < 0.2).mean() > 0.2
    assert (total >= 0.8).mean() > 0.4
    assert ((total >= 0.2) & (total < 0.8)).mean() < 0.25


def test_coverage_falls_as_the_target_grows(funds: dict[int, Fund]) -> None:
    """For hypertension at low risk it does not, nor does it in reality."""
    from scipy.stats import spearmanr

    fund = funds[2023]
    slopes = {
        code: spearmanr(fund.target[:, place], fund.coverage[:, place], nan_policy="omit").statistic
        for place, code in enumerate(CODES)
    }
    assert max(slope for code, slope in slopes.items() if code != "hyp1") < -0.05


def test_second_year_follows_from_the_first_and_is_lower(funds: dict[int, Fund]) -> None:
    first, second = (funds[year] for year in YEARS)
    both = sorted(set(first.ids) & set(second.ids))
    before = first.coverage[[first.ids.index(one) for one in both]]
    after = second.coverage[[second.ids.index(one) for one in both]]
    for place, code in enumerate(CODES):
        known = ~np.isnan(before[:, place]) & ~np.isnan(after[:, place])
        assert np.corrcoef(before[known, place], after[known, place])[0, 1] > 0.5, code
    drop = np.nanmean(before, axis=0) - np.nanmean(after, axis=0)
    assert drop[CODES.index("diab")] > 0.08
    assert drop[MONITORING].min() > 0.02
    assert second.total.mean() < first.total.mean() - 50


def test_mean_coverage_is_near_the_real_one(funds: dict[int, Fund], shared: Path) -> None:
    for year, real in zip(YEARS, ("2019", "2020"), strict=True):
        with (shared / "data" / "qbs_2019_2020.csv").open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["year"] == real]
        for place, code in enumerate(CODES):
            pairs = [(float(row[f"{code}_a"]), float(row[f"{code}_b"])) for row in rows]
            mean = np.mean([done / target for target, done in pairs if target > 0])
            assert np.nanmean(funds[year].coverage[:, place]) == pytest.approx(mean, abs=0.02), (year, code)


def test_readme_states_what_was_measured(examples: Path, funds: dict[int, Fund]) -> None:
    readme = (examples / "README.md").read_text(encoding="utf-8")
    share, loadings = _first_component(funds[2023])
    for place, (code, real) in enumerate(REAL_TARGETS.items()):
        target = funds[2023].target[:, place]
        drawn = (target.mean(), target.std(ddof=1), target.max())
        cells = [" / ".join(f"{value:,.0f}" for value in three) for three in (real, drawn)]
        cells += [f"{REAL_LOADINGS[place]:.2f}", f"{loadings[place]:.2f}"]
        assert f"| {code} | {' | '.join(cells)} |" in readme
    assert f"{share:.0%}".replace("%", " %") in readme


# Alive


@pytest.mark.parametrize(
    "recalculate",
    [
        pytest.param(recalculate_ironcalc, id="ironcalc"),
        pytest.param(recalculate_libreoffice, id="libreoffice", marks=pytest.mark.libreoffice),
    ],
)
@pytest.mark.parametrize("name", [FUND[0], *REPORT])
def test_stored_values_are_what_the_formulas_give(
    examples: Path, name: str, recalculate: Callable[[Path], Cells]
) -> None:
    stored, fresh = stored_values(examples / name), recalculate(examples / name)
    for sheet, cells in stored.items():
        numbers = {cell: value for cell, value in cells.items() if isinstance(value, float)}
        assert {cell: fresh[sheet][cell] for cell in numbers} == pytest.approx(numbers, rel=1e-13)
        # A blank formula is stored as an empty text, and is a blank or an empty text when calculated anew.
        texts = {cell: value or None for cell, value in cells.items() if not isinstance(value, float)}
        assert {cell: fresh[sheet][cell] or None for cell in texts} == texts


@pytest.mark.parametrize("year", YEARS)
def test_formulas_stand_where_they_should(examples: Path, year: int) -> None:
    path = examples / f"fund_workbook_{year}.xlsx"
    lists = len(_read_fund(path, year).ids)
    sheet = _part(path, "xl/worksheets/sheet2.xml")
    # Coverage and points of each indicator, total and rank; above, the means; below, two sums and a coverage.
    assert sheet.count("<f>") == lists * (2 * len(CODES) + 2) + len(CODES) + 3 * len(CODES) + 1
    assert "<f></f>" not in sheet


def _part(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode("utf-8")


@pytest.mark.parametrize("year", YEARS)
def test_it_has_what_a_living_workbook_has(examples: Path, year: int) -> None:
    path = examples / f"fund_workbook_{year}.xlsx"
    sheet = _part(path, "xl/worksheets/sheet2.xml")
    for tag in (
        "autoFilter",
        "pane ",
        "mergeCell ",
        "dataBar",
        "colorScale",
        "dataValidation ",
        "legacyDrawing",
    ):
        assert f"<{tag}" in sheet, tag
    assert re.search(r'<col [^>]*hidden="1"', sheet)
    assert 'orientation="landscape"' in sheet
    book = _part(path, "xl/workbook.xml")
    for name in ("Punktid_II", "_xlnm.Print_Titles", "_xlnm._FilterDatabase"):
        assert f'name="{name}"' in book
    assert "x14:sparkline>" in _part(path, "xl/worksheets/sheet1.xml")
    assert "<drawing" in _part(path, "xl/chartsheets/sheet1.xml")
    assert "Sihtrühm ja punktid" in _part(path, "xl/charts/chart1.xml")
    assert "<comment " in _part(path, "xl/comments1.xml")


@pytest.mark.parametrize("year", YEARS)
def test_print_breaks_between_two_indicators(examples: Path, year: int) -> None:
    """The columns up to the break fit a page of A3 with a tenth to spare, and so do those after it."""
    sheet = _part(examples / f"fund_workbook_{year}.xlsx", "xl/worksheets/sheet2.xml")
    widths = {
        column: 0 if "hidden" in tag else float(re.search(r'width="([\d.]+)"', tag)[1])
        for tag in re.findall(r"<col [^>]*>", sheet)
        for column in range(*_bounds(tag))
    }
    scale = int(re.search(r'<pageSetup[^>]* scale="(\d+)"', sheet)[1]) / 100
    break_at = int(re.search(r'<brk id="(\d+)"', sheet)[1])
    repeated = sum(widths[column] for column in (1, 2, 3))
    first = sum(width for column, width in widths.items() if column <= break_at)
    second = repeated + sum(width for column, width in widths.items() if column > break_at)
    # A width counts digits of 7 pixels, 96 pixels make an inch; A3 is 16.5 inches less 0.8 of margin.
    assert max(first, second) * 7 / 96 * scale < 0.9 * (16.5 - 0.8)
    headings = _rows(examples / f"fund_workbook_{year}.xlsx", f"Andmed {year}")[FIRST_ROW - 1]
    assert headings[break_at] == "Sihtrühm\nTarget"


def _bounds(tag: str) -> tuple[int, int]:
    return int(re.search(r'min="(\d+)"', tag)[1]), int(re.search(r'max="(\d+)"', tag)[1]) + 1


@pytest.mark.parametrize("year", YEARS)
def test_headings_come_from_the_scheme(examples: Path, year: int) -> None:
    rows = _rows(examples / f"fund_workbook_{year}.xlsx", f"Andmed {year}")
    first = rows[FIRST_ROW - 1].index("Sihtrühm\nTarget")
    for place, indicator in enumerate(SCHEME.indicators):
        column = first + 4 * place
        assert rows[8][column] == f"{indicator.name_et}\n{indicator.name}"
        assert rows[4][column + 3] == indicator.points
        assert rows[5][column + 3] == indicator.required_coverage


# The report's own tables


@pytest.mark.parametrize(("name", "sheet"), REPORT.items())
def test_four_providers_are_the_report_s(examples: Path, shared: Path, name: str, sheet: str) -> None:
    with (shared / "oracles" / "qbs_table3_table4.csv").open(encoding="utf-8") as file:
        printed = [row for row in csv.DictReader(file) if f"Table {row['table']} ({row['year']})" == sheet]
    assert len(printed) == 4
    rows = _rows(examples / name, sheet)[FIRST_ROW : FIRST_ROW + 4]
    for row, expected in zip(rows, printed, strict=True):
        provider, _, target, done, coverage, points = row[:6]
        assert (provider, target, done) == (
            expected["provider"], float(expected["target"]), float(expected["done"]),
        )  # fmt: skip
        assert f"{coverage:.0%}" == f"{expected['unadjusted_coverage_pct']}%"
        assert points == float(expected["current_score"])


@pytest.mark.parametrize("name", REPORT)
def test_the_scheme_sheet_reads_as_a_scheme(examples: Path, name: str) -> None:
    scheme = scheme_from_rows(_rows(examples / name, "Scheme"), "Scheme", defaults=SCHEME)
    (indicator,) = scheme.indicators
    model = SCHEME.indicators[0]
    assert (indicator.code, indicator.domain, indicator.name, indicator.name_et) == (
        model.code, model.domain, model.name, model.name_et,
    )  # fmt: skip
    assert (indicator.points, indicator.required_coverage, indicator.weight) == (65, 0.76, 68)


def test_weights_are_the_report_s(examples: Path, shared: Path) -> None:
    with (shared / "oracles" / "qbs_table1_scheme_2018.csv").open(encoding="utf-8") as file:
        printed = [(row["code"], row["pc_weight"]) for row in csv.DictReader(file)]
    with (examples / "pc_weights_2018.csv").open(encoding="utf-8") as file:
        ours = [(row["code"], row["weight"]) for row in csv.DictReader(file)]
    assert ours == printed
