"""The scheme of a template: indicators that can be added, dropped and moved, and every parameter with its choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xl_qbs.scheme import Indicator
from xl_qbs.scoring.weights import FEWEST_COMPLETE, SIGN_GUARD
from xl_qbs.sheets.address import cell_name, column_letter
from xl_qbs.sheets.conditions import add_condition_inputs
from xl_qbs.sheets.formula import resolve
from xl_qbs.sheets.frame import begin, strength_cell, texts
from xl_qbs.sheets.model import Block, Book, Format, Label, Mark, Sheet, Validation
from xl_qbs.sheets.run import SCHEME
from xl_qbs.sheets.scheme_sheet import FUND, HOUSE, Parameter, add_bands, add_choices, add_parameters
from xl_qbs.sheets.template.plan import BANDS, PLACES, PRIOR_RULES, Plan

_HEADS = [
    Label("Name", "Nimetus inglise keeles"),
    Label("Code", "Kood"),
    Label("In use (1 = yes)", "Kasutusel (1 = jah)"),
    Label("Domain", "Valdkond"),
    Label("Points", "Punktid"),
    Label("Required coverage", "Nõutav hõlmatus"),
    Label("Own weight", "Oma kaal"),
    Label("Given prior mean", "Antud eeljaotuse keskmine"),
    Label("Given prior strength (patients)", "Antud eeljaotuse kaal (patsienti)"),
    Label("Estonian name", "Nimetus eesti keeles"),
    Label("Unit", "Ühik"),
]
_USED_HEADS = [
    Label("Code", "Kood"),
    Label("Name", "Nimetus inglise keeles"),
    Label("Estonian name", "Nimetus eesti keeles"),
    Label("Domain", "Valdkond"),
    Label("Points", "Punktid"),
    Label("Required coverage", "Nõutav hõlmatus"),
    Label("Own weight", "Oma kaal"),
    Label("Row complete (1 = yes)", "Rida täidetud (1 = jah)"),
    Label("Given prior right (1 = yes)", "Antud eeljaotus õige (1 = jah)"),
    Label("Half a row (1 = yes)", "Poolik rida (1 = jah)"),
]
_FIRST, _USED_COLUMN = 7, 13
CONTROL_DECIMALS = 6
# Parameters that have a name which the user may use in formulas of their own.
NAMED = (
    "prior_rule",
    "fraction",
    "weight_rule",
    "rounding",
    "coverage_decimals",
    "level",
    "lower_limit",
    "upper_limit",
    "accepted_above",
    "total",
    "indicators",
    "lists",
    "weight_total",
)


def add_scheme(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of scheme and parameters."""
    sheet = begin(
        book,
        SCHEME,
        Label("Scheme and parameters", "Skeem ja parameetrid"),
        Label(
            "Yellow cells are decisions: change one and every sheet follows. Add an indicator in a free row; "
            "a 0 under In use drops one.",
            "Kollased lahtrid on otsused: muutmisel arvutatakse kõik ümber. Lisage indikaator vabale reale; "
            "0 veerus Kasutusel jätab ta välja.",
        ),
        tab="BF8F00",
    )
    sheet.widths = {
        1: 46,
        2: 18,
        3: 12,
        4: 12,
        5: 12,
        6: 12,
        7: 12,
        8: 13,
        9: 15,
        10: 40,
        11: 12,
        12: 3,
        14: 30,
        15: 30,
    }
    sheet.default_width = 11
    sheet.scale = 60
    sheet.breaks = [_USED_COLUMN - 2]
    sheet.print_titles = "$1:$3"
    room = plan.run.room
    book.write(sheet, (5, 1), [[Label("Indicators", "Indikaatorid")]], "label")
    book.write(sheet, (_FIRST - 1, 1), [_HEADS], "heading")
    title = Label(
        "As the other sheets use them: only what is in use", "Nagu teised lehed neid kasutavad: vaid kasutusel olev"
    )
    book.write(sheet, (5, _USED_COLUMN), [[title]], "label")
    book.write(sheet, (_FIRST - 1, _USED_COLUMN), [_USED_HEADS], "heading")
    sheet.heights[_FIRST - 1] = 48
    _add_inputs(book, sheet, plan)
    _add_used(book, sheet, plan)
    row = _FIRST + room.indicators
    scheme = plan.run.result.scheme
    book.write(
        sheet,
        (row, 1),
        [[Label("Maximum", "Maksimum")], [Label("Indicators in use", "Indikaatoreid kasutusel")]],
        "label",
    )
    book.add(sheet, "total", (row, 5), np.array([scheme.total]), "SUM({points:all})", kind="output")
    count = np.array([float(len(scheme.indicators))])
    book.add(sheet, "indicators", (row + 1, 5), count, 'SUMPRODUCT(--({code:all}<>""))', kind="output")
    row = add_parameters(book, sheet, plan.run, row + 3, _own_parameters(plan)) + 1
    sheet.row_breaks.append(row - 1)
    row = add_choices(book, sheet, row, PRIOR_RULES) + 1
    row = add_bands(book, sheet, plan.run, row, BANDS) + 1
    _add_band_checks(book, sheet)
    add_condition_inputs(book, sheet, plan.run, row, PLACES)
    _add_clause_checks(book, sheet)
    _add_validations(book, sheet)
    sheet.freeze = "A5"
    return sheet


