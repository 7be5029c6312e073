"""What a template checks beside the numbers: the rows that were pasted, the names, and the parameters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xl_qbs.sheets.checks_sheet import Check
from xl_qbs.sheets.equity.plan import Plan
from xl_qbs.sheets.model import Book, Label, Sheet

# Yellow cells that have to hold a number, and those that have to hold one of some words.
_NEEDED = (
    "share_known",
    "smallest_group",
    "fewest_groups",
    "total_required",
    "level",
    "fraction",
    "guard",
    "most_points",
    "below_benchmark",
    "half",
    "best_share",
    "accepted",
)
_WORDS = (
    ("prior_rule", "prior_words"),
    ("points_on", "points_words"),
    ("steps", "steps_words"),
    ("forfeit", "forfeit_words"),
)
# What has to hold of them beside what every book of equity checks; a text counts as more than any number.
_RANGES = (
    "{fraction}>=0",
    "{guard}>=0",
    "{guard}<1",
    "{most_points}>0",
    "{below_benchmark}>0",
    "{below_benchmark}<={most_points}",
    "{half}>=0",
    "{half}<=1",
    "{best_share}>0",
    "{best_share}<=1",
    "OR({total_required}=0,{total_required}=1)",
)
_FILL = Label(
    "NO DATA: name groups and indicators on Parameters, then paste rows into Data (and Baseline data).",
    "ANDMEID POLE: nimetage lehel Parameetrid rühmad ja indikaatorid, kleepige read lehele Andmed (ja Baasandmed).",
)
_LOOK = Label(
    "FAIL: the sheet Checks says what is wrong; red messages say where.",
    "FAIL: leht Kontrollid ütleb, mis on valesti; punased teated ütlevad, kus.",
)


def template_checks(plan: Plan) -> list[Check]:
    """Return the checks that only a template has."""
    room = plan.room
    assert room is not None  # noqa: S101  (asked for only there)
    exceeding = sum(float(np.sum((one.x > one.n) & ~_apart(plan, one.groups))) for one in (room.now, room.before))
    numbers, words = float(len(_NEEDED)), float(len(_WORDS))
    message = 'SUMPRODUCT(({%s:all}<>"")*({%s:all}<>"OK"))'
    names = "+".join(message % (one, one) for one in ("group_message", "code_message"))
    return [
        Check(
            Label("Rows of the data that cannot be used (messages there)", "Andmete kasutamatuid ridu (vt teateid)"),
            0.0,
            "{d_unusable}+{d_unusable0}",
            0.0,
        ),
        Check(
            Label(
                "Rows with more done than patients, less those accepted",
                "Ridu, kus tehtud üle patsientide arvu, peale lubatute",
            ),
            exceeding - room.accepted,
            "{d_exceeding}+{d_exceeding0}-{accepted}",
            0.0,
        ),
        Check(
            Label(
                "Groups and indicators with something wrong (messages on Parameters)",
                "Rühmi ja indikaatoreid, millega midagi on valesti (teated lehel Parameetrid)",
            ),
            0.0,
            names,
            0.0,
        ),
        Check(
            Label("Groups in use, at least 2 (1 = yes)", "Kasutusel rühmi, vähemalt 2 (1 = jah)"),
            1.0,
            'IF(SUMPRODUCT(--({group_key:all}<>""))>1,1,0)',
            1.0,
        ),
        Check(
            Label(
                "Rows of all patients and of unknown group at once (1 = both)",
                "Korraga kõigi patsientide ja teadmata rühma ridu (1 = mõlemad)",
            ),
            0.0,
            'IF(AND({all_key}<>"",{unknown_key}<>""),1,0)',
            0.0,
        ),
        Check(
            Label(
                "Totals of the baseline below the sum of the groups", "Baasperioodi koguarve, mis on summast väiksemad"
            ),
            0.0,
            "SUMPRODUCT(--({everyone0:all}<{known0:all}))",
            0.0,
        ),
        Check(
            Label("Parameters that are numbers", "Parameetreid, mis on arvud"),
            numbers,
            f"COUNT({','.join(f'{{{one}}}' for one in _NEEDED)})",
            numbers,
        ),
        Check(
            Label("Parameters that are words, and known", "Parameetreid, mis on teada sõnad"),
            words,
            "+".join(f"SUMPRODUCT(--({{{listed}:all}}={{{one}}}))" for one, listed in _WORDS),
            words,
        ),
        Check(
            Label("Parameters of points within their range (1 = all)", "Punktide parameetrid lubatud vahemikus"),
            1.0,
            f"IFERROR(IF(AND({','.join(_RANGES)}),1,0),0)",
            1.0,
        ),
        Check(
            Label("Weights of indicators in use are not all 0 (1 = yes)", "Indikaatorite kaalud pole kõik 0 (1 = jah)"),
            1.0,
            'IF(OR({codes_used}=0,SUMPRODUCT(({code_key:all}<>"")*({weight:all}<>0))>0),1,0)',
            1.0,
        ),
    ]


def _apart(plan: Plan, groups: tuple[str, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return which rows are of no group."""
    assert plan.room is not None  # noqa: S101
    return np.array([one in (plan.room.all_label, plan.room.unknown_label) for one in groups], dtype=bool)


def tell_unusable(book: Book, sheet: Sheet) -> None:
    """Let the flag fail, not say that there are no data, where there are rows and none can be used."""
    flag = book.block("master")
    bad = "{d_unusable}+{d_unusable0}"
    told = replace(flag, formula=f"IF(ISNUMBER({bad}),IF({bad}>0,0,{flag.formula}),0)")
    sheet.blocks[sheet.blocks.index(flag)] = book.named["master"] = told


def add_what_to_do(book: Book, sheet: Sheet, key: str, at: tuple[int, int]) -> None:
    """Add, beside the flag, what is to be done about it."""
    formula = f'IF({{master}}=-1,"{book.say(_FILL)}",IF({{master}}=0,"{book.say(_LOOK)}",""))'
    holds = book.block("master").values[0, 0] == 1
    shown = np.array(["" if holds else book.say(_LOOK)], dtype=object)
    book.add(sheet, key, at, shown, formula, kind="text", format="text")
