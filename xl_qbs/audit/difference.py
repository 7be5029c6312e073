"""What changed between two scored workbooks, and why: the data, the decisions, or the version of the method."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from xl_qbs.audit.compare_cells import CALCULATED, alike
from xl_qbs.audit.opened import Opened
from xl_qbs.audit.scored import Rebuilt, rebuild, score_log
from xl_qbs.errors import QbsError
from xl_qbs.scheme import Scheme
from xl_qbs.scoring.method import Method
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array, Table

# Scores are kept to nine decimals: less is no change.
_NO_CHANGE = 5e-10


class Decision(NamedTuple):
    """A decision that is another one: what, and what it was and is."""

    what: str
    old: str
    new: str


class Count(NamedTuple):
    """A count that is another one."""

    provider: str
    indicator: str
    what: str
    old: float
    new: float


class Moved(NamedTuple):
    """A list's need-adjusted score in both workbooks, and what moved it.

    Attributes:
        provider: the list.
        old: its score in the old workbook.
        new: its score in the new one.
        old_rank: its rank in the old workbook.
        new_rank: its rank in the new one.
        by_data: what the new counts change under the old decisions; None where it cannot be told apart.
        by_decisions: what the new decisions change further; None as above.
    """

    provider: str
    old: float
    new: float
    old_rank: float
    new_rank: float
    by_data: float | None
    by_decisions: float | None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changed between two scored workbooks.

    Attributes:
        old: name of the old one.
        new: name of the new one.
        versions: versions of program and method, old and new, where they differ.
        decisions: parameters and what the scheme says, where they differ.
        added: lists that only the new one has.
        removed: lists that only the old one has.
        counts: counts of lists in both that differ.
        moved: lists in both whose need-adjusted score or rank differs, the largest change first.
        lists: how many lists are in both.
        current: how many lists in both have another current score.
        unsound: workbooks that do not hold the scores that their inputs give.
    """

    old: str
    new: str
    versions: tuple[Decision, ...]
    decisions: tuple[Decision, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    counts: tuple[Count, ...]
    moved: tuple[Moved, ...]
    lists: int
    current: int
    unsound: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing at all changed."""
        return not (self.versions or self.decisions or self.added or self.removed or self.counts or self.moved)

    def as_json(self) -> str:
        """Return the difference as JSON."""
        whole: dict[str, Any] = asdict(self)
        for key in ("versions", "decisions", "counts", "moved"):
            whole[key] = [one._asdict() for one in getattr(self, key)]
        return json.dumps({"same": self.is_same, **whole}, indent=2)

    def as_text(self, most: int = 20) -> str:
        """Return the difference as text, at most so many lines of each kind."""
        lines = [f"{self.old} -> {self.new}"]
        if self.is_same:
            return "\n".join([*lines, "Nothing changed: the same counts, decisions, version and scores."])
        lines += [f"Look at this first (xl-qbs audit): {one}" for one in self.unsound]
        lines += _section("Version", [f"{one.what}: {one.old} -> {one.new}" for one in self.versions], most)
        lines += _section("Decisions", [f"{one.what}: {one.old} -> {one.new}" for one in self.decisions], most)
        lines += _section("Lists added", list(self.added), most)
        lines += _section("Lists removed", list(self.removed), most)
        counts = [f"{one.provider} {one.indicator} {one.what}: {one.old:g} -> {one.new:g}" for one in self.counts]
        lines += _section("Counts", counts, most)
        lines += ["", f"Scores: of {self.lists} lists in both, {self.current} have another current score and "
                  f"{len(self.moved)} another need-adjusted score or rank"]  # fmt: skip
        lines += [f"  {_told(one)}" for one in self.moved[:most]]
        if len(self.moved) > most:
            lines.append(f"  ... and {len(self.moved) - most} more; --json tells all of them.")
        return "\n".join(lines)


def difference(old: Opened, new: Opened) -> Difference:
    """Return what changed between two scored workbooks.

    Scores are those that counts and decisions in the workbooks give; where a workbook holds others, it is named.

    Raises:
        NotScoredError: one of them is no scored workbook.
    """
    before, after = rebuild(old), rebuild(new)
    was, has = before.result, after.result
    kept = [one for one in was.table.providers if one in set(has.table.providers)]
    old_rows = [was.table.providers.index(one) for one in kept]
    new_places = {one: row for row, one in enumerate(has.table.providers)}
    new_rows = [new_places[one] for one in kept]
    between = _between(before, was, has)
    unsound = [
        opened.path.name
        for opened, made, result in ((old, before, was), (new, after, has))
        if not _holds(opened, made, result)
    ]
    versions = [
        Decision(what, a, b)
        for what, a, b in (
            ("xl_qbs", before.log.program, after.log.program),
            ("method version", before.log.method_version, after.log.method_version),
        )
        if a != b
    ]
    current = np.abs(was.current.total[old_rows] - has.current.total[new_rows]) > _NO_CHANGE
    return Difference(
        old=old.path.name,
        new=new.path.name,
        versions=tuple(versions),
        decisions=(*_of_method(was.method, has.method), *_of_scheme(was.scheme, has.scheme)),
        added=tuple(one for one in has.table.providers if one not in set(kept)),
        removed=tuple(one for one in was.table.providers if one not in set(kept)),
        counts=tuple(_counts(was.table, has.table, kept, old_rows, new_rows)),
        moved=tuple(_moved(was, has, kept, old_rows, new_rows, between)),
        lists=len(kept),
        current=int(current.sum()),
        unsound=tuple(unsound),
    )


def _between(before: Rebuilt, was: Result, has: Result) -> Array | None:
    """Return the scores of the new counts under the old decisions; None where these do not fit."""
    if not set(was.scheme.codes) <= set(has.table.indicators):
        return None
    table = has.table.select(was.scheme.codes)
    try:
        return score_log(before.log, table, was.scheme, was.method).need_adjusted.total  # type: ignore[arg-type]
    except QbsError:
        return None


def _holds(opened: Opened, made: Rebuilt, result: Result) -> bool:
    """Return whether a workbook holds the need-adjusted scores that its inputs give."""
    block = made.used.block("need_score")
    sheet = None if block is None else opened.sheet(made.sheets.get(block.sheet, ""))
    if block is None or sheet is None:
        return False
    return all(
        alike(float(total), sheet.at(block.row + row, block.column).value, CALCULATED)
        for row, total in enumerate(result.need_adjusted.total.tolist())
    )


def _of_method(old: Method, new: Method) -> list[Decision]:
    found = []
    for key in Method.__dataclass_fields__:
        a, b = getattr(old, key), getattr(new, key)
        if a == b:
            continue
        if isinstance(a, dict) and isinstance(b, dict):
            found += [
                Decision(f"{key} of {code}", str(a.get(code, "--")), str(b.get(code, "--")))
                for code in dict.fromkeys([*a, *b])
                if a.get(code) != b.get(code)
            ]
        else:
            found.append(Decision(key, str(a), str(b)))
    return found


def _of_scheme(old: Scheme, new: Scheme) -> list[Decision]:
    a, b = ({one.code: one for one in scheme.indicators} for scheme in (old, new))
    found = [Decision(f"indicator {code}", "in the scheme", "not in it") for code in a if code not in b]
    found += [Decision(f"indicator {code}", "not in the scheme", "in it") for code in b if code not in a]
    for code in a:
        for key in ("points", "required_coverage", "domain", "weight") if code in b else ():
            was, has = getattr(a[code], key), getattr(b[code], key)
            if was != has:
                found.append(Decision(f"{key.replace('_', ' ')} of {code}", str(was), str(has)))
    for what, was, has in (("bands", old.bands, new.bands), ("conditions", old.conditions, new.conditions)):
        if was != has:
            found.append(Decision(what, "; ".join(map(str, was)) or "none", "; ".join(map(str, has)) or "none"))
    return found


def _counts(old: Table, new: Table, kept: list[str], old_rows: list[int], new_rows: list[int]) -> list[Count]:
    found = []
    for code in [one for one in old.indicators if one in new.indicators]:
        a, b = old.indicators.index(code), new.indicators.index(code)
        for what, was, has in (("target", old.target, new.target), ("done", old.done, new.done)):
            unlike = was[old_rows, a] != has[new_rows, b]
            found += [
                Count(kept[row], code, what, float(was[old_rows[row], a]), float(has[new_rows[row], b]))
                for row in np.flatnonzero(unlike).tolist()
            ]
    if old.coefficient is not None or new.coefficient is not None:
        was_factor = np.ones(len(old.providers)) if old.coefficient is None else old.coefficient
        has_factor = np.ones(len(new.providers)) if new.coefficient is None else new.coefficient
        found += [
            Count(one, "", "coefficient", float(was_factor[a]), float(has_factor[b]))
            for one, a, b in zip(kept, old_rows, new_rows, strict=True)
            if was_factor[a] != has_factor[b]
        ]
    return found


def _moved(
    was: Result, has: Result, kept: list[str], old_rows: list[int], new_rows: list[int], between: Array | None
) -> list[Moved]:
    found = []
    for one, a, b in zip(kept, old_rows, new_rows, strict=True):
        old, new = float(was.need_adjusted.total[a]), float(has.need_adjusted.total[b])
        ranks = float(was.need_adjusted.rank[a]), float(has.need_adjusted.rank[b])
        if abs(new - old) <= _NO_CHANGE and ranks[0] == ranks[1]:
            continue
        middle = None if between is None else float(between[b])
        by_data = None if middle is None else middle - old
        by_decisions = None if middle is None else new - middle
        found.append(Moved(one, old, new, *ranks, by_data, by_decisions))
    return sorted(found, key=lambda one: (-abs(one.new - one.old), one.provider))


def _section(title: str, rows: list[str], most: int) -> list[str]:
    if not rows:
        return []
    more = [f"  ... and {len(rows) - most} more"] if len(rows) > most else []
    return ["", f"{title} ({len(rows)})", *(f"  {row}" for row in rows[:most]), *more]


def _told(one: Moved) -> str:
    text = f"{one.provider}: {one.old:.4f} -> {one.new:.4f} (rank {one.old_rank:.0f} -> {one.new_rank:.0f})"
    if one.by_data is None or one.by_decisions is None:
        return text
    return f"{text}; by data {one.by_data:+.4f}, by decisions {one.by_decisions:+.4f}"
