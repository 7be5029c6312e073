"""What was made and compared already, for audits of one workbook again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from xl_qbs.audit.compare_cells import Comparison, Difference
from xl_qbs.audit.expected import Cell, Place
from xl_qbs.audit.opened import OpenedSheet

T = TypeVar("T")


@dataclass(frozen=True)
class Library:
    """What was made already.

    Attributes:
        made: whatever takes long to make, by what it was made from.
        compared: differences of sheets, by what was compared with what; the objects are kept so that none is
            taken for another.
    """

    made: dict[object, Any] = field(default_factory=dict)
    compared: dict[object, tuple[object, Any]] = field(default_factory=dict)

    def once(self, key: object, make: Callable[[], T]) -> T:
        """Return what was made from a key before, or make it."""
        if key not in self.made:
            self.made[key] = make()
        found: T = self.made[key]
        return found

    def of(self, objects: tuple[object, ...], key: object, make: Callable[[], T]) -> T:
        """Return what was made of the very same objects before, or make it."""
        whole = (*(id(one) for one in objects), key)
        if whole not in self.compared:
            self.compared[whole] = objects, make()
        found: T = self.compared[whole][1]
        return found

    def differences(
        self,
        how: Comparison,
        cells: Mapping[Place, Cell],
        found: OpenedSheet,
        values: Mapping[Place, Cell] | None = None,
    ) -> list[Difference]:
        """Return the differences of a sheet; see `Comparison.differences`."""
        # By its cells: a sheet that was only renamed has the same ones.
        key = "differences", tuple(how.sheets.items()), how.formulas, how.values, how.fixed, how.again
        return self.of((cells, found.cells, values), key, lambda: how.differences(cells, found, values))
