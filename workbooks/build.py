"""Builds the example files beside this one: ``python workbooks/build.py``.

Building again gives the same bytes. What each file is, and how near the synthetic ones come to the real
system, is in README.md; what is drawn is in synthetic.py, how it looks in layout.py.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import synthetic
from layout import FIRST_ROW, GROUP_ROW, HEADING_ROW, Book, Column, Place, write_table, write_totals
from numpy.typing import NDArray
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from xl_qbs.scheme import Scheme, preset

SCHEME = preset("qbs-2018")

REPORT = "Improving Incentives for Fairness in QBS (DIME ECM IE Team, World Bank, 20.05.2020)"
# The report's Table 2, in the order of the scheme; printed above a sum of 480, they sum to 483.
PC_WEIGHTS = (68, 12, 66, 68, 66, 17, 22, 68, 14, 19, 63)
# The report's Tables 3 and 4: diabetes monitoring at four providers.
PROVIDERS = ("A", "B", "C", "D")
PROVIDERS_TARGET = (2, 98, 153, 122)
PROVIDERS_DONE = {"Table 3 (2018)": (2, 30, 100, 90), "Table 4 (2019)": (2, 40, 115, 100)}

A3, A4 = 8, 9
CLASSES = 10
TOTALS_NAME = "Punktid_II"
SYNTHETIC_FOOTER = "Sünteetiline näidis / Synthetic example"
SYNTHETIC_ET = "NÄIDIS: kõik arvud on mudelist juhuslikult võetud. Ükski nimistu, arst ega patsient ei ole päris."
SYNTHETIC_EN = "EXAMPLE: every number was drawn from a model. No list, doctor or patient is real."


def main(folder: Path) -> None:
    """Build every file into the folder."""
    for year in synthetic.draw():
        fund_workbook(folder / f"fund_workbook_{year.year}.xlsx", year)
    four_providers(folder / "four_providers.xlsx", "Table 3 (2018)")
    four_providers(folder / "four_providers_next_year.xlsx", "Table 4 (2019)")
    with (folder / "pc_weights_2018.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("code", "weight"))
        rows.writerows(zip(SCHEME.codes, PC_WEIGHTS, strict=True))


def fund_workbook(path: Path, year: synthetic.Year) -> None:
    """Build one year of the synthetic fund: guide, data and chart."""
    book = Book(path, f"QBS results {year.year} (synthetic example)", "Quality Bonus System, Domain II")
    guide = book.file.add_worksheet("Juhend Guide")
    data = book.file.add_worksheet(f"Andmed {year.year}")
    where = _data_sheet(book, data, year)
    totals = xl_range_abs(FIRST_ROW, where.total, where.last_row, where.total)
    book.file.define_name(TOTALS_NAME, f"='{data.name}'!{totals}")
    _guide_sheet(book, guide, year)
    _chart_sheet(book, data.name, where, year)
    book.file.close()


def _data_sheet(book: Book, sheet: Worksheet, year: synthetic.Year) -> Place:
    sheet.write_string("A1", f"PKS tulemused {year.year} / QBS results {year.year}", book.style("title"))
    sheet.write_string("A2", "II valdkond / Domain II", book.style("domain"))
    source = "Allikas: raviarved (sünteetiline näidis) / Source: billing data (synthetic example)"
    sheet.write_string("A3", source, book.style("source"))
    new = f"Uus nimistu {year.year} / New list in {year.year}"
    columns = (
        Column("Nimistu\nList", year.ids, 9),
        Column("Registrikood\nRegistration code", [_registration_code(one) for one in year.ids], 13, "code"),
        Column("Arsti nimi\nDoctor", [f"Perearst {one[1:]}" for one in year.ids], 13.5),
        Column("Märkus\nNote", [new if is_new else "" for is_new in year.is_new], 30, hidden=True),
        Column("Nimistu suurus\nList size", [int(size) for size in year.list_size], 9.5, "count"),
        Column("Keskmine vanus\nMean age", [float(age) for age in year.mean_age], 9.5, "age"),
    )
    where = write_table(book, sheet, SCHEME, columns, (year.target, year.done))
    row = write_totals(book, sheet, where, (year.target, year.done))
    size = 4
    people = f"=SUM({where.column(size)})"
    sheet.write_formula(row, size, people, book.style("sum"), int(year.list_size.sum()))
    note = f"* andmed seisuga 31.12.{year.year} / data as of 31 December {year.year}"
    sheet.write_string(row + 2, 0, note, book.style("note"))

    sheet.autofilter(HEADING_ROW, 0, where.last_row, where.last_column)
    sheet.freeze_panes(FIRST_ROW, 4)
    _highlight(sheet, where)
    _comment(sheet, where, year)
    _print_setup(sheet, A3)
    # Two pages wide, so that it can be read; the break stands between two indicators.
    sheet.set_print_scale(70)
    sheet.set_v_pagebreaks([where.targets[SCHEME.codes[6]]])
    sheet.print_across()
    sheet.repeat_rows(GROUP_ROW, HEADING_ROW)
    sheet.repeat_columns(0, 2)
    sheet.print_area(0, 0, row + 2, where.last_column)
    sheet.set_zoom(90)
    return where


def _registration_code(list_id: str) -> int:
    """Return an invented code: Estonian ones of eight digits begin with 1, 7, 8 or 9, these with 2."""
    return 20_000_000 + 37 * int(list_id[1:])


def _highlight(sheet: Worksheet, where: Place) -> None:
    """Add data bars on the first coverage, a colour scale on the total, and the check on what is typed."""
    first, last = FIRST_ROW, where.last_row
    coverage = where.targets[SCHEME.codes[0]] + 2
    bars = {
        "type": "data_bar",
        "bar_color": "#BDD7EE",
        "bar_solid": True,
        "min_type": "num",
        "max_type": "num",
    }
    sheet.conditional_format(first, coverage, last, coverage, bars | {"min_value": 0, "max_value": 1})
    scale = {
        "type": "3_color_scale",
        "min_color": "#F8B4A6",
        "mid_color": "#FFEFB0",
        "max_color": "#A9D8A2",
        "mid_type": "percentile",
        "mid_value": 50,
    }
    sheet.conditional_format(first, where.total, last, where.total, scale)
    counts = [where.column(column, column + 1) for column in where.targets.values()]
    top = next(iter(where.targets.values()))
    whole = {
        "validate": "integer",
        "criteria": ">=",
        "value": 0,
        "error_title": "Sihtrühm, tehtud / Target, done",
        "error_message": "Sisestage täisarv alates 0. / Enter a whole number from 0.",
        "multi_range": " ".join(counts),
    }
    sheet.data_validation(first, top, last, top + 1, whole)


def _comment(sheet: Worksheet, where: Place, year: synthetic.Year) -> None:
    """Comment the cell where more was done than was to do; in a year without one, the first new list."""
    size = {"x_scale": 1.6, "y_scale": 0.9, "font_size": 9, "author": "xl_qbs"}
    for code, column in where.targets.items():
        for index in np.flatnonzero(year.done[code] > year.target[code]):
            text = "Tehtud ületab sihtrühma: kontrollida.\nDone exceeds the target: to be checked."
            sheet.write_comment(FIRST_ROW + int(index), column + 1, text, size)
            return
    index = int(np.flatnonzero(year.is_new)[0])
    text = f"Uus nimistu {year.year}.\nA new list in {year.year}."
    sheet.write_comment(FIRST_ROW + index, 0, text, size)


def _print_setup(sheet: Worksheet, paper: int, footer: str = SYNTHETIC_FOOTER) -> None:
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_footer(f"&L&8{footer}&C&8&A&R&8&P / &N")


def _guide_sheet(book: Book, sheet: Worksheet, year: synthetic.Year) -> None:
    for column, width in enumerate((24, 52, 24, 52)):
        sheet.set_column(column, column, width)
    sheet.hide_gridlines(2)
    sheet.write_string("A1", "Perearsti kvaliteedisüsteem / Family doctors' quality system", book.style("title"))
    sheet.write_string("A2", f"Aasta / Year {year.year}, II valdkond / Domain II", book.style("domain"))
    sheet.merge_range("A4:D4", f"{SYNTHETIC_ET}\n{SYNTHETIC_EN}", book.style("warning"))
    sheet.set_row(3, 38)
    row = _write_pairs(book, sheet, 5, "Lehed / Sheets", _sheets_explained(year.year))
    row = _write_pairs(book, sheet, row + 1, "Mõisted / Terms", TERMS)
    _write_summary(book, sheet, row + 1, year)
    _print_setup(sheet, A4)
    sheet.fit_to_pages(1, 1)


TERMS = (
    ("Sihtrühm", "Patsiendid (ravi kõigil: retseptid), kellele teenust on vaja",
     "Target", "Patients (treatment at all risk levels: prescriptions) who need the service"),
    ("Tehtud", "Neist teenuse saanud", "Done", "Those of them who received it"),
    ("Hõlmatus", "Tehtud jagatud sihtrühmaga; tühi, kui sihtrühma ei ole",
     "Coverage", "Done divided by target; blank where there is no target"),
    ("Nõutav hõlmatus", "Punktid antakse, kui hõlmatus on vähemalt nõutav, muidu 0",
     "Required coverage", "Points are given at or above the required coverage, else 0"),
    ("II valdkond kokku", f"Punktide summa, kuni {SCHEME.total:g}",
     "Domain II total", f"The sum of the points, up to {SCHEME.total:g}"),
    ("Koht", "Koht summa järgi; võrdsed jagavad paremat kohta",
     "Rank", "Rank by the total; ties share the better rank"),
)  # fmt: skip


def _sheets_explained(year: int) -> tuple[tuple[str, str, str, str], ...]:
    return (
        (f"Andmed {year}", "Iga nimistu sihtrühm, tehtud, hõlmatus ja punktid",
         f"Andmed {year}", "Target, done, coverage and points of every list"),
        ("Joonis Chart", "Sihtrühm ja punktid", "Joonis Chart", "Target and points"),
    )  # fmt: skip


def _write_pairs(
    book: Book, sheet: Worksheet, row: int, title: str, pairs: tuple[tuple[str, str, str, str], ...]
) -> int:
    """Write a section of terms and what they mean in both languages; return the row after it."""
    _write_section(book, sheet, row, title)
    for number, texts in enumerate(pairs, start=row + 1):
        for column, text in enumerate(texts):
            sheet.write_string(number, column, text, book.style("prose" if column % 2 else "term"))
        sheet.set_row(number, 28 if max(map(len, texts)) > 62 else 15)
    return row + 1 + len(pairs)


def _write_section(book: Book, sheet: Worksheet, row: int, title: str) -> None:
    for column in range(4):
        sheet.write_blank(row, column, None, book.style("section"))
    sheet.write_string(row, 0, title, book.style("section"))


def _write_summary(book: Book, sheet: Worksheet, row: int, year: synthetic.Year) -> None:
    """Write the number of lists, their mean total, and how many lie in each tenth of the points."""
    _write_section(book, sheet, row, "Kokkuvõte / Summary")
    earned = _points(year)
    maximum = SCHEME.total
    figures = (
        ("Nimistuid / Lists", f"=COUNT({TOTALS_NAME})", len(earned), "figure"),
        ("Keskmine / Mean", f"=AVERAGE({TOTALS_NAME})", float(earned.mean()), "figure decimal"),
        ("Parim / Best", f"=MAX({TOTALS_NAME})", float(earned.max()), "figure"),
    )
    for number, (name, formula, value, style) in enumerate(figures, start=row + 1):
        sheet.write_string(number, 0, name, book.style("term"))
        sheet.write_formula(number, 1, formula, book.style(style), value)

    label = row + len(figures) + 1
    sheet.write_string(label, 0, "Punktide jaotus\nDistribution of points", book.style("term"))
    sheet.set_row(label, 54)
    top = label + 1
    sheet.write_string(top, 0, "Punkte alates\nPoints from", book.style("heading"))
    sheet.write_string(top, 1, "Nimistuid\nLists", book.style("heading"))
    sheet.set_row(top, 28)
    limits = np.linspace(0, maximum, CLASSES + 1)
    for index in range(CLASSES):
        number = top + 1 + index
        lower, upper = xl_rowcol_to_cell(number, 0), xl_rowcol_to_cell(number + 1, 0)
        inside = earned >= limits[index]
        formula = f'=COUNTIF({TOTALS_NAME},">="&{lower})'
        if index < CLASSES - 1:
            formula += f'-COUNTIF({TOTALS_NAME},">="&{upper})'
            inside &= earned < limits[index + 1]
        sheet.write_number(number, 0, float(limits[index]), book.style("points"))
        sheet.write_formula(number, 1, formula, book.style("count"), int(inside.sum()))
    bars = {"type": "data_bar", "bar_color": "#BDD7EE", "bar_solid": True, "min_type": "num", "min_value": 0}
    sheet.conditional_format(top + 1, 1, top + CLASSES, 1, bars)
    counts = f"'{sheet.name}'!{xl_range_abs(top + 1, 1, top + CLASSES, 1)}"
    look = {"type": "column", "series_color": "#2E75B6", "min": 0}
    sheet.add_sparkline(label, 1, {"range": counts, **look})


def _points(year: synthetic.Year) -> NDArray[np.float64]:
    """Return each list's total under the scheme in force."""
    earned = np.zeros(len(year.ids))
    for indicator in SCHEME.indicators:
        target, done = year.target[indicator.code], year.done[indicator.code]
        earned += indicator.points * ((target > 0) & (done >= indicator.required_coverage * target - 1e-9))
    return earned


