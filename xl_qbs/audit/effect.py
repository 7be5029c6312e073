"""Which scores and lists a cell reaches: by following, in the sheet model, which blocks refer to which."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from xl_qbs.sheets.model import Block, Book, SourceBlock

_NAME = re.compile(r"\{(\w+)(?::(\w+))?\}")
_SCORES = {
    "current_score": "current score",
    "proportional_score": "proportional score",
    "need_score": "need-adjusted score",
}
_PLACES = ("current_rank", "proportional_rank", "need_rank", "need_band", "current_band")
# Other outcomes that a reader looks at, where no score is reached.
_OTHERS = (
    ("condition_met", "conditions"),
    ("master", "the flag of the checks"),
    ("low", "intervals"),
    ("high", "intervals"),
    ("reliability", "reliability"),
    ("adjusted", "adjusted coverage"),
    ("coverage", "coverage"),
)
_LAST_YEAR = "before_"


class Reach(NamedTuple):
    """Rows and columns of a block that are reached, from 0; None for all of them."""

    row: int | None
    column: int | None


class Graph:
    """Which blocks of a book refer to which; made once for a book."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._users: dict[int, list[tuple[Block, Block | SourceBlock, str]]] = {}
        self._on_sheet: dict[str, list[Block]] = {}
        seen: dict[int, Block] = {}
        for block in (*(one for sheet in book.sheets for one in sheet.blocks), *book.named.values()):
            if isinstance(block, Block) and id(block) not in seen:
                seen[id(block)] = block
                self._on_sheet.setdefault(block.sheet, []).append(block)
        for block in seen.values():
            for key, mode in _NAME.findall(block.formula or ""):
                target = book.find(key, block.scope)
                if target is not None:
                    self._users.setdefault(id(target), []).append((block, target, mode))

    def at(self, sheet: str, row: int, column: int) -> list[tuple[Block, Reach]]:
        """Return the blocks that hold a cell, and its place in each."""
        return [
            (block, Reach(row - block.row, column - block.column))
            for block in self._on_sheet.get(sheet, [])
            if block.row <= row < block.row + block.rows and block.column <= column < block.column + block.columns
        ]

    def precedents(self, block: Block, i: int, j: int) -> list[tuple[Block | SourceBlock, Reach]]:
        """Return the parts of blocks that the formula of a cell refers to."""
        found = []
        for key, mode in _NAME.findall(block.formula or ""):
            target = self.book.find(key, block.scope)
            if target is not None:
                found.append((target, _read(block, target, mode, i, j)))
        return found

    def reached(self, starts: Iterable[tuple[Block | SourceBlock, Reach]]) -> dict[str, set[Reach]]:
        """Return by key all parts of blocks that follow from some."""
        seen: dict[int, set[Reach]] = {}
        found: dict[str, set[Reach]] = {}
        waiting = deque(starts)
        while waiting:
            block, reach = waiting.popleft()
            if _covered(seen.setdefault(id(block), set()), reach):
                continue
            seen[id(block)].add(reach)
            found.setdefault(block.key, set()).add(reach)
            for user, target, mode in self._users.get(id(block), []):
                waiting.append((user, _write(user, target, mode, reach)))
            if isinstance(block, Block):
                waiting.extend(self._overlaid(block, reach))
        return found

    def effect(self, starts: Iterable[tuple[Block | SourceBlock, Reach]]) -> str:
        """Return in words which scores follow from parts of blocks."""
        reached = self.reached(starts)
        if self.book.find("need_score") is None:
            return self._results(reached)
        told = []
        for scope, when in (("", ""), (_LAST_YEAR, ", last year")):
            for key, label in _SCORES.items():
                rows = {one.row for one in reached.get(scope + key, set())}
                if rows:
                    ranks = scope + key.replace("_score", "_rank") in reached
                    told.append(label + (" and ranks" if ranks else "") + f" of {self._lists(rows)}{when}")
        if told:
            return "; ".join(told)
        for scope, when in (("", ""), (_LAST_YEAR, ", last year")):
            told += [
                f"{key.replace('_', ' ')} of {self._lists({one.row for one in reached[scope + key]})}{when}"
                for key in _PLACES
                if scope + key in reached
            ]
            for key, label in _OTHERS:
                if scope + key in reached and label + when not in told:
                    told.append(label + when)
        return "no score; " + ", ".join(told) if told else "no score"

    def _results(self, reached: Iterable[str]) -> str:
        """Return in words which results follow, in a book without scores."""
        blocks = [self.book.named.get(key) for key in reached]
        results = (one for one in blocks if isinstance(one, Block) and one.kind in ("output", "check"))
        sheets = dict.fromkeys(one.sheet for one in results)
        return "results on " + ", ".join(sheets) if sheets else "no result"

    def _lists(self, rows: set[int | None]) -> str:
        block = self.book.find("provider") or self.book.find("score_provider")
        if None in rows or not isinstance(block, Block):
            return "all lists"
        names = [
            str(block.values[row, 0]) for row in sorted(one for one in rows if one is not None) if row < block.rows
        ]
        names = [one for one in names if one]
        if not names:
            return "no list that is filled in"
        return ", ".join(names) if len(names) <= 4 else f"{len(names)} lists"

    def _overlaid(self, block: Block, reach: Reach) -> list[tuple[Block, Reach]]:
        """Return the parts of other blocks that are the same cells."""
        found = []
        top = block.row + (reach.row or 0)
        left = block.column + (reach.column or 0)
        for other in self._on_sheet[block.sheet]:
            if other is block or not _overlap(block, other):
                continue
            inside_row = reach.row is not None and other.row <= top < other.row + other.rows
            inside_column = reach.column is not None and other.column <= left < other.column + other.columns
            if (reach.row is not None and not inside_row) or (reach.column is not None and not inside_column):
                continue
            found.append(
                (other, Reach(top - other.row if inside_row else None, left - other.column if inside_column else None))
            )
        return found


def _overlap(a: Block, b: Block) -> bool:
    return (
        a.row < b.row + b.rows
        and b.row < a.row + a.rows
        and a.column < b.column + b.columns
        and b.column < a.column + a.columns
    )


def _covered(seen: set[Reach], reach: Reach) -> bool:
    return bool({reach, Reach(None, reach.column), Reach(reach.row, None), Reach(None, None)} & seen)


def _read(block: Block, target: Block | SourceBlock, mode: str, i: int, j: int) -> Reach:
    """Return the part of a block that the cell (i, j) of another refers to."""
    if block.array or mode == "all":
        return Reach(None, None)
    row = None if mode == "column" else (i if target.rows > 1 else 0)
    column = None if mode == "row" else (j if target.columns > 1 else 0)
    return Reach(row, column)


def _write(user: Block, target: Block | SourceBlock, mode: str, reach: Reach) -> Reach:
    """Return the part of a block that refers to a part of another."""
    if user.array or mode == "all":
        return Reach(None, None)
    row = reach.row if target.rows > 1 and mode != "column" and user.rows > 1 else None
    column = reach.column if target.columns > 1 and mode != "row" and user.columns > 1 else None
    return Reach(row, column)
