"""The harmonisation checklist: are quality and cost about the same patients, period and risk?"""

from __future__ import annotations

import numpy as np

from xl_qbs.efficiency.harmonisation import Check, harmonisation_checklist
from xl_qbs.efficiency.standardization import PRICES
from xl_qbs.sheets.efficiency.plan import HARMONY, Plan
from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.model import Book, Label, Mark, Sheet, Validation

_FIRST = 6
_YES, _NO, _UNKNOWN = Label("yes", "jah"), Label("NO", "EI"), Label("not known", "teadmata")
_QUESTIONS = (
    Label("Same patients?", "Samad patsiendid?"),
    Label("Same period?", "Sama periood?"),
    Label("Same risk adjustment?", "Sama riskikohandus?"),
)
_REMEDIES = (
    Label(
        "Measure both of the same patients, or say whom each leaves out.",
        "Mõõtke mõlemat samadel patsientidel või öelge, kes kummastki välja jääb.",
    ),
    Label(
        "Measure both over the same months: a longer window hides what changed.",
        "Mõõtke mõlemat samadel kuudel: pikem periood varjab muutust.",
    ),
    Label(
        "Adjust both for the same risks in the same way, or sicker patients count on one side only.",
        "Kohandage mõlemat samade riskide järgi, muidu loevad haigemad patsiendid vaid ühel poolel.",
    ),
)
_PRICES = Label("Prices: standardised or actual?", "Hinnad: standarditud või tegelikud?")
_PRICES_REMEDY = Label(
    "Say whether prices are standardised: it decides what cost means.",
    "Öelge, kas hinnad on standarditud: sellest sõltub, mida kulu tähendab.",
)
_WARNING = Label(
    "WARNING: it is not shown that quality and cost are about the same patients, period and risk. See the sheet ",
    "HOIATUS: pole näidatud, et kvaliteet ja kulu käivad samade patsientide, perioodi ja riski kohta. Vaadake lehte ",
)


def add_harmony(book: Book, plan: Plan) -> Sheet:
    """Add the checklist; `harmony_warning` names it on other sheets."""
    sheet = begin(
        book,
        HARMONY,
        Label("Harmonisation of quality and cost", "Kvaliteedi ja kulu ühtlustamine"),
        Label(
            "Type what each measure is about into the yellow cells. What is not the same stays a warning.",
            "Kirjutage kollastesse lahtritesse, mille kohta kumbki mõõdik käib. Mis ei kattu, jääb hoiatuseks.",
        ),
        tab="7030A0",
    )
    sheet.widths = {1: 34, 2: 40, 3: 40, 4: 14, 5: 74}
    checks = harmonisation_checklist(plan.quality_specification, plan.cost_specification, prices=plan.prices)
    heads = [
        Label("Question", "Küsimus"),
        Label("Quality", "Kvaliteet"),
        Label("Cost", "Kulu"),
        Label("Same?", "Sama?"),
        Label("What to do", "Mida teha"),
    ]
    book.write(sheet, (_FIRST - 1, 1), [heads], "heading")
    book.write(sheet, (_FIRST, 1), [[one] for one in (*_QUESTIONS, _PRICES)], "text")
    fields = ("patients", "period", "risk_adjustment")
    known = {
        "quality": [getattr(plan.quality_specification, name) or "" for name in fields],
        "cost": [getattr(plan.cost_specification, name) or "" for name in fields],
    }
    book.add(sheet, "harmony_quality", (_FIRST, 2), texts(known["quality"]), kind="input", format="text")
    book.add(sheet, "harmony_cost", (_FIRST, 3), texts(known["cost"]), kind="input", format="text")
    book.add(sheet, "harmony_prices", (_FIRST + 3, 3), texts([plan.prices or ""]), kind="input", format="text")
    say = book.say
    words = {True: say(_YES), False: say(_NO), None: say(_UNKNOWN)}
    empty = 'OR(TRIM({harmony_quality})="",TRIM({harmony_cost})="")'
    same = 'SUBSTITUTE({harmony_quality}," ","")=SUBSTITUTE({harmony_cost}," ","")'
    book.add(
        sheet,
        "harmony_same",
        (_FIRST, 4),
        texts([words[one.passed] for one in checks[:3]]),
        f'IF({empty},"{say(_UNKNOWN)}",IF({same},"{say(_YES)}","{say(_NO)}"))',
        kind="check",
        format="text",
    )
    book.add(
        sheet,
        "harmony_priced",
        (_FIRST + 3, 4),
        texts([words[checks[3].passed]]),
        f'IF(TRIM({{harmony_prices}})="","{say(_UNKNOWN)}","{say(_YES)}")',
        kind="check",
        format="text",
    )
    for row, (one, remedy) in enumerate(zip(checks, (*_REMEDIES, _PRICES_REMEDY), strict=True)):
        told = "" if one.passed else say(remedy)
        key = "harmony_same" if row < 3 else "harmony_priced"
        answer = f"INDEX({{{key}:all}},{'+'.join(['1'] * (row % 3 + 1)) if row < 3 else '1'},1)"
        book.add(
            sheet,
            f"harmony_remedy_{row}",
            (_FIRST + row, 5),
            texts([told]),
            f'IF({answer}="{say(_YES)}","","{say(remedy)}")',
            kind="note",
            format="text",
        )
    book.write(sheet, (_FIRST + 5, 1), [[Label("Questions that are not settled", "Lahtisi küsimusi")]], "label")
    formula = f'(1+1+1+1)-COUNTIF({{harmony_same:all}},"{say(_YES)}")-COUNTIF({{harmony_priced:all}},"{say(_YES)}")'
    book.add(
        sheet,
        "harmony_unsettled",
        (_FIRST + 5, 4),
        np.array([float(_unsettled(checks))]),
        formula,
        kind="output",
        format="count",
    )
    sheet.marks += [
        Mark(f"D{_FIRST}:D{_FIRST + 3}", f'$D{_FIRST}="{say(_YES)}"', "good"),
        Mark(f"D{_FIRST}:D{_FIRST + 3}", f'$D{_FIRST}<>"{say(_YES)}"', "bad"),
    ]
    listed = '"' + ",".join(PRICES) + '"'
    sheet.validations.append(Validation(f"C{_FIRST + 3}", "list", listed, refusal=" / ".join(PRICES)))
    return sheet


def add_harmony_warning(book: Book, sheet: Sheet, plan: Plan, key: str) -> None:
    """Add the warning in the fourth row of another sheet; it stays until the checklist is settled."""
    checks = harmonisation_checklist(plan.quality_specification, plan.cost_specification, prices=plan.prices)
    text = book.say(_WARNING) + book.sheet_name(HARMONY) + "."
    shown = texts([text if _unsettled(checks) else ""])
    book.add(sheet, key, (4, 1), shown, f'IF({{harmony_unsettled}}>0,"{text}","")', kind="note", format="text")


def _unsettled(checks: tuple[Check, ...]) -> int:
    return sum(1 for one in checks if not one.passed)
