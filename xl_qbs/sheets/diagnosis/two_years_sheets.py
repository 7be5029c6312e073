"""The sheets of two years: the counts of the year before; changes, attainment and improvement, and the floor."""

from __future__ import annotations

import numpy as np

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.diagnosis.columns import Column, add_columns, begin_rows
from xl_qbs.sheets.diagnosis.plan import LAST_DATA, TWO_YEARS, Before, Plan
from xl_qbs.sheets.frame import begin, indicator_names, texts
from xl_qbs.sheets.model import Book, Format, Label, Sheet, SourceBlock

_LIST = Label("List", "Nimistu")
_FIRST = 7


def add_last_data(book: Book, plan: Plan) -> Sheet | None:
    """Make the counts of the year before known to formulas; from another file they are copied to a sheet.

    The book's scope must be that of the year before.
    """
    assert plan.before is not None  # noqa: S101  (asked for)
    run = plan.before.run
    if run.sources is not None:
        for source in (run.sources.providers, run.sources.target, run.sources.done, run.sources.coefficient):
            if source is not None:
                _link(book, source)
        return None
    book_suffix, book.suffix = book.suffix, None
    table = run.result.table
    sheet = begin(
        book,
        LAST_DATA,
        Label("Counts of the year before", "Eelmise aasta arvud"),
        Label(
            f"Copied from {run.input_name}, {run.data_range}; the file itself is not linked.",
            f"Kopeeritud failist {run.input_name}, {run.data_range}; faili ennast ei viidata.",
        ),
        tab="7F7F7F",
    )
    book.suffix = book_suffix
    sheet.widths = {1: 26}
    sheet.default_width = 11.0
    sheet.heights |= {_FIRST - 1: 64}
    sheet.freeze = f"B{_FIRST}"
    sheet.scale = 70
    sheet.print_titles = f"$A:$A,${_FIRST - 1}:${_FIRST - 1}"
    _, names = indicator_names(book, run.result.scheme)
    size = len(names)
    column = 2
    book.write(sheet, (_FIRST - 1, 1), [[_LIST]], "heading")
    book.add(sheet, "copied_provider", (_FIRST, 1), texts(table.providers), kind="input", format="text")
    for key, label, values in (
        ("copied_target", Label("Target population", "Sihtrühm"), table.target),
        ("copied_done", Label("Done", "Tehtud"), table.done),
    ):
        book.write(sheet, (_FIRST - 2, column), [[label]], "label")
        book.write(sheet, (_FIRST - 1, column), [names], "heading")
        book.add(sheet, key, (_FIRST, column), values, kind="input", format="count")
        column += size
        sheet.breaks.append(column - 1)
    rows = np.arange(_FIRST, _FIRST + len(table.providers)).reshape(-1, 1)
    wide = np.broadcast_to(rows, table.target.shape)
    _link(book, SourceBlock("source_provider", sheet.name, rows, np.array([1])))
    _link(book, SourceBlock("source_target", sheet.name, wide, np.arange(2, 2 + size)))
    _link(book, SourceBlock("source_done", sheet.name, wide, np.arange(2 + size, 2 + 2 * size)))
    if book.named.get("source_coefficient") is not None or table.coefficient is not None:
        # A year without coefficients has 1 for every list; formulas must not take the other year's.
        own = np.ones(len(table.providers)) if table.coefficient is None else table.coefficient
        book.write(sheet, (_FIRST - 1, column), [[Label("Coefficient", "Koefitsient")]], "heading")
        book.add(sheet, "copied_coefficient", (_FIRST, column), own, kind="input", format="share")
        _link(book, SourceBlock("source_coefficient", sheet.name, rows, np.array([column])))
    return sheet


def _link(book: Book, source: SourceBlock) -> None:
    book.links(SourceBlock(book.scope + source.key, source.sheet, source.cell_rows, source.cell_columns))


def _rows(plan: Plan, before: Before) -> np.ndarray:
    earlier = {provider: row for row, provider in enumerate(before.run.result.table.providers)}
    return np.array([earlier.get(one, -1) for one in plan.result.table.providers])


def _taken(values: Array, rows: np.ndarray, empty: float) -> Array:
    """Return the first year's numbers in the second year's order."""
    taken: Array = np.where((rows >= 0).reshape(-1, *[1] * (values.ndim - 1)), values[rows], empty)
    return taken


