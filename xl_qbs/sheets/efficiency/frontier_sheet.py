"""The sheet of the frontier by corrected moments: least squares, moments, and what a residual says of inefficiency."""

from __future__ import annotations

import numpy as np

from xl_qbs.efficiency.frontier import corrected_moments
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.efficiency.columns import Column, add_columns, begin_rows
from xl_qbs.sheets.efficiency.plan import FRONTIER, TITLES, Plan
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW
from xl_qbs.sheets.model import Book, Format, Label, Sheet

# The rows have ten columns; what is estimated stands to their right.
_ESTIMATES_COLUMN = 12
_PI = "PI()"


def add_frontier(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of the frontier; the sheet of data must stand already."""
    found = plan.analysis.moments
    assert found is not None  # noqa: S101  (asked for by the book)
    sheet = begin_rows(
        book,
        plan,
        FRONTIER,
        Label("Stochastic frontier by corrected moments", "Stohhastiline rajajoon momentide järgi"),
        Label(
            "Quality given cost performance, both as z scores; luck kept apart from inefficiency (half-normal).",
            "Kvaliteet kulutulemuse järgi, mõlemad z-skoorina; juhus ja ebatõhusus (poolnormaalne) eraldi.",
        ),
        tab="7F6000",
    )
    z = plan.analysis.standardized
    y, x = z.quality, z.cost
    slope = float(found.coefficients[1])
    intercept = float(y.mean() - slope * x.mean())
    least = y - intercept - slope * x
    _add_rows(book, sheet, plan, least)
    _add_estimates(book, sheet, plan, intercept, slope, least)
    sheet.widths[_ESTIMATES_COLUMN] = 50
    return sheet


def _add_rows(book: Book, sheet: Sheet, plan: Plan, least: Array) -> None:
    found = plan.analysis.moments
    assert found is not None  # noqa: S101  (as above)
    ready, exact = "{inefficiency_found}=1", "{noise}>0"
    total = found.noise**2 + found.scale**2
    centre = -found.residuals * found.scale**2 / total if total else np.zeros(len(least))
    width = found.noise * found.scale / np.sqrt(total) if total else 0.0
    # Where no inefficiency is found there is no width, and t is not used.
    t = centre / width if width > 0 else np.zeros(len(least))
    density = "EXP(-AVERAGE(0,{frontier_t}^(1+1)))/SQRT((1+1)*PI())/NORMSDIST({frontier_t})"
    mean = f"IF(NORMSDIST({{frontier_t}})>0,MAX(0,{{frontier_centre}}+{{width}}*{density}),0)"
    shrunk = (
        "IF(NORMSDIST({frontier_t})>0,MIN(1,EXP(AVERAGE(0,{width}^(1+1))-{frontier_centre})"
        "*NORMSDIST({frontier_t}-{width})/NORMSDIST({frontier_t})),1)"
    )
    distance = "MAX(0,-{frontier_residual})"

    def told(formula: str, certain: str, none: str) -> str:
        """Return a formula for three cases: luck and inefficiency, no luck, no inefficiency."""
        return f"IF({ready},IF({exact},{formula},{certain}),{none})"

    columns = [
        Column(
            "least_residual",
            Label("Residual of least squares", "Vähimruutude jääk"),
            least,
            "{z_quality}-{ols_intercept}-{ols_slope}*{z_cost}",
        ),
        Column("least_square", Label("Its square", "Selle ruut"), least**2, "{least_residual}^(1+1)"),
        Column("least_cube", Label("Its cube", "Selle kuup"), least**3, "{least_residual}^(1+1+1)"),
        Column(
            "frontier_residual",
            Label("Distance to the frontier", "Kaugus rajajoonest"),
            found.residuals,
            "{least_residual}-{frontier_shift}",
        ),
        Column(
            "frontier_centre",
            Label("Centre of the normal", "Normaaljaotuse keskpunkt"),
            centre,
            "IF({sigma_squared}>0,-{frontier_residual}*{scale}^(1+1)/{sigma_squared},0)",
        ),
        Column(
            "frontier_t",
            Label("Centre over width", "Keskpunkt laiuse kohta"),
            t,
            "IF({width}>0,{frontier_centre}/{width},0)",
        ),
        Column(
            "inefficiency", Label("Inefficiency E[u]", "Ebatõhusus E[u]"), found.inefficiency, told(mean, distance, "0")
        ),
        Column(
            "inefficiency_mode",
            Label("Its mode", "Selle mood"),
            found.inefficiency_mode,
            told("MAX(0,{frontier_centre})", distance, "0"),
        ),
        Column(
            "frontier_moments",
            Label("Efficiency exp(-E[u])", "Tõhusus exp(-E[u])"),
            found.efficiency_of_mean,
            "EXP(-{inefficiency})",
            "output",
        ),
        Column(
            "frontier_expected",
            Label("Efficiency E[exp(-u)]", "Tõhusus E[exp(-u)]"),
            found.efficiency,
            told(shrunk, f"EXP(-{distance})", "1"),
        ),
    ]
    add_columns(book, sheet, plan, 2, columns, TITLES["frontier_moments"])


def _add_estimates(book: Book, sheet: Sheet, plan: Plan, intercept: float, slope: float, least: Array) -> None:
    """Add what is estimated once for all providers, a row each, with the formula's name in words."""
    found = plan.analysis.moments
    assert found is not None  # noqa: S101  (as above)
    count = len(least)
    second, third = float((least**2).mean()), float((least**3).mean())
    inefficient = third < 0
    mean, spread = np.sqrt(2 / np.pi), 1 - 2 / np.pi
    cube = mean * (1 - 4 / np.pi)
    raw = corrected_moments(second, third, "half-normal") if inefficient else None
    uncapped = float(np.cbrt(third / cube)) if inefficient else 0.0
    left = second - spread * uncapped**2
    counted = "SUM({present:all})"
    rows: list[tuple[str, Label, float, str, Format]] = [
        ("frontier_count", Label("Providers", "Osutajaid"), float(count), counted, "count"),
        (
            "ols_slope",
            Label("Slope of least squares", "Vähimruutude tõus"),
            slope,
            _safe(
                "SUMPRODUCT({z_quality:all},{z_cost:all})-{frontier_count}*AVERAGE({z_quality:all})*AVERAGE({z_cost:all})",
                "SUMSQ({z_cost:all})-{frontier_count}*AVERAGE({z_cost:all})^(1+1)",
                plan,
            ),
            "share",
        ),
        (
            "ols_intercept",
            Label("Its intercept", "Vabaliige"),
            intercept,
            _open("AVERAGE({z_quality:all})-{ols_slope}*AVERAGE({z_cost:all})", plan),
            "share",
        ),
        (
            "second_moment",
            Label("Mean square of the residuals", "Jääkide ruutkeskmine"),
            second,
            _open("AVERAGE({least_square:all})", plan),
            "share",
        ),
        (
            "third_moment",
            Label("Mean cube of the residuals", "Jääkide kuupkeskmine"),
            third,
            _open("AVERAGE({least_cube:all})", plan),
            "share",
        ),
        (
            "half_mean",
            Label("Mean of a half-normal of scale 1: √(2/π)", "Poolnormaaljaotuse keskmine: √(2/π)"),
            float(mean),
            f"SQRT((1+1)/{_PI})",
            "share",
        ),
        (
            "half_spread",
            Label("Its variance: 1 - 2/π", "Selle dispersioon: 1 - 2/π"),
            float(spread),
            f"1-(1+1)/{_PI}",
            "share",
        ),
        (
            "half_cube",
            Label("Its third moment, negative: √(2/π)(1 - 4/π)", "Selle kolmas moment, negatiivne"),
            float(cube),
            f"{{half_mean}}*(1-(1+1+1+1)/{_PI})",
            "share",
        ),
        (
            "inefficiency_found",
            Label("Skewed as inefficiency would be (1 = yes)", "Ebatõhususe suunas kaldu (1 = jah)"),
            float(inefficient),
            "IF({third_moment}<0,1,0)",
            "count",
        ),
        (
            "uncapped_scale",
            Label("Scale of inefficiency by the third moment", "Ebatõhususe skaala kolmandast momendist"),
            uncapped,
            "IF({inefficiency_found}=1,({third_moment}/{half_cube})^(1/(1+1+1)),0)",
            "share",
        ),
        (
            "noise_squared",
            Label("Variance that is left for luck", "Juhusele jääv dispersioon"),
            left,
            "{second_moment}-{half_spread}*{uncapped_scale}^(1+1)",
            "share",
        ),
        (
            "scale",
            Label("Scale of inefficiency", "Ebatõhususe skaala"),
            found.scale,
            "IF({noise_squared}>0,{uncapped_scale},SQRT({second_moment}/{half_spread}))*{inefficiency_found}",
            "share",
        ),
        (
            "noise",
            Label("Standard deviation of luck", "Juhuse standardhälve"),
            found.noise,
            "SQRT(MAX(0,{noise_squared}))",
            "share",
        ),
        (
            "sigma_squared",
            Label("Both variances together", "Mõlemad dispersioonid koos"),
            found.scale**2 + found.noise**2,
            "{scale}^(1+1)+{noise}^(1+1)",
            "share",
        ),
        (
            "width",
            Label("Width of what a residual leaves open", "Jäägi järgi lahtiseks jääv laius"),
            found.noise * found.scale / np.sqrt(found.scale**2 + found.noise**2) if found.scale else 0.0,
            "IF({sigma_squared}>0,{noise}*{scale}/SQRT({sigma_squared}),0)",
            "share",
        ),
        (
            "frontier_shift",
            Label("Frontier above the line of least squares", "Rajajoon vähimruutude sirgest kõrgemal"),
            float(raw.shift) if raw else 0.0,
            "{half_mean}*{scale}",
            "share",
        ),
    ]
    column = _ESTIMATES_COLUMN
    book.write(sheet, (HEADING_ROW, column), [[Label("Estimate", "Hinnang"), Label("Value", "Väärtus")]], "heading")
    for place, (key, label, value, formula, number_format) in enumerate(rows, start=FIRST_ROW):
        book.write(sheet, (place, column), [[label]], "text")
        book.add(sheet, key, (place, column + 1), np.array([value]), formula, format=number_format)
    place = FIRST_ROW + len(rows) + 1
    wrong = Label(
        "Wrong skewness: no inefficiency is found, and every efficiency is 1. It does not show that all are efficient.",
        "Vale kaldega jäägid: ebatõhusust ei leita ja kõigi tõhusus on 1. See ei tõenda, et kõik on tõhusad.",
    )
    no_luck = Label(
        "The moments leave no room for luck: all distance counts as inefficiency. Prefer the likelihood.",
        "Momendid ei jäta juhusele ruumi: kogu kaugus loetakse ebatõhususeks. Eelistage tõepära meetodit.",
    )
    told = np.array([book.say(wrong) if not inefficient else (book.say(no_luck) if left <= 0 else "")], dtype=object)
    formula = f'IF({{inefficiency_found}}=0,"{book.say(wrong)}",IF({{noise_squared}}<=0,"{book.say(no_luck)}",""))'
    if plan.room.open:
        formula = f'IF({{frontier_count}}>1,{formula},"")'
        told = np.array([""], dtype=object) if plan.empty else told
    book.add(sheet, "frontier_remark", (place, column), told, formula, kind="note", format="text")


def _open(formula: str, plan: Plan) -> str:
    return f"IF({{frontier_count}}>1,{formula},0)" if plan.room.open else formula


def _safe(above: str, below: str, plan: Plan) -> str:
    return _open(f"IF({below}>0,({above})/({below}),0)", plan)
