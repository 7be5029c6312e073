"""The sheet of agreement: the correlations of Exhibit 7, and who changes class from model to model."""

from __future__ import annotations

import numpy as np

from xl_qbs.efficiency.agreement import agreement, classes_of
from xl_qbs.efficiency.correlations import efficiency_correlations
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.efficiency.plan import AGREEMENT, TITLES, Plan
from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.model import Book, Format, Label, Sheet

_FIRST = 6


def add_agreement(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of agreement; the sheet of results must stand already."""
    sheet = begin(
        book,
        AGREEMENT,
        Label("How far the models agree", "Kui palju on mudelid ühel meelel"),
        Label(
            "Correlation of efficiencies (Exhibit 7), and the share of providers in the same class under two models.",
            "Tõhususte korrelatsioon (joonis 7) ja osa osutajaist, kes on kahes mudelis samas klassis.",
        ),
        tab="C55A11",
    )
    keys = plan.columns
    count = len(keys)
    sheet.widths = {1: 36} | {2 + place: 13.0 for place in range(count + 1)}
    sheet.default_width = 13
    numbers = np.arange(1.0, count + 1)
    matrices = _matrices(plan)
    tables: list[tuple[str, Label, Array, str, Format]] = [
        (
            "correlation",
            Label("Correlation of efficiencies (Pearson)", "Tõhususte korrelatsioon (Pearson)"),
            matrices["correlation"],
            _if_varies("CORREL({first},{second})"),
            "share",
        ),
        (
            "correlation_low",
            Label("Interval of the correlation, from (Fisher)", "Korrelatsiooni vahemik, alates (Fisher)"),
            matrices["low"],
            _fisher("-"),
            "share",
        ),
        (
            "correlation_high",
            Label("Interval of the correlation, to", "Korrelatsiooni vahemik, kuni"),
            matrices["high"],
            _fisher("+"),
            "share",
        ),
        (
            "same_class",
            Label("Share of providers in the same class", "Osa osutajaist samas klassis"),
            matrices["same"],
            _if_counted("SUMPRODUCT(--({class_first}={class_second}),{present:all})/{lists}"),
            "percent",
        ),
        (
            "kappa",
            Label("The same beyond chance (Cohen's kappa)", "Sama, juhusest rohkem (Coheni kapa)"),
            matrices["kappa"],
            _kappa(),
            "share",
        ),
    ]
    row = _add_shares(book, sheet, plan, _FIRST) + 2
    names = texts([book.say(TITLES[key]) for key in keys])
    for key, label, values, formula, number_format in tables:
        book.write(sheet, (row, 1), [[label]], "label")
        sheet.heights[row + 1] = 48
        book.write(sheet, (row + 1, 1), [[Label("Model", "Mudel"), Label("No.", "Nr"), *names]], "heading")
        book.write(sheet, (row + 2, 1), [["", ""]], "text")
        book.add(sheet, f"{key}_across", (row + 2, 3), numbers.reshape(1, -1), kind="calculation", format="count")
        book.write(sheet, (row + 3, 1), [[name] for name in names], "text")
        book.add(sheet, f"{key}_down", (row + 3, 2), numbers, kind="calculation", format="count")
        pattern = _placed(formula, key)
        book.add(sheet, key, (row + 3, 3), values, pattern, kind="output", format=number_format)
        row += count + 5
    _add_movers(book, sheet, plan, row)
    if plan.analysis.conditional:
        _add_grids(book, sheet, plan, row + 7)
    return sheet


def _placed(formula: str, key: str) -> str:
    """Return a formula about two models with the columns that a table's margins name."""
    for word, block, margin in (
        ("first", "eff", "down"),
        ("second", "eff", "across"),
        ("class_first", "class", "down"),
        ("class_second", "class", "across"),
    ):
        formula = formula.replace(f"{{{word}}}", f"INDEX({{{block}:all}},0,{{{margin}}})")
    return formula.replace("{down}", f"{{{key}_down}}").replace("{across}", f"{{{key}_across}}")


def _matrices(plan: Plan) -> dict[str, Array]:
    """Return the tables over all columns; NaN where a model does not speak of every provider."""
    found = plan.analysis
    count = len(plan.columns)
    tables = {name: np.full((count, count), np.nan) for name in ("correlation", "low", "high", "same", "kappa")}
    if plan.empty:
        return tables
    whole = [place for place, key in enumerate(plan.columns) if not np.isnan(found.efficiencies[key]).any()]
    if len(whole) < 2:
        return tables
    chosen = {plan.columns[place]: found.efficiencies[plan.columns[place]] for place in whole}
    correlations = efficiency_correlations(chosen, level=found.options.level)
    classes = agreement(classes_of(chosen, found.options.class_shares))
    own = np.abs(correlations.matrix) >= 1 - _GUARD
    at = np.ix_(whole, whole)
    tables["correlation"][at] = correlations.matrix
    tables["low"][at] = np.where(own, np.nan, correlations.interval.low)
    tables["high"][at] = np.where(own, np.nan, correlations.interval.high)
    if len(plan.providers) <= 3:
        tables["low"][:], tables["high"][:] = np.nan, np.nan
    tables["same"][at], tables["kappa"][at] = classes.same, classes.kappa
    return tables


# A correlation this near to 1 either way has no interval.
_GUARD = 1e-9


def _if_counted(formula: str) -> str:
    """Return a formula that is empty unless both models have a value for every provider."""
    known = "AND(INDEX({eff_count:all},1,{down})={lists},INDEX({eff_count:all},1,{across})={lists})"
    return f'IF({{lists}}>1+1,IF({known},{formula},""),"")'


def _if_varies(formula: str) -> str:
    varies = "AND(INDEX({eff_guard:all},1,{down})>0,INDEX({eff_guard:all},1,{across})>0)"
    return _if_counted(f'IF({varies},{formula},"")')


def _fisher(sign: str) -> str:
    """Return an end of the interval: the correlation stretched by Fisher's z, moved, and put back."""
    r = "{correlation}"
    z = f"LN((1+{r})/(1-{r}))"
    # Twice Fisher's z, moved by twice its half width: the way back, (e^2z - 1) / (e^2z + 1), needs just that.
    moved = f"EXP({z}{sign}(1+1)*{{spread}}/SQRT({{lists}}-(1+1+1)))"
    return f'IF(ISNUMBER({r}),IF(AND(ABS({r})<1-{{cut_guard}},{{lists}}>1+1+1),({moved}-1)/({moved}+1),""),"")'


def _kappa() -> str:
    chance = "SUMPRODUCT(INDEX({class_shares:all},0,{down}),INDEX({class_shares:all},0,{across}))"
    return f'IF(ISNUMBER({{same_class}}),IF({chance}<1-{{cut_guard}},({{same_class}}-{chance})/(1-{chance}),""),"")'


def _add_shares(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    """Add the share of providers in each class under each model, and return the last row."""
    title = Label("Share of providers in each class", "Osa osutajaist igas klassis")
    book.write(sheet, (row, 1), [[title]], "label")
    sheet.heights[row + 1] = 48
    names = [book.say(TITLES[key]) for key in plan.columns]
    book.write(sheet, (row + 1, 1), [[Label("Class", "Klass"), Label("No.", "Nr"), *names]], "heading")
    words = [Label("low", "madal"), Label("average", "keskmine"), Label("high", "kõrge")]
    book.write(sheet, (row + 2, 1), [[word] for word in words], "text")
    book.add(sheet, "class_no", (row + 2, 2), np.arange(0.0, 3.0), kind="calculation", format="count")
    numbers = np.arange(1.0, len(plan.columns) + 1)
    book.add(sheet, "class_shares_across", (row + 5, 3), numbers.reshape(1, -1), kind="calculation", format="count")
    shares = np.zeros((3, len(plan.columns)))
    classes = book.named["class"].values  # type: ignore[union-attr]
    total = float(len(plan.providers))
    for number in range(3):
        for place in range(len(plan.columns)):
            inside = sum(1 for value in classes[:, place] if isinstance(value, float) and value == number)
            shares[number, place] = 0.0 if plan.empty else inside / total
    formula = "IF({lists}>0,COUNTIF(INDEX({class:all},0,{class_shares_across}),{class_no})/{lists},0)"
    book.add(sheet, "class_shares", (row + 2, 3), shares, formula, format="percent")
    return row + 5


def _add_grids(book: Book, sheet: Sheet, plan: Plan, row: int) -> None:
    """Add how many providers are in each cell of the two conditional grids (Exhibit 5), the best at the top right."""
    columns = [Label("Cost: low", "Kulu: madal"), Label("average", "keskmine"), Label("high", "kõrge")]
    quality = [Label("Quality: high", "Kvaliteet: kõrge"), Label("average", "keskmine"), Label("low", "madal")]
    for part, key in enumerate(("conditional_overall", "conditional_within")):
        title = TITLES[key]
        top = row + part * 6
        label = Label(f"{title.en}: providers in each cell", f"{title.et}: osutajaid igas lahtris")
        book.write(sheet, (top, 1), [[label]], "label")
        heads = [
            Label("Class of quality and of cost performance", "Kvaliteedi ja kulutulemuse klass"),
            Label("No.", "Nr"),
        ]
        book.write(sheet, (top + 1, 1), [[*heads, *columns]], "heading")
        sheet.heights[top + 1] = 32
        book.write(sheet, (top + 2, 1), [[one] for one in quality], "text")
        # The lowest number of each row of the grid: 7, 4, 1.
        lowest, steps = np.array([7.0, 4.0, 1.0]), np.array([[0.0, 1.0, 2.0]])
        book.add(sheet, f"{key}_grid_row", (top + 2, 2), lowest, kind="calculation", format="count")
        book.add(sheet, f"{key}_grid_column", (top + 5, 3), steps, kind="calculation", format="count")
        values = np.zeros((3, 3))
        if not plan.empty:
            found = plan.analysis.efficiencies[key]
            values = np.array([[float((found == low + step).sum()) for step in steps[0]] for low in lowest])
        formula = f"COUNTIF({{eff_{key}:all}},{{{key}_grid_row}}+{{{key}_grid_column}})"
        book.add(sheet, f"{key}_grid", (top + 2, 3), values, formula, kind="output", format="count")


def _add_movers(book: Book, sheet: Sheet, plan: Plan, row: int) -> None:
    """Add how many providers change class, one class and two classes apart."""
    title = Label("Who changes class from model to model", "Kes vahetab mudelist mudelisse klassi")
    book.write(sheet, (row, 1), [[title]], "label")
    words = [
        Label("Same class under every model", "Kõigis mudelites sama klass"),
        Label("One class apart", "Ühe klassi võrra"),
        Label("Two classes apart: low here, high there", "Kahe klassi võrra: siin madal, seal kõrge"),
    ]
    book.write(sheet, (row + 1, 1), [[word] for word in words], "text")
    book.add(sheet, "moves_no", (row + 1, 2), np.arange(0.0, 3.0), kind="calculation", format="count")
    block = book.block("class_moves")
    moves = [value for value in block.values[:, 0] if isinstance(value, float)]
    counts = np.array([float(sum(1 for value in moves if value == number)) for number in range(3)])
    total = float(len(plan.providers))
    shares = np.zeros(3) if plan.empty else counts / total
    if plan.empty:
        counts = np.zeros(3)
    book.add(
        sheet, "movers", (row + 1, 3), counts, "COUNTIF({class_moves:all},{moves_no})", kind="output", format="count"
    )
    book.add(sheet, "movers_share", (row + 1, 4), shares, "IF({lists}>0,{movers}/{lists},0)", format="percent")
    note = Label(
        "The sheet of results shows them: filter its last column by 2. Another reasonable model treats each otherwise.",
        "Tulemuste leht näitab neid: filtreerige viimane veerg väärtusega 2. Mõni teine mudel kohtleks neid teisiti.",
    )
    book.write(sheet, (row + 4, 1), [[note]], "note")
