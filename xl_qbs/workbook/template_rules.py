"""What a template says of its cells: what may be typed where, and how cells look while a formula holds."""

from __future__ import annotations

from typing import Any

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.datavalidation import DataValidation

from xl_qbs.sheets.look import BAD, GOOD, GREY, WARN
from xl_qbs.sheets.model import Book, Label, Sheet, Validation

NEUTRAL = ("F2F2F2", GREY)
UNUSED = ("FFFFFF", "BFBFBF")

HINT = Label("What goes here", "Mida siia kirjutada")
REFUSED = Label("This cannot be entered", "Seda ei saa sisestada")
DOUBTED = Label("Please look again", "Palun kontrollige")
# Excel's own limits; a longer text makes it mend the file. Some versions take 225 characters of an error only.
_LONGEST_TITLE, _LONGEST_HINT, _LONGEST_REFUSAL, _LONGEST_FORMULA = 32, 255, 225, 255


def add_rules(target: Any, book: Book, sheet: Sheet) -> None:
    """Add the validations and the conditional formats of a sheet to the openpyxl sheet that it is written to.

    Raises:
        ValueError: a text is longer than Excel allows; a mistake in the package.
    """
    for validation in sheet.validations:
        target.data_validations.append(_validation(book, sheet, validation))
    # Marks come first, so that a row that is not in use is pale whatever its checks say.
    for mark in sheet.marks:
        rule = Rule(type="expression", formula=[mark.formula], stopIfTrue=True, dxf=_mark(mark.look))
        target.conditional_formatting.add(mark.reach, rule)
    for reach in sheet.flags:
        for value, look in ((1, _colored(GOOD, bold=True)), (0, _colored(BAD, bold=True)), (-1, _colored(NEUTRAL))):
            rule = Rule(type="cellIs", operator="equal", formula=[str(value)], dxf=look)
            target.conditional_formatting.add(reach, rule)


def _validation(book: Book, sheet: Sheet, validation: Validation) -> DataValidation:
    where = f"{sheet.name}!{validation.reach}"
    checked = validation.kind != "any"
    made = DataValidation(
        # "any" is what a validation is that says nothing of its type.
        type=validation.kind if validation.kind != "any" else None,
        operator=_operator(validation),
        formula1=_short(where, validation.first or validation.last, _LONGEST_FORMULA) or None,
        formula2=_short(where, validation.last, _LONGEST_FORMULA) if validation.first and validation.last else None,
        allow_blank=True,
        sqref=validation.reach,
    )
    if validation.hint:
        made.showInputMessage = True
        made.promptTitle = _short(where, book.say(HINT), _LONGEST_TITLE)
        made.prompt = _short(where, validation.hint, _LONGEST_HINT)
    if checked:
        made.showErrorMessage = True
        made.errorStyle = "stop" if validation.firm else "warning"
    if checked and validation.refusal:
        made.errorTitle = _short(where, book.say(REFUSED if validation.firm else DOUBTED), _LONGEST_TITLE)
        made.error = _short(where, validation.refusal, _LONGEST_REFUSAL)
    return made


def _operator(validation: Validation) -> Any:
    if validation.kind not in ("whole", "decimal"):
        return None
    if validation.first and validation.last:
        return "between"
    return "greaterThanOrEqual" if validation.first else "lessThanOrEqual"


def _short(where: str, text: str, longest: int) -> str:
    if len(text) > longest:
        raise ValueError(f"{where}: {len(text)} characters where Excel takes {longest}: {text!r}")
    return text


def _mark(look: str) -> DifferentialStyle:
    if look == "unused":
        nothing = Side()
        style = _colored(UNUSED)
        style.border = Border(left=nothing, right=nothing, top=nothing, bottom=nothing)
        return style
    return {"good": _colored(GOOD, bold=True), "bad": _colored(BAD, bold=True), "warn": _colored(WARN)}[look]


def _colored(colors: tuple[str, str], *, bold: bool = False) -> DifferentialStyle:
    fill, ink = colors
    # In a conditional format it is the colour behind the pattern that fills a cell.
    return DifferentialStyle(font=Font(b=bold or None, color=f"FF{ink}"), fill=PatternFill(bgColor=f"FF{fill}"))
