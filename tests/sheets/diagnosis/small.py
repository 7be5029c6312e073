"""Diagnoses of small funds in files, for the tests of their sheets."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

import xl_qbs
from tests.small_fund import BANDS, CONDITIONS, EPOCH, counts, rows_of, scheme_of
from tests.workbook.builders import write_xlsx
from xl_qbs.scheme import Scheme
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.diagnosis.book import diagnosis_book
from xl_qbs.sheets.diagnosis.plan import Added, Limits, Plan
from xl_qbs.sheets.model import Book
from xl_qbs.workbook.diagnosed import Asked, write_diagnosis
from xl_qbs.workbook.fund_table import FundTable
from xl_qbs.workbook.list_columns import read_list_column

SCHEME = scheme_of(5)
SHEET = "Andmed"
ECM = Added(name="ECM", shares={"i01": 0.3, "i03": 0.05, "list": 0.02}, coverage=0.8)


class Made(NamedTuple):
    """A diagnosis in a file: what was read, the scores, what the sheets are made from, and the sheets."""

    table: FundTable
    result: Result
    plan: Plan
    book: Book
    path: Path


def write_year(path: Path, scheme: Scheme, target: Array, done: Array, *, first: int = 1) -> Path:
    """Write a year's workbook with list size and age, each unknown for one list, and a coefficient."""
    names = [f"N{number:03d}" for number in range(first, first + len(target))]
    rows = rows_of(scheme, target, done, names)
    for number, row in enumerate(rows):
        if number == 0:
            row += ["List size", "Mean age"]
        else:
            row.append(None if number == 4 else 900 + 37 * (number % 11))
            row.append(None if number == 7 else 30 + number % 23)
    return write_xlsx(path, {SHEET: rows})


def year_of(scheme: Scheme, seed: int, *, lists: int = 30, kind: str = "drawn") -> tuple[Array, Array]:
    """Return counts of a year; see `VARIANTS` for the kinds."""
    target, done = counts(scheme, lists, seed)
    if kind == "odd":
        # Nobody to serve at all, nobody served, everybody served; and equal lists.
        target[0], done[0] = 0, 0
        done[1] = 0
        done[2] = target[2]
        target[4], done[4] = target[3], done[3]
    if kind == "alike":
        # No list differs from another by more than chance would make it: the prior is infinitely strong.
        target[:] = 100
        done[:] = 70 + np.arange(len(scheme.codes))
    return target, done


def made(
    folder: Path,
    *,
    scheme: Scheme = SCHEME,
    lists: int = 30,
    kind: str = "drawn",
    years: int = 1,
    size: bool = False,
    age: bool = False,
    limits: Limits | None = None,
    method: dict[str, Any] | None = None,
    language: Any = "en",
    cells: Any = "formulas",
    **asked: Any,
) -> Made:
    """Write the diagnosis of a small fund; of two years, one list comes new and one has gone."""
    path = write_year(folder / "in.xlsx", scheme, *year_of(scheme, 1, lists=lists, kind=kind))
    table = xl_qbs.read_workbook(path, scheme)
    result = xl_qbs.score(table, **(method or {}))
    before = None
    if years == 2:
        last = write_year(folder / "last.xlsx", scheme, *year_of(scheme, 2, lists=lists, kind=kind), first=2)
        earlier = xl_qbs.read_workbook(last, scheme)
        before = earlier, xl_qbs.score(earlier, **(method or {}))
    wanted = Asked(
        limits=limits or Limits(),
        list_size=read_list_column(table, "list size") if size else None,
        age=read_list_column(table, "mean age") if age else None,
        **{"resamples": 100, "groups": 4, **asked},
    )
    output = folder / "out.xlsx"
    with mock.patch.dict(os.environ, SOURCE_DATE_EPOCH=EPOCH):
        plan = write_diagnosis(table, result, output, asked=wanted, before=before, language=language, cells=cells)
        book = diagnosis_book(plan, language, (SHEET,))
    return Made(table, result, plan, book, output)


VARIANTS: dict[str, dict[str, Any]] = {
    "one year": {},
    "everything": {"years": 2, "size": True, "age": True, "added": ECM, "language": "et"},
    "by likelihood": {"years": 2, "method": {"prior": "likelihood"}, "steps": 2, "steps_by": "current"},
    "moments, own weights, odd lists": {
        "years": 2,
        "kind": "odd",
        "method": {"prior": "moments", "weights": "own"},
        "steps_by": "proportional",
        "language": "et",
    },
    "all alike": {"years": 2, "kind": "alike", "method": {"weights": "own"}},
    "conditions, few groups, no bands": {
        "scheme": scheme_of(3, conditions=CONDITIONS[1:], bands=()),
        "groups": 1,
        "steps": 9,
        "limits": Limits(under=1e6, cliff=1.0, best=1.0, floor=0.5),
    },
    "given prior": {
        "years": 2,
        "method": {
            "prior": "fixed",
            "prior_values": {code: (0.6, 10.0 if code != "i02" else math.inf) for code in SCHEME.codes},
        },
    },
    "three lists": {"lists": 3, "groups": 5, "method": {"weights": "own"}, "years": 2, "language": "et"},
    "limits of credit": {
        "scheme": scheme_of(4, bands=BANDS[:2]),
        "method": {"lower_limit": 0.4, "upper_limit": 0.9, "weights": "current"},
        "limits": Limits(under=0.0),
        "size": True,
        "counting": "patients",
    },
}
