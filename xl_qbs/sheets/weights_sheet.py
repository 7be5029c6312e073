"""The sheet of weights: from the correlation matrix to the first component to whole points, all by formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xl_qbs.scoring.method import WEIGHT_RULES
from xl_qbs.scoring.table import Array
from xl_qbs.scoring.weights import WEIGHT_DECIMALS, Component, Rounding, component_weights, round_weights, tie_order
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import begin, indicator_names, texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Mark, Sheet
from xl_qbs.sheets.room import Room
from xl_qbs.sheets.run import WEIGHTS, Run

# The correlation matrix is squared so often: its power of 2^10 holds nothing but the first component,
# unless the second is nearly as strong (then the checks say so).
SQUARINGS = 10

_FIRST = 7
_Column = tuple[str, Label, Any, str | None, Kind, Format]


def add_weights(book: Book, run: Run) -> Sheet:
    """Add the sheet of weights; without a component it holds the rules that need none."""
    result = run.result
    count = run.room.indicators
    sheet = begin(
        book,
        WEIGHTS,
        Label("Weights of the indicators", "Indikaatorite kaalud"),
        Label(
            "First principal component of the correlation of coverages, and the points that follow from it.",
            "Hõlmatuste korrelatsiooni esimene peakomponent ja sellest tulenevad punktid.",
        ),
        tab="7F6000",
    )
    sheet.widths = {1: 46, 2: 10, 3: 6}
    sheet.default_width = 12
    sheet.heights[_FIRST - 1] = 64
    sheet.freeze = f"D{_FIRST}"
    matrix_row = _FIRST + count + 9
    component = result.component
    _add_table(book, sheet, run)
    if run.room.open:
        last = _FIRST + count - 1
        sheet.marks.append(Mark(f"A{_FIRST}:{column_letter(sheet.last_column)}{last}", f'$B{_FIRST}=""', "unused"))
    if component is not None:
        _add_correlation(book, sheet, run, component, matrix_row)
        _add_powers(book, sheet, run.room.square(component.correlation), matrix_row + count + 3)
    else:
        sentence = Label(
            "No component: fewer than 3 lists are complete on all indicators, or coverage does not vary.",
            "Peakomponenti pole: täielikke nimistuid on alla 3 või hõlmatus ei varieeru.",
        )
        book.write(sheet, (matrix_row, 1), [[sentence]], "note")
    return sheet


def _add_table(book: Book, sheet: Sheet, run: Run) -> None:
    result = run.result
    component, room = result.component, run.room
    scheme = result.scheme
    which, names = indicator_names(book, scheme)
    columns: list[_Column] = [
        (
            "weight_name",
            Label("Indicator", "Indikaator"),
            room.by_indicator(texts(names)),
            f'{{{which}}}&""',
            "text",
            "text",
        ),
        ("weight_code", Label("Code", "Kood"), room.by_indicator(texts(scheme.codes)), '{code}&""', "text", "text"),
        ("weight_no", Label("No.", "Nr"), room.numbers, None, "calculation", "general"),
        *(_component_columns(run, component) if component is not None else []),
        *_rule_columns(run),
    ]
    for number, (key, label, values, formula, kind, number_format) in enumerate(columns, start=1):
        book.write(sheet, (_FIRST - 1, number), [[label]], "heading")
        book.add(sheet, key, (_FIRST, number), values, formula, kind=kind, format=number_format)
    last = _FIRST + room.indicators
    book.write(sheet, (last, 1), [[Label("Sum", "Summa")]], "label")
    place = next(number for number, column in enumerate(columns, start=1) if column[0] == "weight")
    total = np.array([result.weights.sum()])
    book.add(sheet, "weight_total", (last, place), total, "SUM({weight:all})", kind="output", format="points")
    if component is not None:
        _add_strengths(book, sheet, run, component, last)


def _component_columns(run: Run, component: Component) -> list[_Column]:
    """Return the columns from loadings to rounded weights, each with its values and formula.

    A place without an indicator weighs nothing: all its numbers are 0.
    """
    room, scheme = run.room, run.result.scheme
    loadings = room.by_indicator(component.loadings, 0.0)
    correlation = room.square(component.correlation)
    reached = _powers(correlation)[-1]
    row_sums = reached.sum(axis=1)
    mapped = correlation @ loadings
    # Without a component, which only a template knows, all of it is 0.
    exact = component_weights(loadings, scheme.total) if loadings.any() else loadings
    kept = np.round(exact, WEIGHT_DECIMALS)
    whole = np.floor(kept)
    remainder = np.round(kept - whole, WEIGHT_DECIMALS)
    order = np.array(tie_order(scheme.codes, scheme.points), dtype=float)
    ties = _in_a_tie(room, order, scheme.points)
    queue = 1.0 + np.array(
        [((remainder > a) | ((remainder == a) & (ties < b))).sum() for a, b in zip(remainder, ties, strict=True)]
    )
    decimals = "{weight_decimals}"

    def rounded(rule: Rounding) -> Array:
        weights = round_weights(exact[room.taken], rule, tie_order(scheme.codes, scheme.points))
        return room.by_indicator(weights, 0.0)

    return [
        (
            "row_sum",
            Label("Row sum of the last power", "Viimase astme reasumma"),
            row_sums,
            "SUM({last_power:row})",
            "calculation",
            "share",
        ),
        (
            "loading",
            Label("Loading", "Laadung"),
            loadings,
            "IF({component_ready}=1,{row_sum}/SQRT(SUMSQ({row_sum:all})),0)"
            if room.open
            else "{row_sum}/SQRT(SUMSQ({row_sum:all}))",
            "output",
            "share",
        ),
        (
            "mapped",
            Label("R × loading", "R × laadung"),
            mapped,
            "SUMPRODUCT(INDEX({correlation:all},0,{weight_no}),{loading:all})",
            "calculation",
            "share",
        ),
        (
            "residual",
            Label("Distance from an eigenvector", "Kaugus omavektorist"),
            np.abs(mapped - component.eigenvalue * loadings),
            "ABS({mapped}-{eigenvalue}*{loading})",
            "calculation",
            "share",
        ),
        (
            "positive",
            Label("Loading, not below 0", "Laadung, mitte alla 0"),
            np.maximum(loadings, 0.0),
            "MAX(0,{loading})",
            "calculation",
            "share",
        ),
        (
            "exact",
            Label("Weight, exact", "Kaal, täpne"),
            exact,
            _no_zero("{total}*{positive}", "SUM({positive:all})"),
            "calculation",
            "share",
        ),
        (
            "whole",
            Label("Whole points", "Täispunktid"),
            whole,
            f"INT(ROUND({{exact}},{decimals}))",
            "calculation",
            "count",
        ),
        (
            "remainder",
            Label("Remainder", "Jääk"),
            remainder,
            f"ROUND(ROUND({{exact}},{decimals})-{{whole}},{decimals})",
            "calculation",
            "share",
        ),
        (
            "tie",
            Label("Order in a tie (points, then code)", "Järjekord viigi korral (punktid, kood)"),
            ties,
            "SUMPRODUCT(--({points:all}>{points}))+SUMPRODUCT(({points:all}={points})*({code:all}<{code}))",
            "calculation",
            "count",
        ),
        (
            "queue",
            Label("Place among the remainders", "Koht jääkide seas"),
            queue,
            "1+SUMPRODUCT(--({remainder:all}>{remainder}))+SUMPRODUCT(({remainder:all}={remainder})*({tie:all}<{tie}))",
            "calculation",
            "count",
        ),
        (
            "by_remainder",
            Label("Largest remainder", "Suurima jäägi meetod"),
            rounded("largest-remainder"),
            f"{{whole}}+IF({{queue}}<=ROUND(ROUND(SUM({{exact:all}}),{decimals}),0)-SUM({{whole:all}}),1,0)",
            "calculation",
            "count",
        ),
        (
            "by_integer",
            Label("Nearest integer", "Lähim täisarv"),
            rounded("integer"),
            f"ROUND(ROUND({{exact}},{decimals}),0)",
            "calculation",
            "count",
        ),
        (
            "component_weight",
            Label("Principal-component weight", "Peakomponendi kaal"),
            rounded(run.result.method.rounding),
            "CHOOSE(MATCH({rounding},{roundings:all},0),{exact},{by_integer},{by_remainder})",
            "calculation",
            "points",
        ),
    ]


def _in_a_tie(room: Room, order: Array, points: Sequence[float]) -> Array:
    """Return each place's order in a tie; places without an indicator come first among those without points."""
    spare = room.indicators - len(order)
    some = np.array(points) > 0
    return room.by_indicator(order + np.where(some, 0, spare), float(some.sum()))


