"""The charts: one for each figure, drawn from cells that are there, and told in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compare import cells_between, references
from tests.small_fund import SCHEME, counts, scheme_of, score_file, write_fund
from xl_qbs.sheets.address import cell_name, split_cell
from xl_qbs.sheets.model import Book, Chart


def _book(folder: Path, count: int = 5, lists: int = 30, **options: object) -> Book:
    scheme = scheme_of(count)
    path = write_fund(folder / "in.xlsx", scheme, *counts(scheme, lists))
    return score_file(path, folder / "out.xlsx", scheme, **options).book  # type: ignore[arg-type]


def _charts(book: Book) -> list[Chart]:
    return [chart for sheet in book.sheets for chart in sheet.charts]


@pytest.mark.parametrize("count", [1, 5, 11, 20])
def test_six_figures_and_one_for_each_indicator(tmp_path: Path, count: int) -> None:
    assert len(_charts(_book(tmp_path, count))) == 6 + count


@pytest.mark.parametrize(("count", "lists"), [(1, 1), (5, 30)])
def test_ranges_hold_values(tmp_path: Path, count: int, lists: int) -> None:
    book = _book(tmp_path, count, lists, weights="current")
    filled = {
        (block.sheet, cell_name(block.row + i, block.column + j)): block.values[i, j] for block, i, j in book.cells()
    }
    for chart in _charts(book):
        for series in chart.series:
            lengths = set()
            for reference in (series.x, series.y):
                ((sheet, first, last),) = references(reference, "")
                cells = list(cells_between(first, last))
                assert all((sheet, cell) in filled for cell in cells), f"{chart.title}: {reference}"
                lengths.add(len(cells))
            assert len(lengths) == 1, f"{chart.title}: {series}"
            ((sheet, first, last),) = references(series.y, "")
            assert all(isinstance(filled[sheet, cell], float) for cell in cells_between(first, last))


@pytest.mark.parametrize("language", ["en", "et"])
def test_every_chart_is_told_in_words(tmp_path: Path, language: str) -> None:
    charts = _charts(_book(tmp_path, language=language))
    for chart in charts:
        assert len(chart.description) > 40
        assert chart.title
        assert all(series.name for series in chart.series)
    assert len({chart.description for chart in charts}) == len(charts)


def test_charts_do_not_cover_one_another(tmp_path: Path) -> None:
    book = _book(tmp_path, 20)
    for sheet in book.sheets:
        corners = [split_cell(chart.at) for chart in sheet.charts]
        assert len(set(corners)) == len(corners)
        for row, chart in ((row, chart) for chart, (_, row) in zip(sheet.charts, corners, strict=True)):
            # A row is 15 points, which are 0.529 cm.
            last = row + chart.size[1] / 0.529
            below = [other for _, other in corners if other > row]
            assert not below or min(below) >= last - 0.01, chart.title


def test_names_of_indicators_stand_over_their_charts(tmp_path: Path) -> None:
    titles = [chart.title for chart in _charts(_book(tmp_path))]
    assert [one.name for one in SCHEME.indicators] == titles[-5:]