def add_names(book: Book) -> None:
    """Give the parameters names that can be used in formulas."""
    for key in NAMED:
        book.names[f"QBS_{key}"] = resolve(book, key)


def _add_inputs(book: Book, sheet: Sheet, plan: Plan) -> None:
    method = plan.run.result.method
    own, given = dict(method.own_weights or {}), dict(method.prior_values or {})
    used = set(plan.run.result.scheme.codes)

    def each(value: Callable[[Indicator], Any], empty: Any = None) -> list[Any]:
        return [empty if one is None else value(one) for one in plan.rows]

    columns: list[tuple[str, list[Any], Format]] = [
        ("name_input", each(lambda one: one.name, ""), "text"),
        ("code_input", each(lambda one: one.code, ""), "text"),
        ("in_use", each(lambda one: float(one.code in used)), "general"),
        ("domain_input", each(lambda one: one.domain, ""), "text"),
        ("points_input", each(lambda one: one.points), "general"),
        ("required_input", each(lambda one: one.required_coverage), "percent"),
        ("own_weight_input", each(lambda one: own.get(one.code, one.weight)), "general"),
        ("given_mean", each(lambda one: given.get(one.code, (None, None))[0]), "share"),
        ("given_strength", each(lambda one: strength_cell(book, given.get(one.code, (None, None))[1])), "decimal"),
        ("name_et_input", each(lambda one: one.name_et, ""), "text"),
        ("unit", each(lambda one: one.unit, ""), "text"),
    ]
    for number, (key, values, number_format) in enumerate(columns, start=1):
        cells = np.array(values, dtype=object)
        book.add(sheet, key, (_FIRST, number), cells, kind="input", format=number_format)
    last = _FIRST + plan.run.room.indicators - 1
    unused = f'OR($B{_FIRST}="",$C{_FIRST}<>1)'
    sheet.marks.append(
        Mark(f"{column_letter(_USED_COLUMN)}{_FIRST}:{column_letter(_USED_COLUMN + 6)}{last}", unused, "unused")
    )


