"""Ranks of lists by size and by score, and how far the two go together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.diagnosis.association import FEWEST_RANKED, RankCorrelation, mean_ranks, rank_correlation
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.correlation import HIGHER, LOWER, NEITHER, interval_end, label_of, told
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Sheet
from xl_qbs.sheets.run import Run


class Column(NamedTuple):
    """A column of the sheet Compare, a row a list."""

    key: str
    label: Label
    values: NDArray[Any]
    formula: str
    format: Format
    kind: Kind = "calculation"


class _Ranked(NamedTuple):
    key: str
    label: Label
    values: Array
    order: str  # the block of the values from the best down


def _ranked(run: Run) -> tuple[_Ranked, ...]:
    """Return what lists are ranked by: first their eligible patients, then each score."""
    result = run.result
    return (
        _Ranked("compare_eligible", Label("Eligible patients", "Sihtrühm kokku"), result.table.eligible, "by_size"),
        _Ranked("current_score", Label("Current", "Kehtiv"), result.current.total, "current_order"),
        _Ranked(
            "proportional_score", Label("Proportional", "Osaline"), result.proportional.total, "proportional_order"
        ),
        _Ranked("need_score", Label("Need-adjusted", "Vajaduspõhine"), result.need_adjusted.total, "need_order"),
    )


def rank_columns(run: Run) -> list[Column]:
    """Return how far each list's rank from the lowest is off the middle one; ties share the mean of their ranks."""
    middle = (len(run.result.table.providers) + 1) / 2
    size, *_ = ranked = _ranked(run)
    columns = [
        Column(
            size.order,
            Label("Eligible patients, falling", "Sihtrühm, kahanev"),
            np.sort(size.values)[::-1],
            _numbered(f"LARGE({{{size.key}:all}},{{order_no}})"),
            "count",
        )
    ]
    for one in ranked:
        rising = f"{one.key}_rising"
        # The first and the last place of a value; the last is the first from the other end.
        places = f"MATCH({{{one.key}}},{{{rising}:all}},0),{{need_count}}+1-MATCH({{{one.key}}},{{{one.order}:all}},0)"
        columns += [
            Column(
                rising,
                Label(f"{one.label.en}, rising", f"{one.label.et}, kasvav"),
                np.sort(one.values),
                _numbered(f"INDEX({{{one.order}:all}},{{need_count}}+1-{{order_no}})"),
                "count" if one is size else "score",
            ),
            Column(
                f"{one.key}_off",
                Label(f"{one.label.en}: rank off the middle", f"{one.label.et}: koha kaugus keskmisest"),
                mean_ranks(one.values) - middle,
                run.room.guarded(f"AVERAGE({places})-({{need_count}}+1)/(1+1)", "need_score"),
                "decimal",
            ),
        ]
    return columns


def _numbered(formula: str) -> str:
    """Return the formula of a place among the lists that are scored, empty behind the last of them."""
    return f'IF({{order_no}}<={{need_count}},{formula},"")'


def add_correlations(book: Book, sheet: Sheet, run: Run, place: tuple[int, int]) -> None:
    """Add the rank correlation of each score with eligible patients, its title at a row and column."""
    size, *scores = _ranked(run)
    top, column = place
    title = Label(
        "Rank correlation of each score with the number of eligible patients; 0 is no proof of fairness",
        "Iga skoori astakkorrelatsioon sihtrühma suurusega; 0 ei tõesta õiglust",
    )
    heads = [
        Label("Score", "Skoor"),
        Label("Rank correlation", "Astakkorrelatsioon"),
        Label("from", "alates"),
        Label("to", "kuni"),
        Label("Lists with more patients score", "Suurema sihtrühmaga nimistu skoor"),
    ]
    book.write(sheet, (top, column), [[title]], "label")
    book.write(sheet, (top + 1, column), [heads], "heading")
    words = (book.say(LOWER), book.say(HIGHER), book.say(NEITHER))
    off = "{compare_eligible_off:all}"
    for row, ranked in enumerate(scores, start=top + 2):
        one = _correlation(size.values, ranked.values, run.result.method.level)
        own, (value, low, high) = (
            f"{{{ranked.key}_off:all}}",
            (f"{ranked.key}_corr{end}" for end in ("", "_low", "_high")),
        )
        squares = f"SUMSQ({own})*SUMSQ({off})"
        # Places off the middle sum to 0, so that this is the correlation of the ranks.
        formula = f'IF({squares}>0,SUMPRODUCT({own},{off})/SQRT({squares}),"")'
        book.write(sheet, (row, column), [[ranked.label]], "text")
        book.add(sheet, value, (row, column + 1), np.array([one.value]), formula, kind="output", format="share")
        for number, (name, stored) in enumerate(((low, one.low), (high, one.high)), start=2):
            end = interval_end(f"{{{value}}}", "{need_count}", upper=name == high)
            book.add(sheet, name, (row, column + number), np.array([stored]), end, format="share")
        says = texts([book.say(label_of(one))])
        formula = told(f"{{{low}}}", f"{{{high}}}", words)
        book.add(sheet, f"{ranked.key}_corr_says", (row, column + 4), says, formula, format="text")


def _correlation(against: Array, values: Array, level: float) -> RankCorrelation:
    """Return the correlation; of one list or two, where there is no interval, as a sheet has it."""
    if len(values) >= FEWEST_RANKED:
        return rank_correlation(against, values, level)
    one, other = (mean_ranks(each) - (len(each) + 1) / 2 for each in (against, values))
    squares = (one**2).sum() * (other**2).sum()
    if squares == 0:
        return RankCorrelation(np.nan, np.nan, np.nan, len(values))
    return RankCorrelation(float((one * other).sum() / np.sqrt(squares)), -1.0, 1.0, len(values))
