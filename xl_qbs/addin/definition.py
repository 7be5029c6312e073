"""What a QBS_ function is: one definition from which every host, the docs and the tests are made."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from xl_qbs.sheets.model import Label


class CellError(Enum):
    """An error value of a cell, by the text that every spreadsheet shows for it."""

    NULL = "#NULL!"
    DIV0 = "#DIV/0!"
    VALUE = "#VALUE!"
    REF = "#REF!"
    NAME = "#NAME?"
    NUM = "#NUM!"
    NA = "#N/A"


# What a cell can hold; None is a blank one.
CellValue = float | int | str | bool | datetime.datetime | CellError | None
# A range as rows of cells; a single cell is a range of one. All rows are equally long.
Cells = tuple[tuple[CellValue, ...], ...]


class Missing(Enum):
    """Stands for an argument that was left out."""

    MISSING = "missing"


MISSING = Missing.MISSING
Given = Cells | Missing

# What an argument takes: a range of numbers, one number, a range of texts, one text, labels (texts or numbers that
# stand beside numbers, such as the provider of each patient), a table (texts and numbers with headings), or yes or no.
ArgumentKind = Literal["numbers", "number", "texts", "text", "labels", "table", "flag"]
# What a function gives: a range like its first argument, one cell, a row, a column, several cells a row of its first
# argument, or a table with headings.
Shape = Literal["same", "single", "row", "column", "rows", "table"]


@dataclass(frozen=True)
class Argument:
    """An argument of a function.

    Attributes:
        name: lower-case words with underscores, as in Python and in Excel's function box; no word that
            Visual Basic reserves.
        help: what it is, its unit and its range, in one sentence.
        kind: what it takes.
        default: what is taken where it is left out; `MISSING` where it has to be given.
    """

    name: str
    help: Label
    kind: ArgumentKind = "numbers"
    default: Any = MISSING

    @property
    def optional(self) -> bool:
        """Whether it can be left out."""
        return self.default is not MISSING


@dataclass(frozen=True)
class Example:
    """A formula with the ranges that it names and what it gives, for the docs and the tests.

    Attributes:
        formula: such as ``=QBS_COVERAGE(B2:B4, A2:A4)``.
        cells: what stands in each of the ranges, by its address in the formula.
        result: what the formula gives.
        within: how near its numbers come, relative and absolute; more than the last bits only where they are the
            end of a search, which stops a little elsewhere on another machine.
    """

    formula: str
    cells: Mapping[str, Cells]
    result: Cells
    within: float = 1e-12


@dataclass(frozen=True)
class Function:
    """A function that a cell can call.

    Attributes:
        name: ``QBS_`` and a noun or verb of the field, upper case.
        category: the group that it stands in.
        help: what it gives, in one or two sentences.
        arguments: its arguments in order; those that can be left out come last.
        call: the Python behind it: takes the arguments as `xl_qbs.addin.evaluate` prepares them and
            returns a number, a text, an array or rows of cells; NaN becomes ``#N/A``.
        shape: what it gives.
        errors: which error value means what.
        examples: at least one.
        source: document and table or formula.
        needs: packages beside numpy and pandas without which it cannot run, such as ``scipy``.
    """

    name: str
    category: Label
    help: Label
    arguments: tuple[Argument, ...]
    call: Callable[..., Any]
    shape: Shape
    errors: tuple[tuple[CellError, Label], ...] = ()
    examples: tuple[Example, ...] = ()
    source: str = ""
    needs: tuple[str, ...] = field(default=())
