"""The checks of a book of equity: numbers that have to equal others."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.checks_sheet import Check, add_check_sheet
from xl_qbs.sheets.equity.plan import Plan
from xl_qbs.sheets.equity.template_checks import tell_unusable, template_checks
from xl_qbs.sheets.model import Book, Label, Sheet

# Sums of thousands of numbers may differ by this share in their last bits.
_SUMS = 1e-9
_WRITTEN = (
    ("n", Label("Patients", "Patsiente")),
    ("value", Label("Values within group", "Väärtused rühma sees")),
    ("adjusted", Label("Adjusted values", "Kohandatud väärtused")),
    ("diff", Label("Gaps", "Lõhed")),
    ("b_net", Label("Variance between groups, net", "Rühmadevaheline netodispersioon")),
    ("s_value", Label("Standardised values", "Standarditud väärtused")),
    ("t_change", Label("Changes of gaps", "Lõhede muutused")),
    ("points", Label("Equity points", "Võrdsuspunktid")),
    ("r_total", Label("Totals of equity points", "Võrdsuspunktide summad")),
    ("peer_adjusted", Label("Scores adjusted by peer group", "Võrdlusrühma järgi kohandatud skoorid")),
)


def add_checks(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of checks; all others must stand already."""
    is_open = plan.room is not None
    sheet = add_check_sheet(book, _checks(plan), _as_written(book), open_room=is_open)
    if is_open:
        tell_unusable(book, sheet)
    return sheet


def _checks(plan: Plan) -> list[Check]:
    found = plan.analysis
    rows = float(len(plan.providers) * len(plan.indicators))
    checks = template_checks(plan) if plan.room is not None else []
    checks += [
        Check(
            Label("Rows that are compared, or say why not", "Ridu, mida võrreldakse või millel on põhjus"),
            rows,
            'SUM({ok:all})+SUMPRODUCT(({ok:all}=0)*({reason:all}<>""))',
            rows,
            must="{lists}*{codes_used}",
        ),
        Check(
            Label("Refused rows that show a gap all the same", "Keeldutud ridu, millel on siiski lõhe"),
            0.0,
            'SUMPRODUCT(({ok:all}=0)*({worst:all}<>""))',
            0.0,
        ),
        Check(
            Label("Groups with a value less those that pass the gates", "Väärtusega rühmi miinus väravad läbinud"),
            0.0,
            "COUNT({value:all})-SUM({group_ok:all})",
            0.0,
        ),
        Check(
            Label("Counts that are no numbers", "Arve, mis pole arvud"),
            0.0,
            "ROWS({n:all})*COLUMNS({n:all})-COUNT({n:all})",
            0.0,
        ),
        Check(
            Label("Totals below the sum of the groups", "Koguarve, mis on rühmade summast väiksemad"),
            0.0,
            "SUMPRODUCT(--({everyone:all}<{known:all}))",
            0.0,
        ),
        Check(
            Label("Gaps outside their own limits", "Lõhesid väljaspool oma piire"),
            0.0,
            "SUMPRODUCT(({diff_low:all}>{diff:all})+({diff:all}>{diff_high:all}))",
            0.0,
        ),
        Check(
            Label("The reference is a word or a group that is known", "Võrdlus on teada sõna või rühm"),
            1.0,
            "COUNT(MATCH({reference},{reference_words:all},0))+COUNT(MATCH({reference},{group_name:all},0))"
            if plan.room is None
            else "SUMPRODUCT(--({reference_words:all}={reference}))+MIN(1,{ref_group_no})",
            1.0,
        ),
        Check(
            Label("Gates and level within their range (1 = all)", "Väravad ja tase lubatud vahemikus (1 = kõik)"),
            1.0,
            "IF(AND({share_known}>=0,{share_known}<=1,{smallest_group}>1,{fewest_groups}>1,{level}>0,{level}<1),1,0)",
            1.0,
        ),
    ]
    if not plan.means:
        checks.append(
            Check(
                Label("Adjusted values below 0 or above 1 (1 = somewhere)", "Kohandatud väärtusi alla 0 või üle 1"),
                0.0,
                "IF(MIN({adjusted:all})<0,1,0)+IF(MAX({adjusted:all})>1,1,0)",
                0.0,
            )
        )
    if found.points is not None:
        checks += _point_checks(plan)[: None if plan.room is None else -1]
    return checks


def _point_checks(plan: Plan) -> list[Check]:
    points = plan.analysis.points
    assert points is not None  # noqa: S101  (asked for only with points)
    return [
        Check(
            Label(
                "Improvement paid where a gap closed only because the best group fell",
                "Paranemise punkte, kus lõhe kahanes vaid parima rühma languse tõttu",
            ),
            float(np.nansum(np.where(points.levelled_down, points.improvement, 0.0))),
            "SUMPRODUCT({levelled:all},{improvement:all})",
            0.0,
        ),
        Check(
            Label(
                "Groups paid for improvement that did not improve",
                "Paranemise eest tasutud rühmi, mis ei paranenud",
            ),
            0.0,
            "SUMPRODUCT(({gained:all}=0)*({improvement:all}<>0)*({scored:all}=1))",
            0.0,
        ),
        Check(
            Label("Groups with points less those that are scored", "Punktidega rühmi miinus hinnatud"),
            0.0,
            "COUNT({points:all})-SUM({scored:all})",
            0.0,
        ),
        Check(
            Label("Points below 0 or above the most (1 = somewhere)", "Punkte alla 0 või üle suurima"),
            0.0,
            "IF(MIN({points:all})<0,1,0)+IF(MAX({points:all})>{most_points},1,0)",
            0.0,
        ),
        Check(
            Label(
                "Indicators whose benchmark is not better than the threshold",
                "Indikaatoreid, mille siht pole lävest parem",
            ),
            0.0,
            "SUMPRODUCT(--({sign:all}*({goal:all}-{threshold:all})<=0))",
            0.0,
        ),
    ]


def _as_written(book: Book) -> list[Check]:
    """Return sums that hold as long as data and parameters are what the program saw."""
    checks = []
    for key, title in _WRITTEN:
        if key not in book.named:
            continue
        values = np.array(
            [one for one in book.block(key).values.ravel().tolist() if isinstance(one, (int, float))], dtype=float
        )
        total = float(np.nansum(values))
        tolerance = _SUMS * max(1.0, float(np.nansum(np.abs(values))))
        label = Label(f"Sum: {title.en}", f"Summa: {title.et}")
        checks.append(Check(label, total, f"SUM({{{key}:all}})", total, tolerance))
    return checks
