"""The sheet of gates: what may be compared, and for everything else the reason why not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.gates import Gates
from xl_qbs.equity.group_table import Groups
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.columns import FIRST_ROW, Column, add_columns, begin_rows, finish
from xl_qbs.sheets.equity.plan import GATES, Plan
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.model import Book, Label, Mark, Sheet

NOBODY = Label("No patients of known group", "Teadaoleva rühmaga patsiente pole")
NOT_STATED = Label("All patients are not stated", "Kõigi patsientide arv pole teada")
INCOMPLETE = Label("Group known of too few patients", "Rühm on teada liiga vähestel patsientidel")
TOO_FEW = Label("Too few groups are large enough", "Liiga vähe piisavalt suuri rühmi")
SMALL = Label("small", "väike")
REFUSED = Label("refused", "keeldutud")
NONE = Label("nobody", "pole")
PASSED = Label("ok", "sobib")


def add_gates(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of gates; the sheet of groups must stand already."""
    sheet = begin_rows(
        book,
        plan,
        GATES,
        Label("Gates: what may be compared, and why not", "Väravad: mida saab võrrelda ja miks mitte"),
        Label(
            "Patients alone open the gates, never work done. What is blank on another sheet has its reason here.",
            "Väravad avavad vaid patsientide arvud, mitte tehtu. Teistel lehtedel tühja koha põhjus on siin.",
        ),
        tab="C65911",
    )
    found = plan.analysis
    column = _add_period(book, sheet, plan, 3, found.now, found.passed, "")
    if found.before is not None and found.passed_before is not None:
        column = _add_period(book, sheet, plan, column, found.before, found.passed_before, "0")
    finish(sheet, plan, column - 1)
    return sheet


