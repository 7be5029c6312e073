"""The report's Tables 1 to 4 as printed."""

from __future__ import annotations

from typing import NamedTuple


class PrintedRow(NamedTuple):
    """A row of the report's Table 3 or 4, as printed; percents are whole numbers."""

    year: int
    provider: str
    target: int
    done: int
    unadjusted_percent: int
    current_weight: int
    current_score: int
    adjusted_percent: int
    pc_weight: int
    pc_adjusted_score: int


class PrintedIndicator(NamedTuple):
    """A row of the report's Tables 1 and 2, with the authors' loading of it to 2 decimals."""

    code: str
    points: int
    required_coverage: str
    loading: float
    pc_weight: int


# Improving Incentives for Fairness in QBS (World Bank, 20 May 2020), Table 3 (2018), and Table 4, which
# prints it again and adds 2019. Indicator: diabetes type II, monitoring.
TABLES_3_AND_4 = (
    PrintedRow(2018, "A", 2, 2, 100, 65, 65, 61, 68, 41),
    PrintedRow(2018, "B", 98, 30, 31, 65, 0, 40, 68, 27),
    PrintedRow(2018, "C", 153, 100, 65, 65, 0, 64, 68, 43),
    PrintedRow(2018, "D", 122, 90, 74, 65, 0, 70, 68, 47),
    PrintedRow(2019, "A", 2, 2, 100, 65, 65, 70, 68, 47),
    PrintedRow(2019, "B", 98, 40, 41, 65, 0, 50, 68, 34),
    PrintedRow(2019, "C", 153, 115, 75, 65, 0, 74, 68, 50),
    PrintedRow(2019, "D", 122, 100, 82, 65, 65, 78, 68, 53),
)

# The same report, Table 1 (points, required coverage) and Table 2 (PC weight). The loadings are not
# printed there: they are the authors' own, to 2 decimals.
TABLES_1_AND_2 = (
    PrintedIndicator("diab", 65, "0.76", 0.40, 68),
    PrintedIndicator("diabr", 10, "0.70", 0.07, 12),
    PrintedIndicator("hyp1", 90, "0.76", 0.39, 66),
    PrintedIndicator("hyp2", 175, "0.70", 0.40, 68),
    PrintedIndicator("hyp3", 40, "0.73", 0.39, 66),
    PrintedIndicator("hypr1", 5, "0.90", 0.10, 17),
    PrintedIndicator("hypr2", 20, "0.83", 0.13, 22),
    PrintedIndicator("inf", 20, "0.90", 0.40, 68),
    PrintedIndicator("infr1", 5, "0.70", 0.08, 14),
    PrintedIndicator("infr2", 5, "0.70", 0.11, 19),
    PrintedIndicator("e032", 45, "0.90", 0.37, 63),
)
