"""Every way in which xl_qbs refuses, one class each; all of them carry what a user can act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing found in the input: what, where, and what to do.

    Attributes:
        what: what is wrong, in one sentence.
        remedy: what the reader can do about it.
        sheet: the sheet it was found on; empty when it is not about a sheet.
        cell: the cell or range, such as ``E57``; empty when it is not about a cell.
        provider: the list it concerns; empty when it concerns none in particular.
        severity: ``error`` (nothing is scored), ``warning`` (scored, look at it) or ``note``.
    """

    what: str
    remedy: str = ""
    sheet: str = ""
    cell: str = ""
    provider: str = ""
    severity: Literal["error", "warning", "note"] = "error"

    @property
    def where(self) -> str:
        """Sheet and cell in Excel's own notation, or nothing."""
        if self.sheet and self.cell:
            return f"{self.sheet}!{self.cell}"
        return self.sheet or self.cell

    @property
    def told(self) -> str:
        """What is wrong and what to do about it, as sentences."""
        if not self.remedy:
            return self.what
        return f"{self.what}{'' if self.what.endswith(('.', '!', '?', ':')) else '.'} {self.remedy}"

    def __str__(self) -> str:
        return f"{self.where}: {self.told}" if self.where else self.told


def counted(number: int, word: str) -> str:
    """Return a number of things in words fit for a sentence.

    >>> counted(1, "list"), counted(12, "list")
    ('1 list', '12 lists')
    """
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


class QbsError(Exception):
    """The base of every error that xl_qbs raises on purpose."""


class ArgumentError(QbsError, ValueError):
    """An argument of a function, or an option of the command line, is not what it must be."""


class DataError(QbsError):
    """The data cannot be scored; carries every problem found, not the first one only."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        count = len(self.findings)
        head = f"{counted(count, 'problem')} in the data"
        super().__init__("\n".join([f"{head}:", *(f"  {finding}" for finding in self.findings)]))


class TableNotFoundError(QbsError):
    """No indicator table was found, or more than one might be it; says what was found and how to point."""


class SchemeError(QbsError):
    """The scheme (indicators, points, bands, conditions) is incomplete or contradicts itself."""


class WorkbookError(QbsError):
    """The base of the errors about a file as a file."""


class MissingFileError(WorkbookError):
    """The file is not there, is a folder, or may not be read."""


class NotAWorkbookError(WorkbookError):
    """The file is not an Excel workbook or a table in text form."""


class EncryptedWorkbookError(WorkbookError):
    """The workbook is protected with a password to open."""


class DamagedWorkbookError(WorkbookError):
    """The workbook is damaged: its archive or its XML cannot be read."""


class StrictWorkbookError(WorkbookError):
    """The workbook is in the strict OOXML form, which is read by few programs."""


class DangerousWorkbookError(WorkbookError):
    """The workbook would unpack into far more than it says, or holds XML entities."""


class OutputError(WorkbookError):
    """The result could not be written; whatever was there before is untouched."""