def _add_used(book: Book, sheet: Sheet, plan: Plan) -> None:
    room, scheme = plan.run.room, plan.run.result.scheme
    method = plan.run.result.method
    own = dict(method.own_weights or {one.code: one.weight for one in scheme.indicators if one.weight is not None})
    points, required = np.array(scheme.points), np.array(scheme.required_coverage)
    names = texts(one.name for one in scheme.indicators)
    estonian = texts(one.name_et for one in scheme.indicators)
    weights = np.array([own.get(code, np.nan) for code in scheme.codes], dtype=float)

    def text(key: str) -> str:
        return f'IF({{code}}="","",{{{key}}}&"")'

    def number(key: str, empty: str) -> str:
        return f'IF({{code}}="",0,IF(ISNUMBER({{{key}}}),{{{key}}},{empty}))'

    columns: list[tuple[str, Any, str, Format]] = [
        ("code", room.by_indicator(texts(scheme.codes)), 'IF({in_use}=1,TRIM({code_input}),"")', "text"),
        ("name", room.by_indicator(names), text("name_input"), "text"),
        ("name_et", room.by_indicator(estonian), text("name_et_input"), "text"),
        ("domain", room.by_indicator(texts(one.domain for one in scheme.indicators)), text("domain_input"), "text"),
        ("points", room.by_indicator(points, 0.0), number("points_input", "0"), "general"),
        ("required", room.by_indicator(required, 0.0), number("required_input", "0"), "percent"),
        ("own_weight", room.by_indicator(weights, 0.0), number("own_weight_input", '""'), "general"),
    ]
    for place, (key, values, formula, number_format) in enumerate(columns, start=_USED_COLUMN):
        book.add(sheet, key, (_FIRST, place), values, formula, format=number_format)
    complete = (
        'IF({code}="",0,IF(AND(COUNTIF({code:all},{code})=1,ISNUMBER({points_input}),ISNUMBER({required_input}),'
        "ISNUMBER({weight})),IF(AND({points_input}>=0,{required_input}>=0,{required_input}<=1,{weight}>=0),1,0),0))"
    )
    # The rule of given values stands last among the rules.
    given = (
        'IF({code}="",0,IF(MATCH({prior_rule},{prior_rules:all},0)<COUNTA({prior_rules:all}),1,'
        "IF(ISNUMBER({given_mean}),IF(AND({given_mean}>=0,{given_mean}<=1),IF(ISNUMBER({given_strength}),"
        "IF({given_strength}>=0,1,0),IF({given_strength}={infinite},1,0)),0),0)))"
    )
    half = (
        'IF(TRIM({code_input})="",IF(OR({in_use}=1,{name_input}<>"",{points_input}<>""),1,0),'
        "IF(ISNUMBER({in_use}),IF(OR({in_use}=0,{in_use}=1),0,1),1))"
    )
    ones = room.by_indicator(np.ones(len(scheme.codes)), 0.0)
    checks = (("row_complete", ones, complete), ("given_right", ones, given), ("row_half", np.zeros(len(ones)), half))
    for place, (key, values, formula) in enumerate(checks, start=_USED_COLUMN + len(columns)):
        book.add(sheet, key, (_FIRST, place), values, formula, kind="check", format="count")


def _add_band_checks(book: Book, sheet: Sheet) -> None:
    """Add beside each band whether it stands in order."""
    block = book.block("band_lower")
    heads = [Label("No.", "Nr"), Label("Wrong (1 = yes)", "Vale (1 = jah)")]
    book.write(sheet, (block.row - 1, 3), [heads], "heading")
    book.add(sheet, "band_no", (block.row, 3), np.arange(1.0, BANDS + 1))
    wrong = (
        'IF({band_name}="",IF({band_lower}="",0,1),IF(ISNUMBER({band_lower}),IF(AND({band_lower}<=1,{band_lower}='
        "IF({band_no}=1,0,SMALL({band_lower:all},{band_no}))),0,1),1))"
    )
    book.add(sheet, "band_wrong", (block.row, 4), np.zeros(BANDS), wrong, kind="check", format="count")


def _add_clause_checks(book: Book, sheet: Sheet) -> None:
    """Add beside conditions and their lines whether they are complete and speak of what there is."""
    names, members, of = book.block("condition_name"), book.block("clause_members"), book.block("clause_of")
    wrong = Label("Wrong (1 = yes)", "Vale (1 = jah)")
    without = (
        'IF({condition_name}="",0,IF(AND(COUNTIF({clause_condition:all},{condition_name})>0,'
        "COUNTIF({condition_name:all},{condition_name})=1),0,1))"
    )
    book.write(sheet, (names.row - 1, 2), [[wrong]], "text")
    book.add(sheet, "condition_wrong", (names.row, 2), np.zeros(names.rows), without, kind="check", format="count")
    column = members.column + members.columns
    unknown = (
        'IF({clause_of}="",0,IF(ISNUMBER(IF(MATCH({clause_scope},{scopes:all},0)=1,MATCH({clause_of},{domain:all},0),'
        "MATCH({clause_of},{code:all},0))),0,1))"
    )
    heads = [*[Label("Unknown (1 = yes)", "Tundmatu (1 = jah)")] * of.columns, wrong]
    book.write(sheet, (members.row - 1, column), [heads], "heading")
    shape = (of.rows, of.columns)
    book.add(sheet, "clause_unknown", (members.row, column), np.zeros(shape), unknown, kind="check", format="count")
    # One indicator to a line, any number of domains; a share of a share is a share.
    asks = (
        'IF(AND({clause_condition}="",{clause_scope}="",COUNT({clause_share})=0,COUNTA({clause_of:row})=0),0,'
        "IF(AND(COUNTIF({condition_name:all},{clause_condition})=1,ISNUMBER({clause_share}),SUM({clause_unknown:row})=0,"
        "SUM({clause_members:row})>0),IF(AND({clause_share}>=0,{clause_share}<=1,"
        "IF(MATCH({clause_scope},{scopes:all},0)=1,1,SUM({clause_members:row}))=1),0,1),1))"
    )
    at = (members.row, column + of.columns)
    book.add(sheet, "clause_wrong", at, np.zeros(of.rows), asks, kind="check", format="count")


