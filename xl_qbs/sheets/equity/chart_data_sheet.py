"""The sheet of numbers that the charts of equity are drawn from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xl_qbs.equity.estimates import Estimates, difference
from xl_qbs.scoring.coverage import wilson_interval
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.columns import FIRST_ROW, GROUP_ROW, HEADING_ROW, add_group_heads, begin_table, code_of
from xl_qbs.sheets.equity.plan import CHART_DATA, Plan
from xl_qbs.sheets.equity.within_sheet import wilson
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.model import Book, Format, Label, Sheet

_BINS = 20
_MOST = 10
# A number this near to the edge of a bin is at it, whatever its last bits.
_EDGE = 1e-9
_OPEN_GAPS = (-0.5, 0.0)


def add_chart_data(book: Book, plan: Plan) -> Sheet:
    """Add the sheet that the charts are drawn from; those of priors, gaps and results must stand already."""
    sheet = begin_table(
        book,
        CHART_DATA,
        Label("What the charts are drawn from", "Millest joonised on tehtud"),
        Label("Formulas on the other sheets' results.", "Valemid teiste lehtede tulemustest."),
        "7F7F7F",
    )
    sheet.freeze = ""
    sheet.print_titles = ""
    book.write(
        sheet,
        (HEADING_ROW, 1),
        [[Label("Indicator", "Indikaator"), Label("Reference (no.)", "Võrdlus (nr)")]],
        "heading",
    )
    codes = plan.by_indicator(texts(plan.indicators))
    book.add(sheet, "c_code", (FIRST_ROW, 1), codes, f'{code_of(plan)}&""', kind="label", format="text")
    if plan.room is not None:
        _add_titles(book, sheet, plan)
    column = _add_pooled(book, sheet, plan)
    column = _add_gap_bins(book, sheet, plan, column + 1)
    if plan.analysis.points is not None:
        _add_point_bins(book, sheet, plan, column + 1)
    return sheet


def _add_titles(book: Book, sheet: Sheet, plan: Plan) -> None:
    """Add the titles of a template's charts of gaps, which hold the groups' names."""
    before = book.say(Label("Gap to the reference: ", "Lõhe võrdlusega: "))
    spare = book.say(Label("(no group)", "(rühma pole)"))
    shown = [before + one if one else spare for one in plan.across(texts(plan.groups))[0]]
    formula = f'IF({{group_key}}="","{spare}","{before}"&{{group_key}})'
    cells = np.array([shown], dtype=object)
    book.add(sheet, "c_title", (GROUP_ROW - 1, 3), cells, formula, format="text")


def _add_pooled(book: Book, sheet: Sheet, plan: Plan) -> int:
    """Add the gaps of all providers' patients together, with limits where there are counts."""
    table = plan.analysis.now
    values = table.by_group
    named = plan.groups.index(plan.analysis.options.reference) if plan.analysis.options.reference in plan.groups else -1
    signed = np.where(np.isnan(values), -np.inf, table.sign[:, None] * values)
    known_best = np.where(np.isfinite(signed.max(axis=1)), signed.argmax(axis=1), -1)
    place = np.full(len(values), named) if named >= 0 else known_best
    best = "MAX({p_mean:row})" if plan.room is not None else "IF({sign}>0,MAX({p_mean:row}),MIN({p_mean:row}))"
    found_best = f"IF(COUNT({{p_mean:row}})>0,MATCH({best},{{p_mean:row}},0),0)"
    number = f"IF({{ref_group_no}}>0,{{ref_group_no}},{found_best})"
    spare = float(named + 1)
    book.add(sheet, "c_ref_no", (FIRST_ROW, 2), plan.by_indicator(place + 1.0, spare), number, format="count")
    reference = "INDEX({%s:row},{c_ref_no})"
    known = 'IF(ISNUMBER({p_mean}),%s,"")'
    own = known % f'IF({{c_ref_no}}={{group_no}},0,IF(ISNUMBER({reference % "p_mean"}),%s,""))'
    rows = np.arange(len(values))
    itself = np.arange(len(plan.groups)) == place[:, None]
    if plan.means:
        gap = values - values[rows, place][:, None]
        columns = [
            (
                "c_gap",
                Label("Gap, all patients", "Lõhe, kõik patsiendid"),
                gap,
                own % f"{{p_mean}}-{reference % 'p_mean'}",
            )
        ]
        return _across(book, sheet, plan, 3, columns)
    there = tuple(slice(size) for size in values.shape)
    done, n = np.nan_to_num(book.block("p_done").values[there]), book.block("p_n").values[there]
    ends = wilson_interval(done, n, plan.analysis.options.level)
    pooled = Estimates(values, ends.low, ends.high)
    base = Estimates(*(part[rows, place][:, None] for part in pooled))
    found = [np.where(itself & ~np.isnan(part), 0.0, part) for part in difference(pooled, base)]
    value, low, high = (reference % key for key in ("p_mean", "c_low", "c_high"))
    below = f"({{p_mean}}-{{c_low}})*({{p_mean}}-{{c_low}})+({high}-{value})*({high}-{value})"
    above = f"({{c_high}}-{{p_mean}})*({{c_high}}-{{p_mean}})+({value}-{low})*({value}-{low})"
    columns = [
        (
            "c_low",
            Label("Coverage of all, from", "Kõigi hõlmatus, alates"),
            ends.low,
            known % wilson("{p_mean}", "{p_n}", "-"),
        ),
        ("c_high", Label("To", "Kuni"), ends.high, known % wilson("{p_mean}", "{p_n}", "+")),
        ("c_gap", Label("Gap, all patients", "Lõhe, kõik patsiendid"), found[0], own % f"{{p_mean}}-{value}"),
        ("c_gap_low", Label("From", "Alates"), found[1], own % f"{{c_gap}}-SQRT({below})"),
        ("c_gap_high", Label("To", "Kuni"), found[2], own % f"{{c_gap}}+SQRT({above})"),
    ]
    return _across(book, sheet, plan, 3, columns)