def _chart_sheet(book: Book, data_name: str, where: Place, year: synthetic.Year) -> None:
    """Add the chart of the indicator that is worth most: its target against the total of points."""
    indicator = max(SCHEME.indicators, key=lambda one: one.points)
    target = where.targets[indicator.code]
    chart = book.file.add_chart({"type": "scatter"})
    marker = {"type": "circle", "size": 5, "border": {"none": True}}
    chart.add_series(
        {
            "name": "Nimistu / List",
            "categories": [data_name, FIRST_ROW, target, where.last_row, target],
            "values": [data_name, FIRST_ROW, where.total, where.last_row, where.total],
            "marker": marker | {"fill": {"color": "#2E75B6", "transparency": 45}},
        }
    )
    dark = {"color": "#1F3864"}
    title = f"Sihtrühm ja punktid {year.year} / Target population and points {year.year}"
    chart.set_title({"name": title, "name_font": {"name": "Arial", "size": 16, **dark}, "overlay": False})
    grid = {"visible": True, "line": {"color": "#E3E3E3", "width": 0.75}}
    axis = {
        "name_font": {"name": "Arial", "size": 12, "bold": False, **dark},
        "num_font": {"name": "Arial", "size": 11},
        "major_gridlines": grid,
    }
    name = f"{indicator.name_et} – sihtrühm / {indicator.name} – target"
    chart.set_x_axis({"name": name, "min": 0, "num_format": "#,##0", **axis})
    points = "II valdkond kokku, punktid / Domain II total, points"
    chart.set_y_axis({"name": points, "min": 0, "max": SCHEME.total, "major_unit": SCHEME.total / 4, **axis})
    chart.set_legend({"none": True})
    sheet = book.file.add_chartsheet("Joonis Chart")
    sheet.set_chart(chart)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_footer(f"&L&8{SYNTHETIC_FOOTER}&C&8&A&R&8&P / &N")