def _own_parameters(plan: Plan) -> list[Parameter]:
    """Return the parameters that only a template has."""
    accepted = [plan.counts, plan.counts_before]
    labels = (
        Label("Cells with done above target, accepted", "Lahtreid, kus tehtud üle sihtrühma, lubatud"),
        Label("The same, last year", "Sama, eelmisel aastal"),
    )
    keys = ("accepted_above", "before_accepted_above")
    why = Label(
        "Such cells count as the target. Look at each, then put their number here: the check then holds",
        "Need loetakse sihtrühmaks. Vaadake igaüks üle ja pange nende arv siia: siis kontroll kehtib",
    )
    own: list[Parameter] = [
        (key, label, 0 if plan.empty else counts.accepted, None, "general", why, FUND)
        for key, label, counts in zip(keys, labels, accepted, strict=True)
        if counts is not None
    ]
    own += [
        (
            "fewest_complete",
            Label("Fewest complete lists for a component", "Peakomponendiks vajalikke täielikke nimistuid"),
            FEWEST_COMPLETE,
            None,
            "general",
            Label("Fewer give correlations of 1 and -1 only", "Vähemate korral on korrelatsioonid vaid 1 ja -1"),
            HOUSE,
        ),
        (
            "sign_guard",
            Label("Smallest sum of loadings that has a sign", "Väikseim laadungite summa, millel on märk"),
            SIGN_GUARD,
            None,
            "general",
            Label(
                "Below it indicators run against one another: no component",
                "Alla selle pole peakomponenti: indikaatorid vastanduvad",
            ),
            HOUSE,
        ),
        (
            "control_decimals",
            Label("Decimals to which control sums have to agree", "Kontrollsummade täpsus (komakohti)"),
            CONTROL_DECIMALS,
            None,
            "general",
            Label(
                "Sums over some thousand lists differ in their last bits",
                "Tuhandete nimistute summad erinevad viimastes bittides",
            ),
            HOUSE,
        ),
        (
            "places",
            Label("Rows for lists in this workbook", "Ridu nimistute jaoks selles töövihikus"),
            plan.run.room.lists,
            None,
            "count",
            Label("As built: a row that was deleted is missed", "Nagu loodud: kustutatud rida jääks puudu"),
            HOUSE,
        ),
    ]
    return own


def _add_validations(book: Book, sheet: Sheet) -> None:
    def reach(key: str) -> str:
        block: Block = book.block(key)
        first = cell_name(block.row, block.column)
        return f"{first}:{cell_name(block.row + block.rows - 1, block.column + block.columns - 1)}"

    def words(key: str, listed: str, refusal: str) -> Validation:
        return Validation(reach(key), "list", resolve(book, listed), refusal=refusal)

    def share(key: str) -> Validation:
        return Validation(reach(key), "decimal", "0", "1", refusal="From 0 % to 100 %. / 0–100 %.")

    def number(key: str) -> Validation:
        return Validation(reach(key), "decimal", "0", "1000000", refusal="A number from 0. / Arv alates nullist.")

    choose = "Choose one of the list. / Valige loendist."
    sheet.validations += [
        words("prior_rule", "prior_rules", choose),
        words("weight_rule", "weight_rules", choose),
        words("rounding", "roundings", choose),
        words("clause_scope", "scopes", choose),
        words("clause_condition", "condition_name", choose),
        Validation(reach("in_use"), "list", '"0,1"', refusal="1 or 0. / 1 või 0."),
        *(
            share(key)
            for key in ("required_input", "given_mean", "lower_limit", "upper_limit", "band_lower", "clause_share")
        ),
        *(number(key) for key in ("points_input", "own_weight_input", "fraction")),
        Validation(reach("level"), "decimal", "0.5", "0.9999", refusal="From 50 % to 99.99 %. / 50–99,99 %."),
        Validation(
            reach("code_input"),
            "any",
            hint="Short and once only. The sheet of data finds the counts by it. / Lühike ja kordumatu.",
        ),
    ]
