"""The sheet of data: quality and cost of each provider, in their units, as z scores and as ranks."""

from __future__ import annotations

import numpy as np

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.efficiency.columns import (
    ABOVE_ROW,
    GROUP_ROW,
    Above,
    Column,
    add_above,
    add_columns,
    order_columns,
    rank_column,
)
from xl_qbs.sheets.efficiency.plan import DATA, Plan
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, begin, texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Mark, Sheet, Validation

SPENDING = "{cost_is}=INDEX({cost_words:all},1,1)"
_ERROR_OF_QUALITY = Label("Standard error of quality", "Kvaliteedi standardviga")
_ERROR_OF_COST = Label("Standard error of cost", "Kulu standardviga")
_HOW = Label(
    "Paste values only (Paste special, Values) into yellow cells: provider, quality, cost; standard errors if known.",
    "Kleepige kollastesse lahtritesse ainult väärtused: osutaja, kvaliteet, kulu; standardvead, kui on teada.",
)
_OK = "OK"


def add_data(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of data; the sheet of parameters must stand already."""
    sheet = begin(
        book,
        DATA,
        Label("Quality and cost", "Kvaliteet ja kulu"),
        Label(
            "Both next to each other, in their units and on one scale; no combination (the side-by-side model).",
            "Mõlemad kõrvuti, oma ühikutes ja ühel skaalal, ühendamata (kõrvuti mudel).",
        ),
        tab="BF8F00" if plan.room.open else "1F4E79",
    )
    sheet.widths = {1: 26}
    sheet.default_width = 12.5
    sheet.heights |= {HEADING_ROW: 64}
    sheet.scale = 70
    sheet.freeze = f"B{FIRST_ROW}"
    sheet.print_titles = f"$A:$A,${GROUP_ROW}:${HEADING_ROW}"
    labels = [
        Label("Mean", "Keskmine"),
        Label("Standard deviation", "Standardhälve"),
        Label("Lowest", "Väikseim"),
        Label("Highest", "Suurim"),
        Label("Providers", "Osutajaid"),
    ]
    book.write(sheet, (ABOVE_ROW, 1), [[label] for label in labels], "text")
    column = _add_given(book, sheet, plan)
    column = _add_scales(book, sheet, plan, column)
    last = column_letter(column - 1)
    sheet.filter = f"A{HEADING_ROW}:{last}{FIRST_ROW + plan.room.lists - 1}"
    sheet.breaks.append(column - 1)
    found = plan.analysis.side_by_side
    numbers = np.arange(1.0, plan.room.lists + 1)
    book.write(sheet, (HEADING_ROW, column), [[Label("No.", "Nr")]], "heading")
    book.add(sheet, "order_no", (FIRST_ROW, column), numbers, format="count")
    add_columns(
        book,
        sheet,
        plan,
        column + 1,
        [
            order_columns(plan, "quality", found.quality, Label("Quality", "Kvaliteet")),
            order_columns(plan, "performance", plan.analysis.performance, Label("Cost performance", "Kulutulemus")),
        ],
        Label("From the best down", "Parimast alates"),
    )
    if plan.room.open:
        _add_help(sheet, plan)
    return sheet


def relative_cost(plan: Plan) -> Array:
    """Return spending against the mean, or the mean over cost performance: lower is better."""
    cost, options = plan.analysis.given.cost, plan.analysis.options
    relative: Array = cost / cost.mean() if options.cost_is == "spending" else cost.mean() / cost
    return relative


def _add_given(book: Book, sheet: Sheet, plan: Plan) -> int:
    """Add the columns that are given, and return the first column behind them."""
    given, room = plan.analysis.given, plan.room
    book.write(sheet, (HEADING_ROW, 1), [[Label("Provider", "Osutaja")]], "heading")
    book.write(sheet, (GROUP_ROW, 2), [[Label("As given", "Nagu antud")]], "group")
    names = texts([""] * len(plan.providers) if plan.empty else plan.providers)
    linked = plan.sources is not None
    book.add(
        sheet,
        "provider",
        (FIRST_ROW, 1),
        room.by_list(names),
        '{source_provider}&""' if linked else None,
        kind="link" if linked else "input",
        format="text",
    )
    columns: list[tuple[str, Label | str, Array | None, Format]] = [
        ("quality", _named(Label("Quality", "Kvaliteet"), plan.quality_name), given.quality, "general"),
        ("cost", _named(Label("Cost", "Kulu"), plan.cost_name), given.cost, "general"),
    ]
    if plan.has_quality_error:
        columns.append(("quality_error", _ERROR_OF_QUALITY, given.quality_error, "general"))
    if plan.has_cost_error:
        columns.append(("cost_error", _ERROR_OF_COST, given.cost_error, "general"))
    for place, (key, label, values, number_format) in enumerate(columns, start=2):
        numbers = np.full(len(plan.providers), np.nan) if values is None or plan.empty else values
        book.write(sheet, (HEADING_ROW, place), [[label]], "heading")
        # Quality may come from another workbook: then it stands here as a value.
        linked = book.find(f"source_{key}") is not None
        kind: Kind = "link" if linked else "input"
        book.add(
            sheet,
            key,
            (FIRST_ROW, place),
            room.by_list(numbers),
            f"{{source_{key}}}" if linked else None,
            kind=kind,
            format=number_format,
        )
    after = 2 + len(columns)
    sheet.merges.append(f"B{GROUP_ROW}:{column_letter(after - 1)}{GROUP_ROW}")
    for place, key, values in ((2, "quality", given.quality), (3, "cost", given.cost)):
        add_above(book, sheet, place, _statistics(plan, key, values))
    present = np.zeros(len(plan.providers)) if plan.empty else np.ones(len(plan.providers))
    book.write(sheet, (HEADING_ROW, after), [[Label("Counts (1 = yes)", "Arvestatakse (1 = jah)")]], "heading")
    book.add(sheet, "present", (FIRST_ROW, after), room.by_list(present, 0.0), _present(plan), format="count")
    total = float(present.sum())
    book.add(sheet, "lists", (ABOVE_ROW + 4, after), np.array([total]), "SUM({present:all})", format="count")
    if not room.open:
        return after + 1
    book.write(sheet, (HEADING_ROW, after + 1), [[Label("Message", "Teade")]], "heading")
    sheet.widths[after + 1] = 44
    shown = room.by_list(texts(["" if plan.empty else _OK] * len(plan.providers)), "")
    book.add(sheet, "message", (FIRST_ROW, after + 1), shown, _message(book), kind="check", format="text")
    book.write(sheet, (4, 1), [[_HOW]], "note")
    return after + 2


def _named(label: Label, own: str) -> Label:
    """Return a heading with the name that the column has in the file."""
    plain = own.strip()
    if not plain or plain.casefold() in (label.en.casefold(), label.et.casefold()):
        return label
    return Label(f"{label.en}: {plain}", f"{label.et}: {plain}")


def _statistics(plan: Plan, key: str, values: Array) -> list[Above]:
    """Return mean, spread and ends of a column; those of cost are of cost as it was given."""
    found = (values.mean(), values.std(ddof=1), values.min(), values.max())
    formulas = ("AVERAGE", "STDEV", "MIN", "MAX")
    names = ("mean", "sd", "low", "high")
    if not plan.room.open:
        return [
            Above(ABOVE_ROW + row, f"{key}_{name}", float(value), f"{formula}({{{key}:all}})")
            for row, (name, value, formula) in enumerate(zip(names, found, formulas, strict=True))
        ]
    # Rows that do not count, with half of their data, must not count here either.
    return [
        Above(
            ABOVE_ROW + row,
            f"{key}_{name}",
            0.0 if plan.empty else float(value),
            f"IF(COUNT({{{key}_used:all}})>1,{formula}({{{key}_used:all}}),0)",
        )
        for row, (name, value, formula) in enumerate(zip(names, found, formulas, strict=True))
    ]


def _present(plan: Plan) -> str:
    if not plan.room.open:
        return "IF(ISNUMBER({quality}),IF(ISNUMBER({cost}),1,0),0)"
    return 'IF({message}="OK",1,0)'


def _message(book: Book) -> str:
    """Return what is wrong with a row, in words; OK, or nothing in a row that is not in use."""

    def say(english: str, estonian: str) -> str:
        return '"' + book.say(Label(english, estonian)) + '"'

    parts = [
        (
            '{provider}&{quality}&{cost}=""',
            '""',
        ),
        ('TRIM({provider}&"")=""', say("The provider is missing", "Osutaja puudub")),
        (
            "COUNTIF({provider:all},{provider})>1",
            say("This provider stands here twice", "See osutaja on siin mitu korda"),
        ),
        ("NOT(ISNUMBER({quality}))", say("Quality is not a number", "Kvaliteet ei ole arv")),
        ("NOT(ISNUMBER({cost}))", say("Cost is not a number", "Kulu ei ole arv")),
        (f"AND({SPENDING},{{cost}}<=0)", say("Spending must be above 0", "Kulu peab olema üle 0")),
        (
            'OR(AND({quality_error}<>"",NOT(ISNUMBER({quality_error}))),AND({cost_error}<>"",NOT(ISNUMBER({cost_error}))))',
            say("A standard error is not a number", "Standardviga ei ole arv"),
        ),
        (
            "MIN({quality_error},{cost_error})<0",
            say("A standard error is negative", "Standardviga on negatiivne"),
        ),
    ]
    formula = f'"{_OK}"'
    for condition, text in reversed(parts):
        formula = f"IF({condition},{text},{formula})"
    return formula


def _add_scales(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add cost performance, z scores, ranks and intervals, and return the first column behind them."""
    found, z = plan.analysis, plan.analysis.standardized
    side = found.side_by_side
    if plan.room.open:
        used = [
            Column(f"{key}_used", label, values, f"{{{key}}}", format="general")
            for key, label, values in (
                ("quality", Label("Quality that counts", "Arvestatav kvaliteet"), side.quality),
                ("cost", Label("Cost that counts", "Arvestatav kulu"), side.cost),
            )
        ]
        column = add_columns(book, sheet, plan, column, used)
    first = column
    columns = [
        Column(
            "performance",
            Label("Cost performance", "Kulutulemus"),
            found.performance,
            f"IF({SPENDING},{{cost_mean}}/{{cost}},{{cost}})",
        ),
        Column(
            "z_quality",
            Label("z of quality", "kvaliteedi z"),
            z.quality,
            _over("{quality}-{quality_mean}", "{quality_sd}"),
        ),
        Column(
            "z_cost",
            Label("z of cost performance", "kulutulemuse z"),
            z.cost,
            _over("{performance}-{performance_mean}", "{performance_sd}"),
        ),
    ]
    columns.append(
        Column(
            "relative_cost",
            Label("Cost, mean = 1", "Kulu, keskmine = 1"),
            relative_cost(plan),
            f"IF({SPENDING},{{cost}}/{{cost_mean}},{{cost_mean}}/{{cost}})",
        )
    )
    if plan.has_quality_error:
        columns.append(
            Column(
                "z_quality_error",
                Label("Standard error, z of quality", "Standardviga, kvaliteedi z"),
                z.quality_error,
                _known("quality_error", _over("{quality_error}", "{quality_sd}")),
            )
        )
    if plan.has_cost_error:
        scaled = f"IF({SPENDING},{{performance}}/{{cost}},1)*{{cost_error}}"
        columns.append(
            Column(
                "z_cost_error",
                Label("Standard error, z of cost performance", "Standardviga, kulutulemuse z"),
                z.cost_error,
                _known("cost_error", _over(scaled, "{performance_sd}")),
            )
        )
    column = add_columns(book, sheet, plan, column, columns, Label("On one scale", "Ühel skaalal"))
    performance = found.performance
    add_above(
        book,
        sheet,
        first,
        [
            Above(
                ABOVE_ROW,
                "performance_mean",
                float(performance.mean()),
                _some("AVERAGE({performance:all})", plan, "performance"),
            ),
            Above(
                ABOVE_ROW + 1,
                "performance_sd",
                float(performance.std(ddof=1)),
                _some("STDEV({performance:all})", plan, "performance"),
            ),
            Above(ABOVE_ROW + 2, "performance_low", float(performance.min()), "MIN({performance:all})"),
            Above(ABOVE_ROW + 3, "performance_high", float(performance.max()), "MAX({performance:all})"),
        ],
    )
    columns = [
        rank_column("quality", side.quality, Label("Rank of quality", "Kvaliteedi koht")),
        rank_column("performance", performance, Label("Rank of cost performance", "Kulutulemuse koht")),
    ]
    for key, label, interval, there in (
        ("quality", Label("Quality", "Kvaliteet"), side.quality_interval, plan.has_quality_error),
        ("cost", Label("Cost", "Kulu"), side.cost_interval, plan.has_cost_error),
    ):
        if there:
            for end, sign, word, ending in ((interval.low, "-", "from", "alates"), (interval.high, "+", "to", "kuni")):
                columns.append(
                    Column(
                        f"{key}_{'low' if sign == '-' else 'high'}_end",
                        Label(f"{label.en}, {word}", f"{label.et}, {ending}"),
                        end,
                        _known(f"{key}_error", f"{{{key}}}{sign}{{spread}}*{{{key}_error}}"),
                    )
                )
    return add_columns(book, sheet, plan, column, columns, Label("Ranks and intervals", "Kohad ja vahemikud"))


def _over(above: str, below: str) -> str:
    return f"({above})/{below}"


def _some(formula: str, plan: Plan, key: str) -> str:
    return f"IF(COUNT({{{key}:all}})>1,{formula},0)" if plan.room.open else formula


def _known(key: str, formula: str) -> str:
    """Return a formula that is empty where a standard error is not known."""
    return f'IF(ISNUMBER({{{key}}}),{formula},"")'


def _add_help(sheet: Sheet, plan: Plan) -> None:
    """Add what may be typed where, and which rows turn red."""
    bottom = FIRST_ROW + plan.room.lists - 1
    sheet.marks.append(Mark(f"G{FIRST_ROW}:G{bottom}", f'AND($G{FIRST_ROW}<>"",$G{FIRST_ROW}<>"{_OK}")', "bad"))
    sheet.validations.append(
        Validation(
            f"B{FIRST_ROW}:E{bottom}",
            "decimal",
            "-1000000000000",
            "1000000000000",
            refusal="A number, please. / Palun sisestage arv.",
        )
    )
