"""What a template's sheet of parameters has beside that of a result: names, labels, and targets of one's own."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.plan import OpenRoom, Plan
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.model import Book, Label, Mark, Sheet, Validation
from xl_qbs.sheets.scheme_sheet import HOUSE, Parameter

OK = "OK"
FORFEIT = Label("Another group's fall costs points", "Teise rühma langus võtab punkte")
# The benchmark is the mean of so large a share of providers, the best ones, as in Hospital VBP.
BEST_SHARE = 0.1


def template_parameters(plan: Plan, room: OpenRoom) -> list[Parameter]:
    """Return the parameters that a template alone has."""
    return [
        (
            "forfeit",
            FORFEIT,
            plan.forfeit,
            None,
            "text",
            Label(
                "never, beyond chance, or always: of a disadvantaged group that did not gain; always punishes chance",
                "never (ei), beyond chance (üle juhuse) või always (alati): rühmalt, mis ise ei paranenud",
            ),
            HOUSE,
        ),
        (
            "best_share",
            Label("Benchmark of points: mean of the best share of providers", "Punktide siht: parimate osutajate osa"),
            BEST_SHARE,
            None,
            "percent1",
            Label("Of the baseline; Hospital VBP (76 FR 26490)", "Baasperioodist; Hospital VBP (76 FR 26490)"),
            HOUSE,
        ),
        (
            "all_label",
            Label("Rows of all patients are called", "Kõigi patsientide read kannavad nime"),
            room.all_label or None,
            None,
            "text",
            Label(
                "Among the groups of your data, such as overall; empty: there are none",
                "Andmete rühmade seas, näiteks kõik; tühi: selliseid ridu pole",
            ),
            HOUSE,
        ),
        (
            "all_key",
            Label("The same, without spaces around", "Sama, ümbritsevate tühikuteta"),
            room.all_label,
            'IF(ISERROR({all_label}),"",TRIM({all_label}))',
            "text",
            Label("As it is looked up", "Nii nagu seda otsitakse"),
            HOUSE,
        ),
        (
            "unknown_label",
            Label("Rows of patients of unknown group are called", "Teadmata rühma read kannavad nime"),
            room.unknown_label or None,
            None,
            "text",
            Label(
                "They count among all patients and in no group; only without rows of all patients",
                "Loetakse kõigi patsientide, mitte ühegi rühma hulka; vaid kui kõigi patsientide ridu pole",
            ),
            HOUSE,
        ),
        (
            "unknown_key",
            Label("The same, without spaces around", "Sama, ümbritsevate tühikuteta"),
            room.unknown_label,
            'IF(ISERROR({unknown_label}),"",TRIM({unknown_label}))',
            "text",
            Label("As it is looked up", "Nii nagu seda otsitakse"),
            HOUSE,
        ),
        (
            "accepted",
            Label("Rows with more done than patients, accepted", "Lubatud read, kus tehtud üle patsientide arvu"),
            float(room.accepted),
            None,
            "count",
            Label(
                "They count as done for all patients; the flag fails until you have looked and say how many there are",
                "Loetakse tehtuks kõigile; lipp on FAIL, kuni olete need üle vaadanud ja kirjutanud siia nende arvu",
            ),
            HOUSE,
        ),
    ]


def add_open_groups(book: Book, sheet: Sheet, plan: Plan, room: OpenRoom, row: int) -> int:
    """Add places for groups in a row, with what is wrong with a name, and return the first row behind them."""
    book.write(sheet, (row, 1), [[Label("Groups", "Rühmad")]], "label")
    labels = [
        Label("Group, as your data call it", "Rühm, nagu andmetes"),
        Label("Number", "Number"),
        Label("Disadvantaged (1): its care earns points", "Ebasoodsas olukorras (1): selle ravi annab punkte"),
        Label("The name, without spaces around", "Nimi, ümbritsevate tühikuteta"),
        Label("Message", "Teade"),
    ]
    book.write(sheet, (row + 1, 1), [[label] for label in labels], "text")
    across = np.arange(1.0, room.groups + 1).reshape(1, -1)
    rules = plan.options.incentive
    named = () if rules is None else rules.disadvantaged
    names = plan.across(texts(room.names))
    flags = np.array([float(one in named) for one in room.names])
    key = 'IF(ISERROR({group_name}),"",TRIM({group_name}))'
    clash = "OR({group_key}={all_key},{group_key}={unknown_key},SUMPRODUCT(--({reference_words:all}={group_key}))>0)"
    parts = (
        ("ISERROR({group_name}&{disadvantaged})", Label("There is an error value", "Siin on veaväärtus")),
        ('{group_key}=""', None),
        ("SUMPRODUCT(--({group_key:all}={group_key}))>1", Label("stands here twice", "on siin mitu korda")),
        (clash, Label("means something else", "tähendab muud")),
        ("AND({disadvantaged}<>0,{disadvantaged}<>1)", Label("0 or 1, please", "kas 0 või 1")),
    )
    told = plan.across(texts([OK] * len(room.names)))
    book.add(sheet, "group_name", (row + 1, 2), names, kind="input", format="text")
    book.add(sheet, "group_no", (row + 2, 2), across, format="count")
    book.add(sheet, "disadvantaged", (row + 3, 2), plan.across(flags, 0.0), kind="input", format="count")
    book.add(sheet, "group_key", (row + 4, 2), names, key, format="text")
    book.add(sheet, "group_message", (row + 5, 2), told, _chain(book, parts), kind="check", format="text")
    _mark_messages(sheet, row + 5, 2, row + 5, 1 + room.groups)
    note = Label(
        "Who is disadvantaged is for the fund to decide, and to say why.",
        "Kes on ebasoodsas olukorras, on tervisekassa otsustada ja põhjendada.",
    )
    book.write(sheet, (row + 6, 1), [[note]], "note")
    return row + 7


def add_open_indicators(book: Book, sheet: Sheet, plan: Plan, room: OpenRoom, row: int) -> None:
    """Add places for indicators, a row each, with targets from the baseline or one's own."""
    book.write(sheet, (row, 1), [[Label("Indicators", "Indikaatorid")]], "label")
    heads = [
        Label("Code, as your data have it", "Kood, nagu andmetes"),
        Label("Weight", "Kaal"),
        Label("Benchmark of gaps (share, may be empty)", "Lõhe võrdlusväärtus (osa, võib olla tühi)"),
        Label("Own threshold of points (may be empty)", "Oma punktide lävi (võib olla tühi)"),
        Label("Own benchmark of points (may be empty)", "Oma punktide siht (võib olla tühi)"),
        Label("Targets decided by", "Sihid otsustas"),
        Label("Points: threshold", "Punktid: lävi"),
        Label("Points: benchmark", "Punktid: siht"),
        Label("Message", "Teade"),
        Label("Number", "Number"),
        Label("Code, without spaces around", "Kood, ümbritsevate tühikuteta"),
        Label("Place", "Koht"),
    ]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    sheet.heights[row + 1] = 64
    sheet.widths |= {9: 40, 11: 18}
    # The messages make the sheet wider than that of a result.
    sheet.scale = 56
    first = row + 2
    codes, options, targets = room.codes, plan.options, plan.analysis.targets
    assert targets is not None  # noqa: S101  (a template has them, even if they are empty)
    own = np.array([options.targets.get(code, (np.nan, np.nan)) for code in codes]).reshape(-1, 2)
    shown = plan.by_indicator(texts(codes))
    numbers = np.arange(1.0, room.indicators + 1)
    weights = np.array([options.weights.get(code, 1.0) for code in codes])
    marks = np.array([options.benchmarks.get(code, np.nan) for code in codes], dtype=float)
    both = "AND(ISNUMBER({own_threshold}),ISNUMBER({own_goal}))"
    yours, frozen = Label("you", "teie"), Label("the baseline", "baasperiood")
    who = [
        book.say(yours if code in options.targets else frozen) if np.isfinite(threshold) else ""
        for code, threshold in zip(codes, targets.threshold, strict=False)
    ]
    decided = f'IF({both},"{book.say(yours)}",IF(ISNUMBER({{threshold}}),"{book.say(frozen)}",""))'
    said = texts([OK] * len(codes))
    book.add(sheet, "code", (first, 1), shown, kind="input", format="text")
    book.add(sheet, "weight", (first, 2), plan.by_indicator(weights, 1.0), kind="input")
    for column, (key, values) in enumerate(
        (("gap_benchmark", marks), ("own_threshold", own[:, 0]), ("own_goal", own[:, 1])), start=3
    ):
        book.add(sheet, key, (first, column), plan.by_indicator(values), kind="input", format="share")
    book.add(sheet, "decided", (first, 6), plan.by_indicator(texts(who)), decided, format="text")
    for column, (key, values, part) in enumerate(
        (("threshold", targets.threshold, "own_threshold"), ("goal", targets.benchmark, "own_goal")), start=7
    ):
        # Without a disadvantaged group there is a benchmark, and nobody that it is for.
        frozen_pair = "AND(ISNUMBER({frozen_threshold}),ISNUMBER({frozen_goal}))"
        formula = f'IF({both},{{{part}}},IF({frozen_pair},{{frozen_{key}}},""))'
        book.add(sheet, key, (first, column), plan.by_indicator(values), formula, format="share")
    told = plan.by_indicator(said)
    book.add(sheet, "code_message", (first, 9), told, _chain(book, _of_indicator()), kind="check", format="text")
    _mark_messages(sheet, first, 9, first + room.indicators - 1, 9)
    # A code that is missing is no indicator's.
    there = np.where(shown != "", numbers, 0.0)
    book.add(sheet, "code_no", (first, 10), there, 'IF({code_key}="",0,{code_place})', format="count")
    book.add(sheet, "code_place", (first, 12), numbers, format="count")
    book.add(sheet, "code_key", (first, 11), shown, 'IF(ISERROR({code}),"",TRIM({code}))', format="text")
    used = Label("Indicators in use", "Kasutusel indikaatoreid")
    book.write(sheet, (first + room.indicators, 1), [[used]], "text")
    count = np.array([float(len(codes))])
    formula = 'SUMPRODUCT(--({code_key:all}<>""))'
    book.add(sheet, "codes_used", (first + room.indicators, 2), count, formula, format="count")
    note = Label(
        "Threshold from the baseline: median of the disadvantaged groups. Benchmark: mean of the best providers. Sheet "
        "Targets has the steps.",
        "Lävi baasperioodist: ebasoodsas olukorras rühmade mediaan. Siht: parimate osutajate keskmine. Sammud on lehel "
        "Sihid.",
    )
    book.write(sheet, (first + room.indicators + 1, 1), [[note]], "note")
    last = first + room.indicators - 1
    for letter, low, high in (("B", "0", ""), ("C", "0", "1"), ("D", "0", "1"), ("E", "0", "1")):
        reach = f"{letter}{first}:{letter}{last}"
        sheet.validations.append(Validation(reach, "decimal", low, high, refusal=f"{low} - {high}" if high else ">= 0"))