def _add_period(book: Book, sheet: Sheet, plan: Plan, column: int, table: Groups, passed: Gates, end: str) -> int:
    when = f" {table.period}" if table.period and plan.room is None else ""
    then = Label(", baseline", ", baasperiood") if end and plan.room is not None else Label(when, when)
    known = table.patients.sum(axis=2)
    everyone = known if table.total is None else np.where(np.isnan(table.total), known, table.total)
    large = (table.patients >= passed.rules.smallest_group).sum(axis=2)
    complete = f"IF(ISNUMBER({{share_of{end}}}),IF({{share_of{end}}}+{{guard}}>={{share_known}},1,0),0)"
    stated = f"OR({{total_required}}=0,ISNUMBER({{total{end}}}))"

    def say(label: Label) -> str:
        return '"' + book.say(label) + '"'

    reason = (
        f"IF(AND({{known{end}}}=0,{{everyone{end}}}=0),{say(NOBODY)},IF(NOT({stated}),{say(NOT_STATED)},"
        f'IF({{complete{end}}}=0,{say(INCOMPLETE)},IF({{large{end}}}<{{fewest_groups}},{say(TOO_FEW)},""))))'
    )
    # A template has spare places, of which there is nothing to say.
    spare = 'OR({provider_rows}="",{indicator_rows}="")'
    spare_group = 'OR({provider_rows}="",{indicator_rows}="",{group_key}="")'
    each = (
        f"IF({{n{end}}}=0,{say(NONE)},IF({{n{end}}}<{{smallest_group}},{say(SMALL)},"
        f"IF({{ok{end}}}=0,{say(REFUSED)},{say(PASSED)})))"
    )
    if plan.room is not None:
        reason, each = f'IF({spare},"",{reason})', f'IF({spare_group},"",{each})'
    columns = [
        Column(
            f"known{end}",
            Label(f"Group known{then.en}", f"Rühm teada{then.et}"),
            plan.rows(known, 0.0),
            f"SUM({{n{end}:row}})",
            "count",
        ),
        Column(
            f"everyone{end}",
            Label("Of all patients", "Kõigist patsientidest"),
            plan.rows(everyone, 0.0),
            f"IF(ISNUMBER({{total{end}}}),{{total{end}}},{{known{end}}})",
            "count",
        ),
        Column(
            f"share_of{end}",
            Label("Share known", "Teada osa"),
            plan.rows(passed.share_known),
            f'IF({{everyone{end}}}>0,{{known{end}}}/{{everyone{end}}},"")',
            "percent1",
        ),
        Column(
            f"complete{end}",
            Label("Enough known (1 = yes)", "Piisavalt teada (1 = jah)"),
            plan.rows(np.nan_to_num(passed.share_known, nan=-1.0) + 1e-9 >= passed.rules.share_known, 0.0),
            complete,
            "count",
        ),
        Column(
            f"large{end}",
            Label("Groups large enough", "Piisavalt suuri rühmi"),
            plan.rows(large, 0.0),
            f"SUMPRODUCT(--({{n{end}:row}}>={{smallest_group}}))",
            "count",
        ),
        Column(
            f"ok{end}",
            Label(f"May be compared{then.en} (1 = yes)", f"Võrreldav{then.et} (1 = jah)"),
            plan.rows(passed.ok, 0.0),
            f"IF(AND({{complete{end}}}=1,{{large{end}}}>={{fewest_groups}},{stated}),1,0)",
            "count",
            "output",
        ),
        Column(
            f"reason{end}",
            Label("Why not", "Miks mitte"),
            plan.rows(reasons(book, table, passed)),
            reason,
            "text",
        ),
        Column(
            f"group_ok{end}",
            Label(f"Comparable{then.en}", f"Võrreldav{then.et}"),
            plan.rows(passed.group_ok, 0.0),
            f"IF(AND({{ok{end}}}=1,{{n{end}}}>={{smallest_group}}),1,0)",
            "count",
        ),
        Column(
            f"why{end}",
            Label(f"Each group{then.en}", f"Iga rühm{then.et}"),
            plan.rows(words_of(book, table, passed)),
            each,
            "text",
        ),
    ]
    after = add_columns(book, sheet, plan, column, columns)
    letter = column_letter(column + 5)
    bottom = FIRST_ROW + plan.size - 1
    sheet.marks += [
        Mark(f"{letter}{FIRST_ROW}:{letter}{bottom}", f"{letter}{FIRST_ROW}=1", "good"),
        Mark(f"{letter}{FIRST_ROW}:{letter}{bottom}", f"{letter}{FIRST_ROW}=0", "bad"),
    ]
    return after


def reasons(book: Book, table: Groups, passed: Gates) -> NDArray[np.object_]:
    """Return why each provider and indicator is not compared, as the sheet says it; shape (P, I)."""
    known = table.patients.sum(axis=2)
    everyone = known if table.total is None else np.where(np.isnan(table.total), known, table.total)
    large = (table.patients >= passed.rules.smallest_group).sum(axis=2)
    rules = passed.rules
    chain = (
        ((known == 0) & (everyone == 0), NOBODY),
        (~passed.stated & rules.total_required, NOT_STATED),
        (np.nan_to_num(passed.share_known, nan=-1.0) + 1e-9 < rules.share_known, INCOMPLETE),
        (large < rules.fewest_groups, TOO_FEW),
    )
    return _chosen(book, chain, passed.ok.shape, "")


def words_of(book: Book, table: Groups, passed: Gates) -> NDArray[np.object_]:
    """Return in a word whether each group is compared; shape (P, I, G)."""
    patients = table.patients
    chain = (
        (patients == 0, NONE),
        (patients < passed.rules.smallest_group, SMALL),
        (~passed.ok[:, :, None], REFUSED),
    )
    return _chosen(book, chain, patients.shape, book.say(PASSED))


def _chosen(
    book: Book, chain: tuple[tuple[NDArray[np.bool_], Label], ...], shape: tuple[int, ...], otherwise: str
) -> NDArray[np.object_]:
    found = texts([otherwise] * int(np.prod(shape))).reshape(shape)
    for holds, label in reversed(chain):
        found[np.broadcast_to(holds, shape)] = book.say(label)
    return found
