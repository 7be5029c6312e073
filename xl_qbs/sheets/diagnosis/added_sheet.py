"""The sheet of an indicator that may be added: how many patients and how much work each list would have to expect."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.diagnosis.columns import Column, add_columns, named_across
from xl_qbs.sheets.diagnosis.plan import ADDED, Plan
from xl_qbs.sheets.frame import begin, indicator_names, texts
from xl_qbs.sheets.model import Book, Label, Sheet

_SHARES, _COVERAGE, _FIRST = 6, 8, 13


def add_added(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of an added indicator; coverage and the sheet of lists must stand already."""
    assert plan.added is not None  # noqa: S101  (asked for)
    added, load = plan.added, plan.load
    sheet = begin(
        book,
        ADDED,
        Label(f"Expected load of {added.name}", f"Oodatav koormus: {added.name}"),
        Label(
            "How many of each group would be eligible is an assumption in yellow cells; counts are this year's.",
            "Kui suur osa igast rühmast sihtrühma satuks, on eeldus kollastes lahtrites; arvud on selle aasta omad.",
        ),
        tab="BF8F00",
    )  # fmt: skip
    sheet.widths = {1: 44}
    sheet.default_width = 12.0
    sheet.freeze = f"B{_FIRST}"
    sheet.scale = 70
    sheet.print_titles = f"$A:$A,${_FIRST - 2}:${_FIRST - 1}"
    _, names = indicator_names(book, plan.result.scheme)
    groups = [*names, *([book.say(Label("Everybody on the list", "Kõik nimistus"))] if plan.whole_list else [])]
    named_across(book, sheet, _SHARES - 1, groups, Label("Group of people", "Inimeste rühm"))
    book.write(sheet, (_SHARES, 1), [[Label("Share who would be eligible", "Osa, kes satuks sihtrühma")]], "text")
    shares = plan.shares.reshape(1, -1)
    book.add(sheet, "added_share", (_SHARES, 2), shares[:, : len(names)], kind="input", format="percent1")
    if plan.whole_list:
        book.add(sheet, "added_list_share", (_SHARES, 2 + len(names)), shares[:, -1:], kind="input", format="percent1")
    book.write(sheet, (_COVERAGE, 1), [[Label("Coverage asked for", "Nõutav hõlmatus")]], "text")
    book.add(sheet, "added_coverage", (_COVERAGE, 2), np.array([added.coverage]), kind="input", format="percent1")
    notes = [
        Label(
            "Whoever is in two groups is counted twice. Within a group all are taken to be equally likely, each apart: "
            "lists differ by more than the interval says.",
            "Kahes rühmas olija loetakse kaks korda. Rühmas on kõik sama tõenäolised ja üksteisest sõltumatud: "
            "nimistud erinevad rohkem, kui vahemik ütleb.",
        ),
    ]
    book.write(sheet, (_COVERAGE + 1, 1), [[one] for one in notes], "note")
    people, variance, most = "SUMPRODUCT({target:row},{added_share:all})", *_spread()
    known = "%s"
    if plan.whole_list:
        people += "+IF({added_list_share}>0,{list_size}*{added_list_share},0)"
        # A size that is not known leaves no number only where the size is needed.
        known = 'IF(OR({added_list_share}=0,ISNUMBER({list_size})),%s,"")'
        variance += "+IF({added_list_share}>0,{list_size}*{added_list_share}*(1-{added_list_share}),0)"
        most += "+IF({added_list_share}>0,{list_size},0)"
    half = f"NORMSINV(AVERAGE(1,{{level}}))*SQRT({variance})"
    some = 'IF(ISNUMBER({added_patients}),%s,"")'
    provider = Column("added_provider", Label("List", "Nimistu"), texts(plan.result.table.providers), "{provider}",
                      format="text")  # fmt: skip
    columns = [
        provider,
        Column("added_patients", Label("Patients expected", "Oodatav sihtrühm"), load.patients, known % people,
               "output", "decimal"),
        Column("added_low", Label("from", "alates"), load.low, some % f"MAX(0,{{added_patients}}-{half})",
               format="decimal"),
        Column("added_high", Label("to", "kuni"), load.high, some % f"MIN({most},{{added_patients}}+{half})",
               format="decimal"),
        Column("added_work", Label("To be served", "Teenindada"), load.work,
               some % "{added_coverage}*{added_patients}", "output", "decimal"),
        Column("added_relative", Label("Times the mean of lists", "Kordi nimistute keskmisest"), load.relative,
               some % 'IF(SUM({added_work:all})>0,{added_work}/AVERAGE({added_work:all}),"")', format="share"),
    ]  # fmt: skip
    add_columns(book, sheet, 1, columns, first=_FIRST)
    sheet.heights[_FIRST - 1] = 48
    return sheet


def _spread() -> tuple[str, str]:
    """Return the formulas of the variance by chance, and of the people that there are at most."""
    return (
        "SUMPRODUCT({target:row},{added_share:all},1-{added_share:all})",
        "SUMPRODUCT({target:row},--({added_share:all}>0))",
    )