def _rule_columns(run: Run) -> list[_Column]:
    result, room = run.result, run.room
    points = room.by_indicator(np.array(result.scheme.points), 0.0)
    # The order of the choices is that of WEIGHT_RULES, where the formula looks its place up.
    choices = {
        "principal-component": _component_choice(run),
        "current": "{weight_points}",
        "own": "{own_weight}",
    }
    listed = ",".join(choices[rule] for rule in WEIGHT_RULES)
    return [
        (
            "weight_points",
            Label("Current points", "Praegused punktid"),
            points,
            "{points}",
            "calculation",
            "points",
        ),
        (
            "weight",
            Label("Weight in use", "Kasutatav kaal"),
            room.by_indicator(result.weights, 0.0),
            f"CHOOSE(MATCH({{weight_rule}},{{weight_rules:all}},0),{listed})",
            "output",
            "points",
        ),
    ]


def _component_choice(run: Run) -> str:
    if run.result.component is None:
        return '"none"'
    # A template may hold too few lists for a component: no weight then, rather than a wrong one.
    return 'IF({component_ready}=1,{component_weight},"")' if run.room.open else "{component_weight}"


def _add_strengths(book: Book, sheet: Sheet, run: Run, component: Component, row: int) -> None:
    """Add how strong the component is, below the table."""
    book.write(sheet, (row + 1, 1), [[Label("First eigenvalue", "Esimene omaväärtus")]], "text")
    book.add(
        sheet,
        "eigenvalue",
        (row + 1, 4),
        np.array([component.eigenvalue]),
        "SUMPRODUCT({mapped:all},{loading:all})",
        format="share",
    )
    book.write(sheet, (row + 2, 1), [[Label("Share of the variance", "Osa hajuvusest")]], "text")
    book.add(
        sheet,
        "variance_share",
        (row + 2, 4),
        np.array([component.share]),
        _no_zero("{eigenvalue}", "SUM({varies:all})"),
        kind="output",
        format="percent1",
    )
    book.write(sheet, (row + 3, 1), [[Label("Complete lists", "Täielikke nimistuid")]], "text")
    book.add(
        sheet,
        "complete_count",
        (row + 3, 4),
        np.array([float(component.complete)]),
        "SUM({complete:all})",
        format="count",
    )
    if run.room.open:
        book.write(
            sheet, (row + 4, 1), [[Label("There is a component (1 = yes)", "Peakomponent on olemas (1 = jah)")]], "text"
        )
        # A sum of 0 has no sign: indicators run against one another, and neither side leads.
        enough = "IF(AND({complete_count}>={fewest_complete},SQRT(SUMSQ({row_sum:all}))>{sign_guard}),1,0)"
        ready = np.array([float(component.loadings.any())])
        book.add(sheet, "component_ready", (row + 4, 4), ready, enough, format="count")


