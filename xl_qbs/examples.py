"""The example workbooks that ship with the package."""

from __future__ import annotations

from pathlib import Path

from xl_qbs.errors import NotAWorkbookError

# Installed, they stand in the package; in a checkout, in workbooks/ beside it.
_FOLDERS = (Path(__file__).parent / "example_workbooks", Path(__file__).parent.parent / "workbooks")


def example(name: str) -> Path:
    """Return the path of an example workbook, such as ``fund_workbook_2024.xlsx``.

    Raises:
        NotAWorkbookError: there is no example of that name.
    """
    for folder in _FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise NotAWorkbookError(f"The example {name} is not here: install xl_qbs again.")
