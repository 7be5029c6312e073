"""The sheet of peer groups by share at social risk: unadjusted and adjusted scores next to each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.peer_groups import CENTRES, FEWEST_PEERS
from xl_qbs.scoring.ranks import SCORE_DECIMALS, rank
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.columns import FIRST_ROW, GROUP_ROW, HEADING_ROW, begin_table, by_indicator, keep_together
from xl_qbs.sheets.equity.plan import PEERS, Plan
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.model import Block, Book, Format, Kind, Label, Sheet

# The peer groups themselves stand in these rows above the providers; rows below them begin the table.
_SUMMARY = (
    ("g_count", Label("Providers", "Osutajaid"), "count"),
    ("g_low", Label("Lowest share at risk", "Väikseim riski osa"), "percent1"),
    ("g_high", Label("Highest share at risk", "Suurim riski osa"), "percent1"),
    ("g_mean", Label("Mean score", "Keskmine skoor"), "share"),
    ("g_median", Label("Median score", "Mediaanskoor"), "share"),
    ("g_spread", Label("Standard deviation", "Standardhälve"), "share"),
    (
        "g_behind",
        Label("Mean less that of group 1: what adjusting hides", "Keskmine miinus rühm 1: mida kohandamine peidab"),
        "share",
    ),
    ("g_centre", Label("Compared with", "Võrreldakse"), "share"),
)


def add_peers(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of peer groups; the sheet of groups must stand already."""
    sheet = begin_table(
        book,
        PEERS,
        Label("Peer groups by share at social risk", "Võrdlusrühmad sotsiaalse riski osa järgi"),
        Label(
            "Never show the adjusted score alone: if those with most patients at risk give worse care, it hides that.",
            "Ärge näidake kohandatud skoori üksi: kui suurima riskiga osutajate ravi on halvem, siis see peidab seda.",
        ),
        "1F4E79",
    )
    sheet.freeze = f"B{FIRST_ROW}"
    sheet.widths = {1: 46}
    sheet.print_titles = f"$A:$A,${GROUP_ROW}:${HEADING_ROW}"
    book.write(sheet, (HEADING_ROW, 1), [[Label("Provider", "Osutaja")]], "heading")
    book.add(sheet, "peer_provider", (FIRST_ROW, 1), texts(plan.providers), "{provider}", kind="label", format="text")
    _Peers(book, sheet, plan).add()
    return sheet