def _add_correlation(book: Book, sheet: Sheet, run: Run, component: Component, row: int) -> None:
    room = run.room
    matrix = room.square(component.correlation)
    codes = room.by_indicator(texts(run.result.scheme.codes))
    varies = (np.diag(matrix) > 0).astype(float).reshape(1, -1)
    numbers = room.numbers
    title = Label("Correlation of coverages R, complete lists", "Hõlmatuste korrelatsioon R, täielikud nimistud")
    book.write(sheet, (row - 3, 1), [[title]], "label")
    differs = "IF(MAX({complete_coverage:column})>MIN({complete_coverage:column}),1,0)"
    varies_label = Label("Varies between lists (1 = yes)", "Nimistuti erinev (1 = jah)")
    book.write(sheet, (row - 2, 1), [[varies_label]], "text")
    book.add(sheet, "correlation_no", (row - 1, 4), numbers.reshape(1, -1), kind="heading")
    book.add(
        sheet,
        "varies",
        (row - 2, 4),
        varies,
        f"IF({{complete_count}}>={{fewest_complete}},{differs},0)" if room.open else differs,
    )
    book.add(sheet, "correlation_code", (row, 2), codes, '{code}&""', kind="text", format="text")
    book.add(sheet, "correlation_row", (row, 3), numbers, kind="calculation")
    book.add(
        sheet,
        "correlation",
        (row, 4),
        matrix,
        "IF({varies}*INDEX({varies:all},{correlation_row})=1,"
        "CORREL({complete_coverage:column},INDEX({complete_coverage:all},0,{correlation_row})),0)",
        format="share",
    )


def _no_zero(above: str, below: str) -> str:
    """Return a quotient that is 0 where nothing varies, as in a template without data."""
    return f"{above}/IF({below}>0,{below},1)"


def _powers(correlation: Array) -> list[Array]:
    """Return the correlation matrix squared again and again, each time scaled to a trace of 1."""
    powers = [correlation]
    for _ in range(SQUARINGS):
        last = powers[-1]
        # The trace of a symmetric matrix times itself is the sum of its squared elements.
        powers.append(last @ last / ((last**2).sum() or 1.0))
    return powers[1:]


def _add_powers(book: Book, sheet: Sheet, correlation: Array, row: int) -> None:
    before = "correlation"
    count = correlation.shape[0]
    for number, power in enumerate(_powers(correlation), start=1):
        key = "last_power" if number == SQUARINGS else f"power_{number}"
        title = Label(
            f"R squared {number} times over, scaled to a trace of 1",
            f"R {number} korda järjest ruutu võetud, jälg 1",
        )
        book.write(sheet, (row, 1), [[title]], "label")
        book.add(
            sheet,
            key,
            (row + 1, 4),
            power,
            _no_zero(f"MMULT({{{before}:all}},{{{before}:all}})", f"SUMSQ({{{before}:all}})"),
            array=True,
            format="share",
        )
        before = key
        row += count + 2