def _of_indicator() -> tuple[tuple[str, Label | None], ...]:
    """Return what may be wrong with an indicator, in the order in which it is told."""
    words = "INDEX({reference_words:all},1,1+1+1)"
    asked = "AND(SUM({disadvantaged:all})>0,SUM({p_n:row})>0)"
    return (
        (
            "ISERROR({code}&{weight}&{gap_benchmark}&{own_threshold}&{own_goal})",
            Label("There is an error value", "Siin on veaväärtus"),
        ),
        ('{code_key}=""', None),
        (
            "SUMPRODUCT(--({code_key:all}={code_key}))>1",
            Label("This indicator stands here twice", "See indikaator on siin mitu korda"),
        ),
        (
            "IF(ISNUMBER({weight}),{weight}<0,TRUE)",
            Label("The weight must be a number from 0", "Kaal peab olema arv alates nullist"),
        ),
        (
            f'IF(OR({{gap_benchmark}}<>"",{{reference}}={words}),'
            "IF(ISNUMBER({gap_benchmark}),OR({gap_benchmark}<0,{gap_benchmark}>1),TRUE),FALSE)",
            Label("The benchmark of gaps must be from 0 to 1", "Lõhe võrdlusväärtus peab olema 0 kuni 1"),
        ),
        (
            'AND(OR({own_threshold}<>"",{own_goal}<>""),NOT(AND(ISNUMBER({own_threshold}),ISNUMBER({own_goal}))))',
            Label("Own targets: both numbers, or none", "Oma sihid: mõlemad arvud või mitte kumbki"),
        ),
        (
            f"AND({asked},NOT(AND(ISNUMBER({{threshold}}),ISNUMBER({{goal}}))))",
            Label("The baseline gives no targets: state your own", "Baasperioodist sihte ei saa: andke oma"),
        ),
        (
            f"IF({asked},{{goal}}<={{threshold}},FALSE)",
            Label("The benchmark must be above the threshold", "Siht peab olema lävest suurem"),
        ),
    )


def _chain(book: Book, parts: tuple[tuple[str, Label | None], ...]) -> str:
    """Return a formula that says the first thing that is wrong; nothing where there is nothing to say, else OK."""
    formula = f'"{OK}"'
    for condition, label in reversed(parts):
        text = "" if label is None else book.say(label)
        formula = f'IF({condition},"{text}",{formula})'
    return formula


def _mark_messages(sheet: Sheet, top: int, left: int, bottom: int, right: int) -> None:
    cell = f"{column_letter(left)}{top}"
    reach = f"{cell}:{column_letter(right)}{bottom}"
    sheet.marks.append(Mark(reach, f'AND({cell}<>"",{cell}<>"{OK}")', "bad"))
