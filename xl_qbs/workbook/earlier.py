"""The result sheets of an earlier run: known again, and taken out before new ones go in.

Each result sheet carries a hidden name of its own (`mark_of`), which Excel and LibreOffice keep when they
save the workbook under part names of their own. A sheet without it is the fund's, whatever it is called.
Scores, efficiency, simulation, equity and diagnosis are families of their own: a run replaces the sheets of its own
family only.
"""

from __future__ import annotations

import posixpath
from typing import Any

from xl_qbs.workbook.package import Package
from xl_qbs.workbook.xml import DOCUMENT_RELATIONSHIPS, MAIN, elements, whole

# Parts as the program itself names them.
PART_PREFIX = "xl_qbs_"
# Scores; efficiency; simulation; equity; diagnosis.
FAMILIES = ("", "efficiency_", "simulation_", "equity_", "diagnosis_")


def mark_of(family: str) -> str:
    """Return the hidden name by which the sheets of a family are known again."""
    return f"xl_qbs_{family}result"


def earlier_sheets(package: Package, family: str | None = None) -> frozenset[str]:
    """Return the names of the sheets that an earlier run added to a workbook, of one family or of all."""
    families = FAMILIES if family is None else (family,)
    marks = {mark_of(one) for one in families}
    stems = tuple(f"{PART_PREFIX}{one}sheet" for one in families)
    places = set()
    for node in package.tree(package.workbook_part).iter(f"{{{MAIN}}}definedName"):
        if node.get("name") in marks:
            places.add(whole(node.get("localSheetId"), -1))
    return frozenset(
        entry.name
        for place, entry in enumerate(package.sheets)
        if place in places or posixpath.basename(entry.part).startswith(stems)
    )


def take_out(package: Package, workbook: Any, relationships: Any, types: Any, *, family: str = "") -> set[str]:
    """Take a family's earlier sheets out of the parsed workbook, its relationships and the content types.

    Returns:
        The parts that are no longer part of the package: the sheets, and what only they refer to.
    """
    names = earlier_sheets(package, family)
    if not names:
        return set()
    sheets = workbook.find(f"{{{MAIN}}}sheets")
    old_places: dict[int, int] = {}
    for place, node in enumerate(elements(sheets)):
        if node.get("name") in names:
            identifier = node.get(f"{{{DOCUMENT_RELATIONSHIPS}}}id")
            for relationship in [one for one in relationships if one.get("Id") == identifier]:
                relationships.remove(relationship)
            sheets.remove(node)
        else:
            old_places[place] = len(old_places)
    _move_names(workbook, old_places)
    _move_views(workbook, old_places)
    gone = _only_for(package, {entry.part for entry in package.sheets if entry.name in names})
    for node in [one for one in types if one.get("PartName", "").lstrip("/") in gone]:
        types.remove(node)
    return gone


def _move_names(workbook: Any, places: dict[int, int]) -> None:
    """Drop the names of sheets that are gone, and renumber those of the sheets behind them."""
    names = workbook.find(f"{{{MAIN}}}definedNames")
    if names is None:
        return
    for node in list(names):
        local = node.get("localSheetId")
        if local is None:
            continue
        if whole(local, -1) in places:
            node.set("localSheetId", str(places[whole(local, -1)]))
        else:
            names.remove(node)
    if len(names) == 0:
        workbook.remove(names)


def _move_views(workbook: Any, places: dict[int, int]) -> None:
    for view in workbook.iter(f"{{{MAIN}}}workbookView"):
        for attribute in ("activeTab", "firstSheet"):
            if view.get(attribute) is not None:
                view.set(attribute, str(places.get(whole(view.get(attribute), -1), 0)))


def _only_for(package: Package, parts: set[str]) -> set[str]:
    """Return the parts, and all that can be reached from them and from nowhere else."""
    targets = {part: {one.target for one in package.relationships(part) if not one.external} for part in package.names}
    starts = {one.target for one in package.relationships("") if not one.external} | targets[package.workbook_part]
    kept = _reached(targets, starts, parts)
    reached = _reached(targets, parts, kept)
    of_them = {posixpath.join(posixpath.dirname(one), "_rels", posixpath.basename(one) + ".rels") for one in reached}
    return (reached | of_them) & set(package.names)


def _reached(targets: dict[str, set[str]], starts: set[str], not_through: set[str]) -> set[str]:
    """Return what can be reached from some parts without passing through others."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        part = waiting.pop()
        if part not in found and part not in not_through:
            found.add(part)
            waiting.extend(targets.get(part, ()))
    return found
