"""The checks of an efficiency book: numbers that have to equal others."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.checks_sheet import Check, add_check_sheet
from xl_qbs.sheets.efficiency.plan import TITLES, Plan
from xl_qbs.sheets.model import Book, Label, Sheet, SourceBlock

_EXACT = 1e-9
# Sums of thousands of numbers may differ by this share in their last bits.
_SUMS = 1e-9


def add_checks(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of checks; all others must stand already."""
    return add_check_sheet(book, _checks(book, plan), _as_written(plan), open_room=plan.room.open)


def _checks(book: Book, plan: Plan) -> list[Check]:
    found = plan.analysis
    count = 0.0 if plan.empty else float(len(plan.providers))
    there = 0.0 if plan.empty else 1.0
    checks = [
        Check(
            Label(
                "Providers with quality and cost, as many as were read",
                "Kvaliteedi ja kuluga osutajaid, niipalju kui loeti",
            ),
            count,
            "{lists}",
            count,
            must="{lists}",
        ),
        Check(
            Label("Mean of the z scores of quality", "Kvaliteedi z-skooride keskmine"),
            0.0,
            _some(plan, "AVERAGE({z_quality:all})"),
            0.0,
            _EXACT,
        ),
        Check(
            Label("Their standard deviation", "Nende standardhälve"),
            there,
            _some(plan, "STDEV({z_quality:all})"),
            there,
            _EXACT,
            must="MIN(1,{lists})",
        ),
        Check(
            Label("Mean of the z scores of cost performance", "Kulutulemuse z-skooride keskmine"),
            0.0,
            _some(plan, "AVERAGE({z_cost:all})"),
            0.0,
            _EXACT,
        ),
        Check(
            Label("Their standard deviation", "Nende standardhälve"),
            there,
            _some(plan, "STDEV({z_cost:all})"),
            there,
            _EXACT,
            must="MIN(1,{lists})",
        ),
    ]
    if plan.room.open:
        checks += _data_checks()
    elif plan.sources is not None:
        checks += _source_checks(book)
    for key in plan.columns:
        if key == "regression":
            continue
        optional = plan.room.open and key in ("cost_effectiveness", "envelopment", "free_disposal")
        has = 0.0 if plan.empty else float((~np.isnan(found.efficiencies[key])).sum())
        title = TITLES[key]
        label = Label(f"Providers with an efficiency: {title.en}", f"Tõhususega osutajaid: {title.et}")
        must = f"IF(COUNT({{eff_{key}:all}})=0,0,{{lists}})" if optional else "{lists}"
        checks.append(Check(label, has, f"COUNT({{eff_{key}:all}})", has, must=must))
    checks += _model_checks(plan)
    return checks


def _some(plan: Plan, formula: str) -> str:
    return f"IF({{lists}}>1,{formula},0)" if plan.room.open else formula


def _data_checks() -> list[Check]:
    return [
        Check(
            Label(
                "Rows of the data that cannot be used (see the messages there)",
                "Andmete ridu, mida ei saa kasutada (vaadake sealseid teateid)",
            ),
            0.0,
            'SUMPRODUCT(({message:all}<>"")*({message:all}<>"OK"))',
            0.0,
        ),
        Check(
            Label(
                "Words for cost and for failing a hurdle that are known (2 = both)",
                "Teada sõnu kulu ja läve ületamata jätmise kohta (2 = mõlemad)",
            ),
            2.0,
            "COUNT(MATCH({cost_is},{cost_words:all},0))+COUNT(MATCH({failing},{failing_words:all},0))",
            2.0,
        ),
        Check(
            Label("Shares and levels within their range (1 = all)", "Osad ja tasemed lubatud vahemikus (1 = kõik)"),
            1.0,
            "IF(AND({weight_a}>=0,{weight_a}<=1,{weight_b}>=0,{weight_b}<=1,{quality_share_1}>0,"
            "{quality_share_1}<{quality_share_2},{quality_share_2}<1,{cost_share_1}>0,{cost_share_1}<{cost_share_2},"
            "{cost_share_2}<1,{class_share_1}>0,{class_share_1}<{class_share_2},{class_share_2}<1,"
            "{quality_hurdle_share}>0,{quality_hurdle_share}<1,{cost_hurdle_share}>0,{cost_hurdle_share}<1,"
            "{level}>0,{level}<1,ABS({error_correlation})<=1),1,0)",
            1.0,
        ),
    ]


