"""Formula templates: what building and recalculating them costs, and how it grows with the lists."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from measure import PROJECT, Row, RunError, say, timed

# Ten times the lists may take LibreOffice this many times as long; a naive build took it 34 times.
LIBREOFFICE_TARGET = 12.0
# IronCalc is a second opinion on the numbers, and no program that a fund calculates with: its time grows with the
# square of the lists, and 8,000 would keep it busy for most of an hour.
_MOST_FOR_IRONCALC = 2_000

OURS = "from xl_qbs.cli import main; main()"
LIBREOFFICE = (
    "import sys, pathlib; from tests.engines import convert;"
    "convert(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), 'ods:calc8', 1700)"
)
IRONCALC = (
    "import sys, ironcalc; model = ironcalc.load_from_xlsx(sys.argv[1], 'en', 'UTC', 'en'); model.evaluate();"
    "sheets = [one['name'] for one in model.get_worksheets_properties()];"
    "assert model.get_cell_value(sheets.index('Checks'), 4, 2) == 1"
)


def templates(sizes: Sequence[int], folder: Path) -> list[Row]:
    """Build a two-year template of each size, filled, and have both engines calculate it anew."""
    rows: list[Row] = []
    before: dict[str, float] = {}
    smaller = 0
    for lists in sizes:
        book, template = folder / f"{lists}.xlsx", folder / f"template_{lists}.xlsx"
        timed([sys.executable, str(PROJECT / "benchmarks" / "data.py"), str(lists), str(book)])
        say(f"template for {lists:,} lists: building")
        build = timed([sys.executable, "-c", OURS, "template", "-o", str(template), "--lists", str(lists),
                       "--data", str(book), "--last-year", str(book)])  # fmt: skip
        if not template.exists():
            raise RunError(f"xl-qbs template --lists {lists} wrote nothing")
        say(f"template for {lists:,} lists: LibreOffice")
        office = timed([sys.executable, "-c", LIBREOFFICE, str(template), str(folder / "recalculated")])
        size = template.stat().st_size / 2**20
        rows.append(Row(f"template for {lists:,} lists, two years: file, MiB", f"{size:.1f}", "-", "-", 0.0, None))
        taken = {"build": build.wall, "recalculate in LibreOffice": office.wall}
        if lists < _MOST_FOR_IRONCALC:
            say(f"template for {lists:,} lists: IronCalc")
            taken["recalculate in IronCalc"] = timed([sys.executable, "-c", IRONCALC, str(template)]).wall
        for what, seconds in taken.items():
            name = f"template for {lists:,} lists: {what}, s"
            if what not in before:
                rows.append(Row(name, f"{seconds:.1f}", "-", "-", 0.0, None))
                continue
            ratio = seconds / before[what]
            target = LIBREOFFICE_TARGET if "LibreOffice" in what else lists / smaller
            rows.append(Row(name, f"{seconds:.1f}", f"{before[what]:.1f}", f"{ratio:.2f}", ratio, target))
        before, smaller = taken, lists
        template.unlink()
        book.unlink()
    return rows