def add_two_years(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of the two years, a row a list of the second."""
    assert plan.before is not None  # noqa: S101  (asked for)
    before = plan.before
    years = before.years
    rows = _rows(plan, before)
    there = rows >= 0
    old, new = before.run.result, plan.result
    sheet = begin_rows(
        book,
        TWO_YEARS,
        Label("Two years together", "Kaks aastat koos"),
        Label(
            "Attainment or improvement, the better counts, by the first year's prior and weights; and a floor.",
            "Tase või paranemine, arvestatakse parem, eelmise aasta eeljaotuse ja kaaludega; ning põrand.",
        ),
        Column("two_provider", _LIST, texts(new.table.providers), "{provider}", format="text"),
        tab="548235",
    )
    place = "MATCH({provider},{last_provider:all},0)"
    known = 'IF(ISNUMBER({last_row}),%s,"")'
    last = "INDEX({last_%s:all},{last_row},1)"
    years_change = years.change
    own = _by_both(plan, years_change.own, there)
    columns = [
        Column("last_row", Label("Row last year", "Rida eelmisel aastal"), np.where(there, rows + 1.0, np.nan),
               f'IFERROR({place},"")'),
        Column("two_last_current", Label("Current score last year", "Kehtiv skoor eelmisel aastal"),
               _taken(old.current.total, rows, np.nan), known % (last % "current_score"), format="score"),
        Column("two_rank_change", Label("Change of relative rank", "Suhtelise koha muutus"),
               _by_both(plan, years_change.relative_rank, there),
               known % ("{need_relative}-" + last % "need_relative"), "output", "percent1"),
        Column("two_score_change", Label("Change of the need-adjusted score", "Vajaduspõhise skoori muutus"),
               _by_both(plan, years_change.score, there), known % ("{need_score}-" + last % "need_score"),
               format="score"),
        Column("two_own_change", Label("of it the list's own counts", "sellest nimistu enda arvud"), own,
               known % ("ROUND(SUMPRODUCT({last_weight_row:all},{two_after:row}),{score_decimals})-"
                        + last % "need_score"),
               format="score"),
        Column("two_total",
               Label("Points: better of attainment and improvement", "Punktid: parem tasemest ja paranemisest"),
               years.total, "ROUND(SUMPRODUCT({last_weight_row:all},{two_credit:row}),{score_decimals})", "output",
               "score"),
        Column("two_earlier", Label("Points for attainment last year", "Eelmise aasta taseme punktid"), years.earlier,
               known % "ROUND(SUMPRODUCT({last_weight_row:all},{two_first_attainment:row}),{score_decimals})",
               format="score"),
        Column("two_floor", Label("Floor", "Põrand"), years.floor,
               "IF(ISNUMBER({last_row}),{floor_share}*{two_earlier},0)", format="score"),
        Column("two_final", Label("Points with the floor", "Punktid koos põrandaga"), years.final,
               "MAX({two_total},{two_floor})", "output", "score"),
        Column("two_held", Label("Held harmless (1 = yes)", "Kahju eest hoitud (1 = jah)"), years.held_harmless,
               "IF({two_final}>{two_total},1,0)"),
    ]  # fmt: skip
    column = add_columns(book, sheet, 2, columns)
    sheet.breaks.append(column - 1)
    column = _add_blocks(book, sheet, plan, rows, column)
    _add_standards(book, sheet, plan, column)
    return sheet


def _by_both(plan: Plan, values: Array, there: np.ndarray) -> Array:
    """Return numbers of the lists in both years as a row for each list of the second."""
    spread = np.full(plan.lists, np.nan)
    spread[there] = values
    return spread


def _add_blocks(book: Book, sheet: Sheet, plan: Plan, rows: np.ndarray, column: int) -> int:
    """Add what is worked out indicator by indicator."""
    assert plan.before is not None  # noqa: S101  (asked for)
    before = plan.before
    years, old = before.years, before.run.result
    _, names = indicator_names(book, plan.result.scheme)
    after = (
        "IF(ISNUMBER({last_strength_row}),IF({target}+{last_strength_row}>0,"
        "({done}+{last_strength_row}*{last_mean_row})/({target}+{last_strength_row}),{last_mean_row}),{last_mean_row})"
    )

    def credit(value: str) -> str:
        share = f"MAX(0,MIN(1,({value}-{{threshold}})/({{benchmark}}-{{threshold}})))"
        return f"IF({{benchmark}}-{{threshold}}>{{band_guard}},{share},IF({value}+{{band_guard}}>={{benchmark}},1,0))"

    way = "MAX(0,MIN(1,({two_after}-{two_before})/({benchmark}-{two_before})))"
    room = f"IF({{benchmark}}-{{two_before}}>{{band_guard}},{way},0)"
    improvement = f"IF(ISNUMBER({{two_before}}),IF(AND({{two_n0}}>0,{{target}}>0),{room},0),0)"
    taken = "IF(ISNUMBER({last_row}),INDEX({last_%s:column},{last_row},1),%s)"
    variance = "{two_before}*(1-{two_before})/({two_n0}+{last_strength_row}+1)"
    variance += "+{two_after}*(1-{two_after})/({target}+{last_strength_row}+1)"
    first_attainment = _attained(years.before, years.standards.threshold, years.standards.benchmark)
    adjusted = np.full(plan.result.adjusted.shape, np.nan)
    adjusted[rows >= 0] = years.change.adjusted
    blocks: list[tuple[str, Label, Array, str, Format]] = [
        ("two_n0", Label("Target population last year", "Sihtrühm eelmisel aastal"),
         _taken(old.table.target, rows, 0.0), taken % ("target", "0"), "count"),
        ("two_x0", Label("Done last year", "Tehtud eelmisel aastal"), _taken(old.table.counted, rows, 0.0),
         taken % ("done", "0"), "count"),
        ("two_before", Label("Adjusted coverage last year", "Kohandatud hõlmatus eelmisel aastal"), years.before,
         taken % ("adjusted", '""'), "percent1"),
        ("two_after", Label("Adjusted coverage, last year's prior", "Kohandatud hõlmatus, eelmise aasta eeljaotus"),
         years.after, after, "percent1"),
        ("two_change", Label("Change of adjusted coverage, each year's own prior",
                             "Kohandatud hõlmatuse muutus, kummagi aasta oma eeljaotus"), adjusted,
         'IF(ISNUMBER({two_before}),{adjusted}-{two_before},"")', "percent1"),
        ("two_change_error", Label("Its standard deviation by chance", "Selle standardhälve juhuse tõttu"),
         years.change_error, 'IF(ISNUMBER({two_before}),IF(ISNUMBER({last_strength_row}),'
         f'SQRT({variance}),0),"")', "percent1"),
        ("two_attainment", Label("Credit for attainment", "Taseme arvestus"), years.attainment, credit("{two_after}"),
         "share"),
        ("two_improvement", Label("Credit for improvement", "Paranemise arvestus"), years.improvement, improvement,
         "share"),
        ("two_credit", Label("The better of the two", "Parem kahest"), years.credit,
         "MAX({two_attainment},{two_improvement})", "share"),
        ("two_first_attainment", Label("Credit for attainment last year", "Eelmise aasta taseme arvestus"),
         first_attainment, f'IF(ISNUMBER({{two_before}}),{credit("{two_before}")},"")', "share"),
    ]  # fmt: skip
    for key, label, values, formula, number_format in blocks:
        column = add_columns(book, sheet, column, [Column(key, names, values, formula, format=number_format)], label)
        sheet.breaks.append(column - 1)
    return column


def _attained(adjusted: Array, threshold: Array, benchmark: Array) -> Array:
    from xl_qbs.scoring.two_years import Standards, attainment_credit  # noqa: PLC0415

    return attainment_credit(adjusted, Standards(threshold, benchmark))


def _add_standards(book: Book, sheet: Sheet, plan: Plan, column: int) -> None:
    """Add, below the lists, where credit begins and where it is full, from the first year's lists."""
    assert plan.before is not None  # noqa: S101  (asked for)
    standards, old = plan.before.years.standards, plan.before.run.result
    book.write(sheet, (5, column), [[Label("Threshold and benchmark", "Lävi ja siht")]], "label")
    _, names = indicator_names(book, plan.result.scheme)
    book.write(sheet, (6, column), [names], "heading")
    size = len(names)
    numbers = np.arange(1.0, size + 1).reshape(1, -1)
    known = (old.table.target > 0).sum(axis=0).astype(float)
    most = np.ceil(plan.limits.best * known - 1e-9)
    edge = np.array([np.sort(old.adjusted[old.table.target[:, j] > 0, j])[-int(most[j])] for j in range(size)])
    values = "INDEX({last_known_adjusted:all},0,{standard_no})"
    rows: list[tuple[str, Label, Array, str | None, Format]] = [
        ("standard_no", Label("No.", "Nr"), numbers, None, "count"),
        ("standard_lists", Label("Lists with patients last year", "Sihtrühmaga nimistuid eelmisel aastal"), known,
         f"COUNT({values})", "count"),
        ("standard_best", Label("Best lists", "Parimaid nimistuid"), most,
         "0-INT(0-({best_share}*{standard_lists}-{band_guard}))", "count"),
        ("standard_edge", Label("Last of the best", "Parimatest viimane"), edge, f"LARGE({values},{{standard_best}})",
         "percent1"),
        ("threshold", Label("Threshold: median", "Lävi: mediaan"), standards.threshold, f"MEDIAN({values})",
         "percent1"),
        ("benchmark", Label("Benchmark: mean of the best", "Siht: parimate keskmine"), standards.benchmark,
         f'MAX({{threshold}},(SUMIF({values},">"&{{standard_edge}})+({{standard_best}}-COUNTIF({values},">"&'
         "{standard_edge}))*{standard_edge})/{standard_best})", "percent1"),
    ]  # fmt: skip
    for place, (key, label, one, formula, number_format) in enumerate(rows, start=7):
        book.add(sheet, key, (place, column), one.reshape(1, -1), formula, format=number_format)
        book.write(sheet, (place, column + size), [[label]], "text")
    book.write(sheet, (5, column + size + 2), [[Label("Adjusted coverage last year, lists with patients",
               "Kohandatud hõlmatus eelmisel aastal, sihtrühmaga")]], "label")  # fmt: skip
    book.write(sheet, (6, column + size + 2), [names], "heading")
    shown = np.where(old.table.target > 0, old.adjusted, np.nan)
    book.add(
        sheet,
        "last_known_adjusted",
        (7, column + size + 2),
        shown,
        'IF({last_target}>0,{last_adjusted},"")',
        format="percent1",
    )