class _Peers:
    """Adds the columns of the sheet one behind the other."""

    def __init__(self, book: Book, sheet: Sheet, plan: Plan) -> None:
        social = plan.analysis.social
        assert social is not None  # noqa: S101  (asked for only with shares at risk)
        self.book, self.sheet, self.plan, self.social = book, sheet, plan, social
        self.column = 2

    def add(self) -> None:
        """Add score and share, peer group, both scores side by side, and the workings."""
        self._scores()
        first = self.column
        self._side_by_side_columns()
        self._workings()
        self._summary()
        bottom = FIRST_ROW + len(self.plan.providers) - 1
        self.sheet.filter = f"A{HEADING_ROW}:{column_letter(first + 8)}{bottom}"

    def _one(
        self,
        key: str,
        label: Label,
        values: Array,
        formula: str | None,
        how: Format = "share",
        kind: Kind = "calculation",
    ) -> None:
        keep_together(self.sheet, self.column, 1)
        self.book.write(self.sheet, (HEADING_ROW, self.column), [[label]], "heading")
        self.book.add(self.sheet, key, (FIRST_ROW, self.column), values, formula, kind=kind, format=how)
        self.column += 1

    def _across(
        self, key: str, label: Label, heads: list[str], values: NDArray[Any], formula: str, how: Format = "share"
    ) -> None:
        book, sheet, column = self.book, self.sheet, self.column
        keep_together(sheet, column, len(heads))
        book.write(sheet, (GROUP_ROW, column), [[label]], "group")
        if len(heads) > 1:
            sheet.merges.append(
                f"{column_letter(column)}{GROUP_ROW}:{column_letter(column + len(heads) - 1)}{GROUP_ROW}"
            )
        book.write(sheet, (HEADING_ROW, column), [heads], "heading")
        book.add(sheet, key, (FIRST_ROW, column), values, formula, format=how)
        self.column += len(heads)

    def _spread(self, values: Array) -> Array:
        """Return values of the providers that have a score as a value for each provider."""
        found = np.full(len(self.plan.providers), np.nan)
        found[self.social.place] = values
        return found

    def _scores(self) -> None:
        book, plan, found = self.book, self.plan, self.plan.analysis
        crude = found.now.pooled(2)
        for key in ("n", "mean") if plan.means else ("n", "counted"):
            by_indicator(book, plan, key)
        book.write(
            self.sheet,
            (GROUP_ROW, self.column),
            [[Label("All patients of known group", "Kõik teadaoleva rühmaga patsiendid")]],
            "group",
        )
        start = self.column
        self.sheet.merges.append(
            f"{column_letter(start)}{GROUP_ROW}:{column_letter(start + len(plan.indicators) - 1)}{GROUP_ROW}"
        )
        for i, code in enumerate(plan.indicators):
            done = f"SUMPRODUCT({{n__{i}:row}},{{mean__{i}:row}})" if plan.means else f"SUM({{counted__{i}:row}})"
            formula = f'IF(SUM({{n__{i}:row}})>0,{done}/SUM({{n__{i}:row}}),"")'
            self._one(f"crude__{i}", Label(code, code), crude[:, i], formula)
        block = Block("crude", self.sheet.name, FIRST_ROW, start, crude)
        book.named["crude"] = block
        weighted = "+".join(
            f"INDEX({{sign:all}},{number})*INDEX({{weight:all}},{number})*{{crude__{i}}}"
            for i, number in ((i, "+".join(["1"] * (i + 1))) for i in range(len(plan.indicators)))
        )
        formula = f'IF(COUNT({{crude:row}})=COLUMNS({{crude:row}}),({weighted})/SUM({{weight:all}}),"")'
        self._one(
            "peer_score",
            Label("Score, unadjusted", "Skoor, kohandamata"),
            self.social.score,
            formula,
            "share",
            "output",
        )

    def _side_by_side_columns(self) -> None:
        scores = self.social.scores
        score = np.round(scores.score, SCORE_DECIMALS)
        decimals = "{score_decimals}"
        known = 'IF(ISNUMBER({peer_score}),%s,"")'
        adjusted = np.round(scores.adjusted, SCORE_DECIMALS)
        there = ~np.isnan(adjusted)
        adjusted_rank = np.full(len(adjusted), np.nan)
        adjusted_rank[there] = rank(adjusted[there])
        centre = "INDEX({g_centre:all},{peer_group})"
        count = "INDEX({g_count:all},{peer_group})"
        self._one(
            "peer_adjusted",
            Label("Score, adjusted", "Skoor, kohandatud"),
            self._spread(scores.adjusted),
            'IF(ISNUMBER({peer_relative}),{peer_relative}+{all_centre},"")',
            "share",
            "output",
        )
        self._one(
            "peer_rank",
            Label("Rank, unadjusted", "Koht, kohandamata"),
            self._spread(rank(score)),
            known % f"MATCH(ROUND({{peer_score}},{decimals}),{{score_order:all}},0)",
            "count",
        )
        self._one(
            "peer_adjusted_rank",
            Label("Rank, adjusted", "Koht, kohandatud"),
            self._spread(adjusted_rank),
            f'IF(ISNUMBER({{peer_adjusted}}),MATCH(ROUND({{peer_adjusted}},{decimals}),{{adjusted_order:all}},0),"")',
            "count",
        )
        self._one(
            "peer_risk",
            Label("Share at social risk", "Sotsiaalse riski osa"),
            self.social.risk,
            None,
            "percent1",
            "input",
        )
        self._one(
            "peer_group",
            Label("Peer group", "Võrdlusrühm"),
            self._spread(scores.group.astype(float)),
            known % "1+INT({peer_count}*(MATCH({peer_risk},{risk_order:all},0)-1)/COUNT({peer_score:all}))",
            "count",
        )
        self._one(
            "peer_peers",
            Label("Providers in it", "Osutajaid selles"),
            self._spread(scores.peers.astype(float)),
            known % count,
            "count",
        )
        self._one("peer_centre", Label("Their middle", "Nende keskmine"), self._spread(scores.centre), known % centre)
        self._one(
            "peer_relative",
            Label("Score less it", "Skoor miinus see"),
            self._spread(scores.relative),
            known % 'IF({peer_peers}>={fewest_peers},{peer_score}-{peer_centre},"")',
        )
        self._one(
            "peer_shift",
            Label("Adjusted less unadjusted", "Kohandatud miinus kohandamata"),
            self._spread(scores.shift),
            'IF(ISNUMBER({peer_adjusted}),{peer_adjusted}-{peer_score},"")',
        )

    def _workings(self) -> None:
        scores, social = self.social.scores, self.social
        size = len(self.plan.providers)
        self._one("order_no", Label("No.", "Nr"), np.arange(1.0, size + 1), None, "count")
        risk = self._spread(social.risk[social.place])
        self._one(
            "risk_used",
            Label("Share, with a score", "Osa, skooriga"),
            risk,
            'IF(ISNUMBER({peer_score}),{peer_risk},"")',
            "percent1",
        )
        rounded = 'IF(ISNUMBER({%s}),ROUND({%s},{score_decimals}),"")'
        score, adjusted = (np.round(self._spread(one), SCORE_DECIMALS) for one in (scores.score, scores.adjusted))
        self._one(
            "score_used", Label("Score, rounded", "Skoor, ümardatud"), score, rounded % ("peer_score", "peer_score")
        )
        self._one(
            "adjusted_used",
            Label("Adjusted, rounded", "Kohandatud, ümardatud"),
            adjusted,
            rounded % ("peer_adjusted", "peer_adjusted"),
        )
        for key, label, values, which in (
            ("risk_order", Label("Shares, lowest first", "Osad, väikseim ees"), risk, "SMALL"),
            ("score_order", Label("Scores, highest first", "Skoorid, suurim ees"), score, "LARGE"),
            ("adjusted_order", Label("Adjusted, highest first", "Kohandatud, suurim ees"), adjusted, "LARGE"),
        ):
            known = np.sort(values[~np.isnan(values)])
            ordered = np.full(size, np.nan)
            ordered[: len(known)] = known if which == "SMALL" else known[::-1]
            used = key.replace("order", "used")
            formula = f'IF({{order_no}}<=COUNT({{{used}:all}}),{which}({{{used}:all}},{{order_no}}),"")'
            self._one(key, label, ordered, formula)
        groups = self.plan.analysis.options.peer_groups
        heads = [str(one) for one in range(1, groups + 1)]
        member = self._spread(scores.group.astype(float))[:, None] == np.arange(1, groups + 1)
        where = 'IF({peer_group}="","",IF({peer_group}={g_no},{%s},""))'
        self._across(
            "in_score",
            Label("Scores by peer group", "Skoorid võrdlusrühmiti"),
            heads,
            np.where(member, social.score[:, None], np.nan),
            where % "peer_score",
        )
        self._across(
            "in_risk",
            Label("Shares by peer group", "Osad võrdlusrühmiti"),
            heads,
            np.where(member, social.risk[:, None], np.nan),
            where % "peer_risk",
            "percent1",
        )

    def _summary(self) -> None:
        """Add the peer groups themselves, below the providers: the disparity that adjusted scores do not show."""
        book, sheet, found = self.book, self.sheet, self.social.groups
        row = FIRST_ROW + len(self.plan.providers) + 1
        count = len(found.mean)
        book.write(sheet, (row, 1), [[Label("Peer groups", "Võrdlusrühmad")]], "label")
        book.add(sheet, "g_no", (row, 2), np.arange(1.0, count + 1).reshape(1, -1), kind="heading", format="count")
        middle = found.mean if self.plan.analysis.options.centre == "mean" else found.median
        values = (
            found.providers.astype(float),
            found.lowest_share,
            found.highest_share,
            found.mean,
            found.median,
            found.spread,
            found.behind,
            middle,
        )
        some = 'IF({g_count}>0,%s,"")'
        words = "{centre}=INDEX({centre_words:all},1,1)"
        formulas = (
            "COUNT({in_score:column})",
            some % "MIN({in_risk:column})",
            some % "MAX({in_risk:column})",
            some % "AVERAGE({in_score:column})",
            some % "MEDIAN({in_score:column})",
            'IF({g_count}>1,STDEV({in_score:column}),"")',
            some % "{g_mean}-INDEX({g_mean:all},1)",
            f"IF({words},{{g_mean}},{{g_median}})",
        )
        for place, ((key, label, how), one, formula) in enumerate(
            zip(_SUMMARY, values, formulas, strict=True), start=1
        ):
            book.write(sheet, (row + place, 1), [[label]], "text")
            book.add(sheet, key, (row + place, 2), one.reshape(1, -1), formula, format=how)  # type: ignore[arg-type]
        row += len(_SUMMARY) + 1
        score = self.social.scores.score
        total = score.mean() if self.plan.analysis.options.centre == "mean" else np.median(score)
        numbers: tuple[tuple[str, Label, Any, str | None], ...] = (
            (
                "all_centre",
                Label("Middle of all", "Kõigi keskmine"),
                total,
                f"IF({words},AVERAGE({{peer_score:all}}),MEDIAN({{peer_score:all}}))",
            ),
            ("fewest_peers", Label("Fewest peers", "Vähim võrreldavaid"), float(FEWEST_PEERS), None),
            (
                "score_decimals",
                Label("Decimals that ranks look at", "Kohtade arvutamise komakohad"),
                float(SCORE_DECIMALS),
                None,
            ),
        )
        for place, (key, label, value, computed) in enumerate(numbers):
            book.write(sheet, (row + place, 1), [[label]], "text")
            kind: Kind = "calculation" if computed else "input"
            book.add(
                sheet,
                key,
                (row + place, 2),
                np.array([value]),
                computed,
                kind=kind,
                format="share" if computed else "count",
            )
        book.write(sheet, (row + len(numbers), 1), [[Label("Choices", "Valikud")]], "text")
        cells = np.array([list(CENTRES)], dtype=object)
        book.add(sheet, "centre_words", (row + len(numbers), 2), cells, kind="calculation", format="text")
