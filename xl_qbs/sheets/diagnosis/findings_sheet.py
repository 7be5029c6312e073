"""The sheet of findings: what a reader of a diagnosis wants first, each table by formulas."""

from __future__ import annotations

import numpy as np

from xl_qbs.diagnosis.distribution import EVEN_MIDDLE, NORMAL_MIDDLE, cliffs, missing_middle
from xl_qbs.diagnosis.groups import scores_by_group
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.correlation import HIGHER, LOWER, NEITHER, interval_end, label_of, told
from xl_qbs.sheets.diagnosis.columns import Column, table
from xl_qbs.sheets.diagnosis.lists_sheet import SCORE_NAMES, SCORES, asc_key
from xl_qbs.sheets.diagnosis.need_findings import add_bands, add_load, add_lowest, add_profile, group_columns
from xl_qbs.sheets.diagnosis.plan import FINDINGS, Plan, score_label
from xl_qbs.sheets.diagnosis.verdict import VERDICTS, verdict_sentence
from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.model import Block, Book, Label, Sheet

_WIDTH = 14.5
_MISSING, _THERE = Label("missing", "puudub"), Label("there", "olemas")


def add_findings(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of findings; those with a row a list must stand already."""
    sheet = begin(
        book,
        FINDINGS,
        Label("How the scores treat lists", "Kuidas skoorid nimistuid kohtlevad"),
        Label(
            "Size, need, the missing middle and cliffs, for every score. No single number proves a scheme fair.",
            "Suurus, vajadus, puuduv keskosa ja järsakud iga skoori kohta. Ükski arv üksi ei tõesta õiglust.",
        ),
        tab="C00000",
    )
    sheet.widths = {1: 34, 9: 20}
    sheet.default_width = _WIDTH
    columns = max(14, 5 + len(SCORES) * len(plan.result.scheme.bands))
    # With breaks between rows nothing is fitted to a page's width: so many characters are.
    sheet.scale = int(75 * 185 / (34 + 20 + _WIDTH * (columns - 2)))
    sheet.freeze = "A4"
    row = _correlations(book, sheet, plan, 5)
    row = _sizes(book, sheet, plan, row)
    sheet.row_breaks.append(row - 1)
    row = _middle(book, sheet, plan, row)
    row = _cliffs(book, sheet, plan, row)
    if plan.result.scheme.bands:
        row = add_bands(book, sheet, plan, row)
    row = add_lowest(book, sheet, plan, row)
    if plan.profile is not None or plan.added is not None:
        sheet.row_breaks.append(row - 1)
    if plan.profile is not None:
        row = add_profile(book, sheet, plan, row)
    if plan.added is not None:
        add_load(book, sheet, plan, row)
    # Notes and titles run on to the right of the tables.
    sheet.print_area = f"A1:{column_letter(columns)}{sheet.last_row}"
    return sheet


def _names(book: Book, plan: Plan) -> list[str]:
    return [book.say(score_label(name)) for name in plan.scores]


def _correlations(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    """Add the rank correlation of each score with eligible patients."""
    fair = plan.fairness
    found = [fair.correlation[name] for name in plan.scores]
    beside = [fair.against_current.get(name) for name in plan.scores]
    values, low, high = (np.array([getattr(one, what) for one in found]) for what in ("value", "low", "high"))
    say = book.say
    size = len(plan.scores)
    title = Label(
        "Rank correlation of each score with the number of eligible patients",
        "Iga skoori astakkorrelatsioon sihtrühma suurusega",
    )
    note = Label(
        "Zero is not proof of fairness: lists may truly differ, and middle-sized ones may lose on both sides. "
        "A strong prior can turn the correlation round.",
        "Null ei tõesta õiglust: nimistud võivad tegelikult erineda ja keskmise suurusega nimistud kaotada. "
        "Tugev eeljaotus võib märgi pöörata.",
    )
    nearer = np.array([np.nan if one is None else one.nearer_by for one in beside])
    words = (say(LOWER), say(HIGHER), say(NEITHER))
    first = book.block("against_meanrank")
    ranks = "INDEX({score_ranks:all},0,{corr_no})"
    own = book.block(f"{plan.keys[0]}_meanrank")
    book.named["score_ranks"] = Block(
        "score_ranks", own.sheet, own.row, own.column, np.zeros((first.rows, size), dtype=object)
    )
    columns = [
        Column("corr_name", Label("Score", "Skoor"), texts(_names(book, plan)), kind="text", format="text"),
        Column("corr_no", Label("No.", "Nr"), np.arange(1.0, size + 1)),
        Column("corr_value", Label("Rank correlation", "Korrelatsioon"), values,
               f'IF(AND(MAX({ranks})>MIN({ranks}),MAX({{against:all}})>MIN({{against:all}})),'
               f'CORREL({{against_meanrank:all}},{ranks}),"")', "output", "share"),
        Column("corr_low", Label("from", "alates"), low,
               interval_end("{corr_value}", "{lists}", upper=False), format="share"),
        Column("corr_high", Label("to", "kuni"), high,
               interval_end("{corr_value}", "{lists}", upper=True), format="share"),
        Column("corr_nearer", Label("Nearer to zero than current, by", "Nullile lähemal kui kehtiv, võrra"), nearer,
               'IF({corr_no}=1,"",IF(ISNUMBER({corr_value}),IF(ISNUMBER(INDEX({corr_value:all},1,1)),'
               'ABS(INDEX({corr_value:all},1,1))-ABS({corr_value}),""),""))', format="share"),
        Column("corr_gap_low", Label("Difference, from (stored)", "Erinevus alates (salvestatud)"),
               np.array([np.nan if one is None else one.low for one in beside]), format="share"),
        Column("corr_gap_high", Label("to (stored)", "kuni (salvestatud)"),
               np.array([np.nan if one is None else one.high for one in beside]), format="share"),
        Column("corr_verdict", Label("Verdict from drawn lists (stored)", "Otsus loositud nimistutest (salvestatud)"),
               texts(["" if one is None else say(VERDICTS[one.verdict]) for one in beside]),
               format="text"),
        Column("corr_words", Label("Lists with more patients score", "Suurema sihtrühmaga nimistu skoor"),
               texts([say(label_of(one)) for one in found]), told("{corr_low}", "{corr_high}", words), format="text"),
    ]  # fmt: skip
    row = table(book, sheet, row, title, columns, note)
    # Beside what it is drawn from, in words; it cannot follow the cells, since draws of lists are stored.
    book.write(sheet, (row - 1, 1), [[verdict_sentence(fair)]], "label")
    return row + 1


def _sizes(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    """Add the mean of each score by size of list, in one table."""
    groups = plan.fairness.by_size.groups
    means = scores_by_group(groups, dict(zip(plan.scores, plan.totals, strict=True))).mean
    title = Label(
        "Mean scores by size of list, eligible patients", "Keskmised skoorid nimistu suuruse, sihtrühma järgi"
    )
    note = Label(
        "Compare groups within a score: the scales of scores differ.",
        "Võrrelge rühmi sama skoori sees: skooride skaalad erinevad.",
    )
    own = book.block(plan.keys[0])
    book.named["all_scores"] = Block(
        "all_scores", own.sheet, own.row, own.column, np.zeros((own.rows, len(plan.keys)), dtype=object)
    )
    columns = [
        *group_columns(book, groups, plan, "size", "against", "against_asc"),
        *[
            Column(
                f"size_mean_{key}",
                score_label(name),
                means[:, place],
                f'IF({{size_lists}}>0,SUMIF({{size_group:all}},{{size_no}},{{{key}:all}})/{{size_lists}},"")',
                "output",
                "score",
            )
            for place, (key, name) in enumerate(zip(plan.keys, plan.scores, strict=True))
        ],
    ]
    return table(book, sheet, row, title, columns, note) + 1


def _middle(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    totals = dict(zip(plan.keys, plan.totals, strict=True))
    found = [missing_middle(totals[asc_key(plan, score)]) for score in SCORES]
    shared = {
        what: np.array([getattr(one, what) for one in found])
        for what in ("low_centre", "high_centre", "near_low", "middle", "near_high", "low_share")
    }
    say = book.say
    title = Label("The missing middle: shares of lists", "Puuduv keskosa: nimistute osakaalud")
    note = Label(
        f"Scores split into two clusters; three windows of the same width. Evenly spread scores have "
        f"{EVEN_MIDDLE:.0%} in the middle, scores on a normal curve {NORMAL_MIDDLE:.0%}.",
        f"Skoorid on jagatud kaheks kobaraks; kolm sama laia vahemikku. Ühtlaselt jaotunud skooridest on keskel "
        f"{EVEN_MIDDLE:.0%}, normaaljaotusega skooridest {NORMAL_MIDDLE:.0%}.",
    )
    # Of the scores by rule, the one by the rule of this run.
    by_key = dict(zip(plan.keys, plan.scores, strict=True))
    names = [say(score_label(by_key[asc_key(plan, score)])) for score in SCORES]
    words = [say(_MISSING if one.missing else _THERE) for one in found]

    # Each row is about another block, so each column is made of single cells.
    heads = [
        Label("Score", "Skoor"),
        Label("Centre of the lower cluster", "Alumise kobara keskkoht"),
        Label("Centre of the upper cluster", "Ülemise kobara keskkoht"),
        Label("Near the lower", "Alumise lähedal"),
        Label("In the middle", "Keskel"),
        Label("Near the upper", "Ülemise lähedal"),
        Label("In the lower cluster", "Alumises kobaras"),
        Label("The middle is", "Keskosa"),
    ]
    book.write(sheet, (row, 1), [[title]], "label")
    book.write(sheet, (row + 1, 1), [[note]], "note")
    sheet.heights[row + 2] = 48
    book.write(sheet, (row + 2, 1), [heads], "heading")
    for place, score in enumerate(SCORES):
        own, at = asc_key(plan, score), row + 3 + place
        book.write(sheet, (at, 1), [[names[place]]], "text")
        split = f"MATCH(MAX({{{score}_between:all}}),{{{score}_between:all}},0)"
        moved = f"INDEX({{{score}_sum:all}},{split},1)"
        varies = f"MAX({{{own}:all}})>MIN({{{own}:all}})"
        mean = f"AVERAGE({{{own}:all}})"
        low, high = f"{{low_centre_{score}}}", f"{{high_centre_{score}}}"
        quarter = f"({high}-{low})/(1+1+1+1)"
        scores = f"{{{own}:all}}"

        def window(centre: str, scores: str = scores, quarter: str = quarter, varies: str = varies) -> str:
            inside = f"({scores}>={centre}-{quarter}-{{band_guard}})*({scores}<={centre}+{quarter}+{{band_guard}})"
            return f'IF({varies},SUMPRODUCT({inside})/{{lists}},"")'

        between = f"({scores}>{low}+{quarter}+{{band_guard}})*({scores}<{high}-{quarter}-{{band_guard}})"
        formulas = {
            "low_centre": f"IF({varies},{mean}+{moved}/{split},{mean})",
            "high_centre": f"IF({varies},{mean}-{moved}/({{lists}}-{split}),{mean})",
            "near_low": window(low),
            "middle": f'IF({varies},SUMPRODUCT({between})/{{lists}},"")',
            "near_high": window(high),
            "low_share": f"IF({varies},{split}/{{lists}},1)",
        }
        for column, (what, formula) in enumerate(formulas.items(), start=2):
            values = np.array([shared[what][place]])
            shown = "score" if what.endswith("centre") else "percent1"
            kind = "output" if what == "middle" else "calculation"
            book.add(sheet, f"{what}_{score}", (at, column), values, formula, kind=kind, format=shown)  # type: ignore[arg-type]
        test = f"{{middle_{score}}}<MIN({{near_low_{score}}},{{near_high_{score}}})"
        formula = f'IF(ISNUMBER({{middle_{score}}}),IF({test},"{say(_MISSING)}","{say(_THERE)}"),"{say(_THERE)}")'
        book.add(sheet, f"missing_{score}", (at, 8), texts([words[place]]), formula, format="text")
    return row + 3 + len(SCORES) + 2


def _cliffs(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    result, limit = plan.result, plan.limits.cliff
    largest = [
        cliffs(result, "current").largest,
        cliffs(result, "proportional").largest,
        cliffs(result, "need-adjusted").largest,
    ]
    title = Label(
        "Cliffs: points lost with one patient fewer", "Järsakud: ühe patsiendi võrra vähemaga kaotatud punktid"
    )
    heads = [
        Label("Score", "Skoor"),
        Label("Mean of the lists' largest loss", "Nimistute suurima kaotuse keskmine"),
        Label("Largest of all", "Suurim kõigist"),
        Label("Lists with a cliff", "Järsakuga nimistuid"),
        Label("Share of lists", "Osa nimistutest"),
    ]
    book.write(sheet, (row, 1), [[title]], "label")
    sheet.heights[row + 1] = 48
    book.write(sheet, (row + 1, 1), [heads], "heading")
    for place, score in enumerate(SCORES):
        at, own = row + 2 + place, largest[place]
        many = float((own >= limit).sum())
        book.write(sheet, (at, 1), [[SCORE_NAMES[score]]], "text")
        cells: list[tuple[str, float, str, str]] = [
            ("cliff_mean", float(own.mean()), f"AVERAGE({{cliff_{score}:all}})", "points"),
            ("cliff_most", float(own.max()), f"MAX({{cliff_{score}:all}})", "points"),
            ("cliff_lists", many, f'COUNTIF({{cliff_{score}:all}},">="&{{cliff_points}})', "count"),
            ("cliff_share", many / plan.lists, f"{{cliff_lists_{score}}}/{{lists}}", "percent1"),
        ]
        for column, (what, value, formula, shown) in enumerate(cells, start=2):
            kind = "output" if what == "cliff_share" else "calculation"
            book.add(sheet, f"{what}_{score}", (at, column), np.array([value]), formula, kind=kind, format=shown)  # type: ignore[arg-type]
    # Formulas and charts see the three as one column.
    for what in ("cliff_share",):
        first = book.block(f"{what}_{SCORES[0]}")
        values = np.array([[book.block(f"{what}_{score}").values[0, 0]] for score in SCORES])
        book.named[what] = Block(what, first.sheet, first.row, first.column, values)
    return row + 2 + len(SCORES) + 2
