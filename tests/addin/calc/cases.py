"""Calls to be made in a real spreadsheet, and what Calc hands on of what stands in its cells."""

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xl_qbs.addin.calc.names import REFERENCE, parameters
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import MISSING, CellError, Cells, CellValue, Example, Function, Given
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.sheets.address import column_letter

FIRST_DAY = datetime.datetime(1899, 12, 30)
_TABLES = {"numbers", "texts", "table"}


@dataclass(frozen=True)
class Call:
    """A function with its arguments as cells."""

    function: Function
    given: tuple[Given, ...]

    def __str__(self) -> str:
        shown = [f"{one!r:.300}" for one in self.given]
        return f"{self.function.name}({', '.join(shown)})"

    def formula(self) -> tuple[str, dict[str, Cells]]:
        """Return the formula as Calc takes it over UNO, and what stands in the ranges that it names."""
        cells: dict[str, Cells] = {}
        texts = []
        column = 1
        for one in self.given:
            if one is MISSING:
                texts.append("")
                continue
            width, height = len(one[0]), len(one)
            first, last = f"{column_letter(column)}1", f"{column_letter(column + width - 1)}{height}"
            address = first if first == last else f"{first}:{last}"
            cells[address] = one
            texts.append(address)
            column += width + 1
        while texts and not texts[-1]:
            texts.pop()
        return f"={self.function.name}({';'.join(texts)})", cells

    def expected(self) -> Cells | str:
        """Return what the cells have to show: rows of values, or an error that only Calc has.

        Data that has to be a reference arrives as it is, only that yes and no are the numbers 1 and 0 in Calc.
        Of the other arguments, Calc looks itself for errors, the last argument first: that of a single cell is
        the result, one in a range is Err:504; a single blank cell is 0 to it, and a date its number.
        """
        given = list(self.given)
        kinds = [one.kind for one in parameters(self.function)]
        for index in reversed(range(len(given))):
            cells = given[index]
            if cells is MISSING:
                continue
            single = len(cells) == len(cells[0]) == 1
            if kinds[index] == REFERENCE:
                given[index] = _each(cells, _number_of_flag)
                continue
            error = next((cell for row in cells for cell in row if isinstance(cell, CellError)), None)
            if error is not None:
                return ((error,),) if single else "Err:504"
            given[index] = _each(cells, _number)
            if single and cells[0][0] is None:
                given[index] = ((0.0,),)
        return evaluate(self.function, given)


def _each(cells: Cells, change: Any) -> Cells:
    return tuple(tuple(change(cell) for cell in row) for row in cells)


def _number_of_flag(cell: CellValue) -> CellValue:
    return float(cell) if isinstance(cell, bool) else cell


def _number(cell: CellValue) -> CellValue:
    if isinstance(cell, datetime.datetime):
        return (cell - FIRST_DAY) / datetime.timedelta(days=1)
    return _number_of_flag(cell)


def example_call(function: Function, example: Example) -> Call:
    """Return an example with every argument as cells."""
    name, _, rest = example.formula.removeprefix("=").partition("(")
    assert name == function.name
    texts = [text.strip() for text in _split(rest.rstrip(")"))] if rest != ")" else []
    return Call(function, tuple(_argument(text, example.cells) for text in texts))


def _split(arguments: str) -> list[str]:
    return re.findall(r'(?:"[^"]*"|[^,"])+|(?<=,)(?=,)', arguments)


def _argument(text: str, cells: dict[str, Cells]) -> Given:
    if not text:
        return MISSING
    if text in cells:
        return cells[text]
    if text in {"TRUE", "FALSE"}:
        return ((text == "TRUE",),)
    return ((text.strip('"') if text.startswith('"') else float(text),),)


def examples() -> Iterator[tuple[Call, Example]]:
    for function in FUNCTIONS:
        for example in function.examples:
            yield example_call(function, example), example


def varied(call: Call, rng: random.Random, count: int) -> Iterator[Call]:
    """Yield calls like one with other things in its cells, and in other shapes."""
    for _ in range(count):
        given = [one if one is MISSING else [list(row) for row in one] for one in call.given]
        ranges = [one for one in given if one is not MISSING]
        if not ranges:
            return
        _reshape(ranges, rng)
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            area = rng.choice(ranges)
            row = rng.choice(area)
            row[rng.randrange(len(row))] = _anything(rng)
        yield Call(call.function, tuple(one if one is MISSING else tuple(tuple(row) for row in one) for one in given))


def _reshape(ranges: list[list[list[CellValue]]], rng: random.Random) -> None:
    """Change ranges in place: all of them or the first only, along a row, cut to one row, with a heading, ..."""
    way = rng.choice(["as is", "as is", "transpose", "one row", "one column", "longer", "heading", "blank", "cell"])
    for area in ranges if rng.random() < 0.8 else ranges[:1]:
        if len(area) == len(area[0]) == 1 and way != "blank":
            continue
        if way == "transpose":
            area[:] = [list(row) for row in zip(*area, strict=True)]
        elif way == "one row":
            area[:] = area[:1]
        elif way == "one column":
            area[:] = [row[:1] for row in area]
        elif way == "longer":
            area.extend([[None] * len(area[0]) for _ in range(rng.choice([1, 40]))])
        elif way == "heading":
            area.insert(0, [f"Heading {number}" for number in range(len(area[0]))])
        elif way == "blank":
            area[:] = [[None] * len(row) for row in area]
        elif way == "cell":
            area[:] = [area[0][:1]]


def _anything(rng: random.Random) -> CellValue:
    return rng.choice(
        [
            None,
            "text",
            "12",
            " ",
            "õ" * 300,
            rng.choice(list(CellError)),
            rng.choice(list(CellError)),
            FIRST_DAY + datetime.timedelta(days=rng.randrange(40000, 46000), hours=rng.choice([0, 6])),
            True,
            False,
            0,
            -1,
            -0.5,
            1,
            1.5,
            1e300,
            rng.random(),
            float(rng.randrange(500)),
        ]
    )
