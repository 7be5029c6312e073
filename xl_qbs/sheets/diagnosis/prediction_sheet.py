"""The sheet that says which prior told the second year best."""

from __future__ import annotations

import numpy as np

from xl_qbs.scoring.prediction import Prediction
from xl_qbs.scoring.ranks import BAND_GUARD
from xl_qbs.sheets.diagnosis.columns import Column, add_columns, begin_rows
from xl_qbs.sheets.diagnosis.plan import PREDICTION, Plan
from xl_qbs.sheets.frame import indicator_names, texts
from xl_qbs.sheets.model import Book, Label, Sheet


def add_prediction(book: Book, plan: Plan) -> Sheet:
    """Add the sheet that says which prior told the second year best."""
    assert plan.before is not None  # noqa: S101  (asked for)
    found = plan.before.prediction
    _, names = indicator_names(book, plan.result.scheme)
    sheet = begin_rows(
        book,
        PREDICTION,
        Label("Which prior told the second year best", "Milline eeljaotus ennustas teist aastat kõige paremini"),
        Label(
            "Mean squared error of the first year's adjusted coverage as a prediction of the second's, by patients.",
            "Eelmise aasta kohandatud hõlmatuse keskmine ruutviga teise aasta ennustusena, patsientide järgi.",
        ),
        Column("predict_name", Label("Indicator", "Indikaator"), texts(names), kind="text", format="text"),
        tab="BF8F00",
        width=44,
    )
    number = np.arange(1.0, len(names) + 1)
    n0, x0 = "INDEX({two_n0:all},0,{predict_no})", "INDEX({two_x0:all},0,{predict_no})"
    n1, x1 = "INDEX({target:all},0,{predict_no})", "INDEX({done:all},0,{predict_no})"
    # Lists count where they have patients in both years, by the patients of the second.
    weight = f"({n0}>0)*{n1}"
    outcome = f"{x1}/({n1}+({n1}=0))"

    def error(predicted: str) -> str:
        return f"SUMPRODUCT({weight}*({predicted}-{outcome})^(1+1))/SUMPRODUCT({weight})"

    columns = [
        Column("predict_no", Label("No.", "Nr"), number),
        Column("predict_lists", Label("Lists with patients in both years", "Mõlemal aastal sihtrühmaga nimistuid"),
               found.lists, f"SUMPRODUCT(({n0}>0)*({n1}>0))"),
    ]  # fmt: skip
    some = 'IF({predict_lists}>0,%s,"")'
    for place, rule in enumerate(found.predictors):
        predicted = f"{x0}/({n0}+({n0}=0))"
        if rule != "raw":
            mean, strength, infinite = (
                f"INDEX({{last_p_{rule}_{what}:all}},1,{{predict_no}})" for what in ("mean", "strength", "infinite")
            )
            total = f"({n0}+{strength})"
            predicted = (
                f"({infinite}*{mean}+(1-{infinite})*({x0}+({strength}+({total}=0))*{mean})/({total}+({total}=0)))"
            )
        label = Label(f"Error: {rule}", f"Viga: {rule}")
        columns.append(Column(f"error_{rule}", label, found.error[:, place], some % error(predicted), format="share"))
    columns += [
        Column(f"difference_{rule}", Label(f"{rule} less raw", f"{rule} miinus raw"), found.difference[:, place],
               some % f"{{error_{rule}}}-{{error_raw}}", format="share")
        for place, rule in enumerate(found.predictors) if rule != "raw"
    ]  # fmt: skip
    columns += [
        Column(f"difference_error_{rule}",
               Label(f"its standard error: {rule} (stored)", f"selle standardviga: {rule} (salvestatud)"),
               found.standard_error[:, place], format="share")
        for place, rule in enumerate(found.predictors) if rule != "raw"
    ]  # fmt: skip
    errors = ",".join(f"{{error_{rule}}}" for rule in found.predictors)
    least = f"MIN({errors})"
    word = '""'
    for rule in reversed(found.predictors):
        word = f'IF({{error_{rule}}}<={least}+{{band_guard}},"{rule}",{word})'
    best = _best(found)
    columns.append(Column("predict_best", Label("Best", "Parim"), texts(best), some % word, "output", "text"))
    after = add_columns(book, sheet, 2, columns)
    row = sheet.last_row + 2
    told = [
        Label("Indicators on which each is best", "Indikaatoreid, kus see on parim"),
        Label("Indicators on which it is worse than raw", "Indikaatoreid, kus see on halvem kui raw"),
    ]
    book.write(sheet, (row, 1), [[one] for one in told], "text")
    for place, rule in enumerate(found.predictors):
        count = np.array([float(best.count(rule))])
        formula = f'COUNTIF({{predict_best:all}},"{rule}")'
        book.add(sheet, f"times_best_{rule}", (row, 4 + place), count, formula, kind="output", format="count")
        if rule == "raw":
            continue
        worse = np.array([float((found.difference[:, place] > BAND_GUARD).sum())])
        formula = f'COUNTIF({{difference_{rule}:all}},">"&{{band_guard}})'
        book.add(sheet, f"times_worse_{rule}", (row + 1, 4 + place), worse, formula, kind="output", format="count")
    note = Label(
        "All errors contain the second year's own chance, so they cannot be 0 and their differences say more than "
        "their ratios.",
        "Kõik vead sisaldavad teise aasta enda juhust, seega ei saa need olla 0 ja vahed ütlevad rohkem kui suhted.",
    )
    book.write(sheet, (row + 3, 1), [[note]], "note")
    sheet.widths |= dict.fromkeys(range(2, after), 12.0)
    return sheet


def _best(found: Prediction) -> list[str]:
    """Return the predictor with the smallest error by indicator, the first of those that are as good as equal."""
    best: list[str] = []
    for errors in found.error:
        near = errors <= errors.min() + BAND_GUARD
        best.append("" if np.isnan(errors).any() else found.predictors[int(np.argmax(near))])
    return best
