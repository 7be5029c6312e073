"""Recalculation by engines that are not Excel: what each formula gives now, against what it should.

LibreOffice runs with a profile of its own, without macros, in a folder that is removed; the file itself is
never opened for writing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from xl_qbs.audit.compare_cells import CALCULATED, Difference, alike, areas, shown
from xl_qbs.audit.expected import Cell, Place
from xl_qbs.audit.findings import AuditFinding, Severity
from xl_qbs.audit.opened import ErrorText, Found, Opened, Value, decoded, open_workbook
from xl_qbs.errors import QbsError
from xl_qbs.sheets.address import cell_name
from xl_qbs.workbook.libreoffice import find_libreoffice, run_libreoffice

ENGINES = ("ironcalc", "libreoffice")
# 0 means "recalculate always"; 3 is the highest security, which runs no macro whatever.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
</oor:items>
"""

Values = Callable[[str, int, int], Value]


# Control sums over many lists come to 0 but for so much.
REST = 1e-6


class EngineError(QbsError):
    """An engine is missing, gave up, or took too long.

    Attributes:
        severity: what that is for an audit: an ``error`` where the recalculation is due, a ``note`` where an engine
            that need not be there is not.
    """

    def __init__(self, what: str, severity: Severity = "warning") -> None:
        super().__init__(what)
        self.severity = severity


class Recalculated(NamedTuple):
    """What an engine makes of a workbook, as a function of sheet, row and column."""

    engine: str
    at: Values


def by_ironcalc(path: Path) -> Recalculated:
    """Return what IronCalc computes.

    Raises:
        EngineError: it is not installed, or cannot read the file.
    """
    try:
        import ironcalc  # noqa: PLC0415  (slow to import)
    except ImportError as error:
        raise EngineError(
            f"IronCalc cannot be loaded ({error}), so that nothing was recalculated with it. It comes with xl_qbs: "
            "install xl_qbs again.",
            "error",
        ) from None
    try:
        with _without_noise():
            model: Any = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
        model.evaluate()
    except BaseException as error:
        # A panic in IronCalc's Rust code arrives as a BaseException of its own.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise EngineError(
            f"IronCalc cannot calculate the file ({reason}), so that nothing was recalculated with it", "error"
        ) from error
    places = {sheet["name"]: number for number, sheet in enumerate(model.get_worksheets_properties())}

    def at(sheet: str, row: int, column: int) -> Value:
        if sheet not in places:
            return None
        value = model.get_cell_value(places[sheet], row, column)
        if isinstance(value, str):
            kind = model.get_cell_type(places[sheet], row, column) if value.startswith("#") else None
            return ErrorText(value) if kind == ironcalc.CellType.ErrorValue else decoded(value)
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    return Recalculated("IronCalc", at)


def by_libreoffice(path: Path, timeout: float = 600) -> Recalculated:
    """Return what LibreOffice computes.

    Raises:
        EngineError: it is not installed, gives up, or takes longer than ``timeout`` seconds.
    """
    program = find_libreoffice()
    if program is None:
        raise EngineError("LibreOffice is not installed: nothing was recalculated with it", "note")
    with tempfile.TemporaryDirectory(prefix="xl_qbs_audit_") as name:
        room = Path(name)
        settings = room / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_PROFILE, encoding="utf-8")
        source = room / "in" / f"book{path.suffix}"
        source.parent.mkdir()
        shutil.copyfile(path, source)
        made = room / "out" / "book.xlsx"
        arguments = ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(made.parent), str(source)]
        told = run_libreoffice(program, room, arguments, timeout)
        if told is None:
            raise EngineError(f"LibreOffice was not done after {timeout:g} seconds and was ended")
        if not made.exists():
            raise EngineError(f"LibreOffice made nothing of the file: {told.strip() or 'no message'}")
        opened = open_workbook(made)

    def at(sheet: str, row: int, column: int) -> Value:
        found = opened.sheet(sheet)
        return None if found is None else found.at(row, column).value

    return Recalculated("LibreOffice", at)


def recalculation_findings(
    opened: Opened, done: Recalculated, name: str, cells: Mapping[Place, Cell] | None
) -> Iterator[AuditFinding]:
    """Yield the formulas of a sheet that an engine gives another value than they should have.

    Args:
        opened: the workbook.
        done: what an engine computes.
        name: the sheet's name in the workbook.
        cells: what its cells should hold; None to compare with the values that are stored.
    """
    against = "Python" if cells is not None else "is stored"
    for area in areas(_wrong(done, name, cells) if cells is not None else _unlike_stored(opened, done, name)):
        first, last = cell_name(area.top, area.left), cell_name(area.bottom, area.right)
        expected = area.first.cell.value if area.first.cell is not None else _stored(opened, name, area.first)
        yield AuditFinding(
            kind="recalculated",
            sheet=name,
            cell=first if first == last else f"{first}:{last}",
            what=f"recalculated with {done.engine}, the formula gives another value than {against}",
            expected=shown(expected),
            found=shown(area.first.found.value),
            cells=(area.bottom - area.top + 1) * (area.right - area.left + 1),
        )


def _wrong(done: Recalculated, name: str, cells: Mapping[Place, Cell]) -> list[Difference]:
    found = []
    for (row, column), cell in cells.items():
        if cell.calculated:
            value = done.at(name, row, column)
            if not alike(cell.value, value, CALCULATED) and not _is_rest(cell, value):
                found.append(Difference(row, column, "recalculated", cell, Found(value, None)))
    return found


def _unlike_stored(opened: Opened, done: Recalculated, name: str) -> list[Difference]:
    sheet = opened.sheet(name)
    found = []
    for (row, column), cell in sheet.cells.items() if sheet is not None else ():
        # Where nothing was ever stored, there is nothing to compare.
        if cell.formula is not None and cell.value is not None:
            value = done.at(name, row, column)
            if not alike(cell.value, value, CALCULATED) and not _both_nothing(cell.value, value):
                found.append(Difference(row, column, "recalculated", None, Found(value, None)))
    return found


def _both_nothing(stored: Value, value: Value) -> bool:
    """Return whether two values are control sums that come to 0 but for their last bits, or the same error or word."""
    if isinstance(stored, float) and isinstance(value, float):
        return abs(stored) <= REST and abs(value) <= REST
    return stored == value


def _stored(opened: Opened, name: str, one: Difference) -> Value:
    sheet = opened.sheet(name)
    return None if sheet is None else sheet.at(one.row, one.column).value


def _is_rest(cell: Cell, value: Value) -> bool:
    """Return whether a check that comes to 0 does so but for last bits, within the tolerance that stands beside it."""
    return (
        cell.block.key.startswith("check_value") and cell.value == 0 and isinstance(value, float) and abs(value) <= REST
    )


@contextlib.contextmanager
def _without_noise() -> Iterator[None]:
    """Drop what is printed: IronCalc has a line for every formula without a stored value."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:
        yield
        return
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