def four_providers(path: Path, table: str) -> None:
    """Build a file of four providers from the report: the table, and the scheme that it is scored by."""
    weight = dict(zip(SCHEME.codes, PC_WEIGHTS, strict=True))["diab"]
    only = SCHEME.only(["diab"])
    scheme = replace(only, indicators=(replace(only.indicators[0], weight=weight),))
    book = Book(path, f"Four providers: {table}", "Diabetes type II: monitoring")
    sheet = book.file.add_worksheet(table)
    sheet.write_string("A1", f"Neli nimistut / Four providers: {table}", book.style("title"))
    sheet.write_string("A2", "II valdkond / Domain II", book.style("domain"))
    sheet.write_string("A3", f"Allikas / Source: {REPORT}, {table[:7]}", book.style("source"))
    counts = ({"diab": PROVIDERS_TARGET}, {"diab": PROVIDERS_DONE[table]})
    names = [f"Perearst {one}" for one in PROVIDERS]
    columns = (Column("Nimistu\nList", PROVIDERS, 14), Column("Arsti nimi\nDoctor", names, 26))
    where = write_table(book, sheet, scheme, columns, counts, result=False)
    row = write_totals(book, sheet, where, counts)
    notes = (
        "* Aruande enda näide: neli väljamõeldud nimistut, üks näitaja; skeem on lehel Scheme.",
        "  The report's own example: four made-up lists, one indicator; the scheme is on the sheet Scheme.",
    )
    for number, note in enumerate(notes, start=row + 2):
        sheet.write_string(number, 0, note, book.style("note"))
    sheet.freeze_panes(FIRST_ROW, 1)
    _print_setup(sheet, A4, REPORT)
    sheet.fit_to_pages(1, 0)
    _scheme_sheet(book, book.file.add_worksheet("Scheme"), scheme)
    book.file.close()


def _scheme_sheet(book: Book, sheet: Worksheet, scheme: Scheme) -> None:
    """Write the scheme as `xl_qbs.scheme.scheme_from_rows` reads it."""
    sheet.write_string("A1", "Skeem / Scheme", book.style("title"))
    source = f"Allikas / Source: {REPORT}, Tables 1 and 2 (own weight: the PC weight)"
    sheet.write_string("A2", source, book.style("source"))
    headings = ("code", "domain", "name", "name et", "points", "required coverage", "own weight")
    for column, (heading, width) in enumerate(zip(headings, (10, 10, 30, 26, 10, 19, 13), strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(3, column, heading, book.style("scheme heading"))
    for row, one in enumerate(scheme.indicators, start=4):
        for column, text in enumerate((one.code, one.domain, one.name, one.name_et)):
            sheet.write_string(row, column, text, book.style("scheme text"))
        sheet.write_number(row, 4, one.points, book.style("points above"))
        sheet.write_number(row, 5, one.required_coverage, book.style("required above"))
        sheet.write_number(row, 6, one.weight, book.style("points above"))
    sheet.set_row(0, 24)
    _print_setup(sheet, A4, REPORT)
    sheet.fit_to_pages(1, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