def _source_checks(book: Book) -> list[Check]:
    checks = []
    for key, label in (
        ("quality", Label("Quality in your sheet and here, difference", "Kvaliteet teie lehel ja siin, erinevus")),
        ("cost", Label("Cost in your sheet and here, difference", "Kulu teie lehel ja siin, erinevus")),
    ):
        source = book.find(f"source_{key}")
        if not isinstance(source, SourceBlock):
            continue
        rows = source.cell_rows[:, 0]
        if len(rows) and int(rows.max() - rows.min()) + 1 == len(rows):
            checks.append(Check(label, 0.0, f"SUM({{source_{key}:all}})-SUM({{{key}:all}})", 0.0, _EXACT))
    return checks


def _model_checks(plan: Plan) -> list[Check]:
    found = plan.analysis
    count = 0.0 if plan.empty else float(len(plan.providers))
    there = 0.0 if plan.empty else 1.0
    checks = []
    if found.unconditional:
        checks.append(
            Check(
                Label("Mean of unconditional A", "Tingimusteta A keskmine"),
                0.0,
                _some(plan, "AVERAGE({unconditional_a:all})"),
                0.0,
                _EXACT,
            )
        )
    if found.conditional:
        checks.append(
            Check(
                Label("Providers in the three classes of quality", "Osutajaid kolmes kvaliteediklassis"),
                count,
                "SUM(COUNTIF({quality_class:all},0),COUNTIF({quality_class:all},1),COUNTIF({quality_class:all},1+1))",
                count,
                must="{lists}",
            )
        )
    for key, hurdle in (("quality_hurdle", found.quality_hurdle), ("cost_hurdle", found.cost_hurdle)):
        if hurdle is not None:
            title = TITLES[key]
            below = (
                float((~hurdle.passed & (hurdle.efficiency >= hurdle.efficiency[hurdle.passed].min())).sum())
                if (hurdle.passed.any() and found.options.failing == "last")
                else 0.0
            )
            checks.append(
                Check(
                    Label(
                        f"{title.en}: providers that fail and stand above one that passes",
                        f"{title.et}: läbikukkunuid, kes on mõnest läbinust eespool",
                    ),
                    below,
                    f"IF({{failing}}=INDEX({{failing_words:all}},1,1),SUMPRODUCT(({{{key}_passed:all}}=0)"
                    f"*({{{key}:all}}>=MIN({{{key}_passing:all}}))*{{present:all}}),0)",
                    0.0,
                )
            )
    if found.envelopment is not None:
        checks.append(
            Check(
                Label("Best efficiency by envelopment", "Parim tõhusus rajaanalüüsis"),
                there,
                "MAX({envelopment:all})",
                there,
                _EXACT,
                must="IF(COUNT({envelopment:all})>0,1,0)",
            )
        )
    if found.envelopment is not None and found.free_disposal is not None:
        checks.append(
            Check(
                Label(
                    "Providers less efficient by the hull than by envelopment",
                    "Osutajaid, kelle tõhusus on raja järgi väiksem",
                ),
                0.0,
                "SUMPRODUCT(--({eff_free_disposal:all}+{cut_guard}<{eff_envelopment:all}))"
                if not plan.room.open
                else "IF(COUNT({envelopment:all})>0,"
                "SUMPRODUCT(({present:all}=1)*({eff_free_disposal:all}<{eff_envelopment:all})),0)",
                0.0,
            )
        )
    if found.stars is not None:
        checks.append(
            Check(
                Label("Providers in the cells of the stars", "Osutajaid tärnide lahtrites"),
                count,
                "SUM({star_count:all})",
                count,
                must="IF({stars_ready}=1,{lists},0)",
            )
        )
    return checks


def _as_written(plan: Plan) -> list[Check]:
    """Return sums that hold as long as data and parameters are what the program saw."""
    found = plan.analysis
    rows = [
        ("quality", Label("Quality", "Kvaliteet"), found.given.quality),
        ("performance", Label("Cost performance", "Kulutulemus"), found.performance),
    ]
    rows += [(f"eff_{key}", TITLES[key], values) for key, values in found.efficiencies.items()]
    checks = []
    for key, title, values in rows:
        total = float(np.nansum(values))
        tolerance = _SUMS * max(1.0, float(np.nansum(np.abs(values))))
        label = Label(f"Sum: {title.en}", f"Summa: {title.et}")
        checks.append(Check(label, total, f"SUM({{{key}:all}})", total, tolerance))
    return checks