def _across(book: Book, sheet: Sheet, plan: Plan, column: int, columns: Sequence[tuple[str, Label, Array, str]]) -> int:
    width = plan.places[2]
    for key, label, values, formula in columns:
        book.write(sheet, (GROUP_ROW, column), [[label]], "group")
        sheet.merges.append(f"{column_letter(column)}{GROUP_ROW}:{column_letter(column + width - 1)}{GROUP_ROW}")
        add_group_heads(book, sheet, plan, (HEADING_ROW, column))
        book.add(sheet, key, (FIRST_ROW, column), plan.by_indicator(values), formula, format="share")
        column += width
    return column


def _add_gap_bins(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add how many providers and indicators have a largest gap in each step."""
    worst = book.block("worst").values[:, 0].astype(float)
    known = worst[~np.isnan(worst)]
    span = max(float(np.abs(known).max()), 1e-6) if len(known) else 1.0
    scale = 10.0 ** np.floor(np.log10(span))
    low = float(np.floor(known.min() / scale * 4) * scale / 4) if len(known) else -1.0
    high = float(np.ceil(max(float(known.max()), low + scale / 4) / scale * 4) * scale / 4) if len(known) else 0.0
    if plan.room is not None:
        # Whatever data are still to come: these are shares, and its users can change them.
        low, high = _OPEN_GAPS
    return _add_bins(
        book, sheet, column, "gap", "worst", worst, low, (high - low) / _BINS, _BINS, "share",
        Label("Largest gaps", "Suurimaid lõhesid"),
    )  # fmt: skip


def _add_point_bins(book: Book, sheet: Sheet, plan: Plan, column: int) -> None:
    points = plan.analysis.points
    assert points is not None  # noqa: S101  (asked for only with points)
    label = Label("Providers", "Osutajaid")
    _add_bins(book, sheet, column, "points", "r_total", points.total, 0.0, 1.0, _MOST, "decimal", label)


def _add_bins(
    book: Book, sheet: Sheet, column: int, key: str, source: str, values: Array, low: float, width: float, bins: int,
    how: Format, counted: Label,
) -> int:  # fmt: skip
    """Add a histogram; the first and the last bin hold what lies beyond them, too."""
    heads = [Label("Bin", "Klass"), Label("From", "Alates"), Label("To", "Kuni"), counted]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    book.write(sheet, (HEADING_ROW - 2, column), [[Label("Begins at", "Algus"), Label("Width", "Laius")]], "text")
    book.add(sheet, f"{key}_begin", (HEADING_ROW - 1, column), np.array([low]), kind="input", format=how)
    book.add(sheet, f"{key}_width", (HEADING_ROW - 1, column + 1), np.array([width]), kind="input", format=how)
    numbers = np.arange(float(bins))
    lower = low + numbers * width
    book.add(sheet, f"{key}_bin", (FIRST_ROW, column), numbers, format="count")
    step = f"{{{key}_begin}}+{{{key}_bin}}*{{{key}_width}}"
    book.add(sheet, f"{key}_lower", (FIRST_ROW, column + 1), lower, step, format=how)
    book.add(
        sheet, f"{key}_upper", (FIRST_ROW, column + 2), lower + width, f"{{{key}_lower}}+{{{key}_width}}", format=how
    )
    known = values[~np.isnan(values)]
    edges = np.concatenate(([-np.inf], lower[1:] - _EDGE, [np.inf]))
    inside = np.histogram(known, edges)[0].astype(float)
    below, upto = (f"SUMPRODUCT(--({{{source}:all}}<{{{key}_{end}}}-{{guard}}))" for end in ("lower", "upper"))
    start = f"IF({{{key}_bin}}=0,0,{below})"
    end = f"IF({{{key}_bin}}=MAX({{{key}_bin:all}}),COUNT({{{source}:all}}),{upto})"
    book.add(sheet, f"{key}_count", (FIRST_ROW, column + 3), inside, f"{end}-{start}", format="count")
    return column + 4
