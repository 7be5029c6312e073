"""What the buttons of the ribbon do, in Python; called through xlwings' server like the functions."""

from __future__ import annotations

import contextlib
import io
import platform
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import xlwings as xw

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.errors import DataError, Finding, OutputError, QbsError
from xl_qbs.sheets.model import Label, Language

_HEADINGS = (
    Label("What", "Mis"),
    Label("Where", "Kus"),
    Label("What was found", "Mida leiti"),
    Label("What to do", "Mida teha"),
)
_SEVERITIES = {
    "error": Label("Error", "Viga"),
    "warning": Label("Warning", "Hoiatus"),
    "note": Label("Note", "Märkus"),
}
_AUDIT_HEADINGS = (
    *_HEADINGS[:3],
    Label("Expected", "Oodatud"),
    Label("Found", "Leitud"),
    Label("Effect", "Mõju"),
)
_RIBBON = "Score this workbook (Excel)"
_IN_ORDER = Label("The data can be scored.", "Andmeid saab hinnata.")
_PASSED = Label("Every formula and number is what it should be.", "Iga valem ja arv on see, mis ta olema peab.")
_FAILED = Label(
    "Not every formula and number is what it should be.", "Mõni valem või arv ei ole see, mis ta olema peab."
)


@xw.func
def score_workbook(copied, original, language):  # type: ignore[no-untyped-def]  # annotations steer xlwings
    """Score the copy of a workbook; give done or refused, a message, and where the result is."""
    copy = Path(copied)
    try:
        return [["done", "", str(_score(copy, Path(original), _language(language)))]]
    except Exception as error:
        return [["refused", _sentence(error), ""]]
    finally:
        _remove(copy)


@xw.func
def check_workbook(copied, language):  # type: ignore[no-untyped-def]  # see above
    """Check the data in the copy of a workbook; give a row for each finding, below headings."""
    from xl_qbs.workbook.read import read_workbook  # noqa: PLC0415  (slow; the functions do without)

    copy, tongue = Path(copied), _language(language)
    try:
        with _quiet():
            findings = read_workbook(copy, None, done_above_target="cap").findings
        scored = True
    except DataError as error:
        findings, scored = error.findings, False
    except Exception as error:
        findings, scored = (Finding(_sentence(error)),), False
    finally:
        _remove(copy)
    rows = [[label.say(tongue) for label in _HEADINGS]]
    if scored:
        rows.append(["", "", _IN_ORDER.say(tongue), ""])
    rows += [[_SEVERITIES[one.severity].say(tongue), one.where, one.what, one.remedy] for one in findings]
    return rows


@xw.func
def audit_workbook(copied, original, language):  # type: ignore[no-untyped-def]  # see above
    """Audit the copy of a workbook; give the verdict and a row for each finding, below headings.

    Formulas are not recalculated: Excel has just done so.
    """
    from xl_qbs.audit.run import audit_file  # noqa: PLC0415  (slow; the functions do without)

    copy, tongue = Path(copied), _language(language)
    rows = [[label.say(tongue) for label in _AUDIT_HEADINGS]]
    try:
        with _quiet():
            report = audit_file(copy, beside=_folder_of(Path(original)))
        rows.append(["", report.what, (_PASSED if report.passed else _FAILED).say(tongue), "", "", ""])
        rows += [
            [_SEVERITIES[one.severity].say(tongue), one.where, one.what, one.expected, one.found, one.effect]
            for one in report.findings
        ]
    except Exception as error:
        rows.append([_SEVERITIES["error"].say(tongue), "", _sentence(error), "", "", ""])
    finally:
        _remove(copy)
    return rows


@xw.func
def about(language):  # type: ignore[no-untyped-def]  # see above
    """Say which versions answer, and from where."""
    reached = Label("Python was reached.", "Python on kättesaadav.").say(_language(language))
    return "\n".join(
        [
            f"xl_qbs {__version__} (method {METHOD_VERSION})",
            f"xlwings {version('xlwings')} (BSD 3-clause licence; sheet xl_qbs.conf of the add-in)",
            f"Python {platform.python_version()}: {sys.executable}",
            "",
            reached,
        ]
    )


def _score(copy: Path, original: Path, language: Language) -> Path:
    """Score as ``xl-qbs score`` does, with its defaults, and write beside the original where that can be done."""
    from xl_qbs.jobs.score import score_file  # noqa: PLC0415  (slow; the functions do without)
    from xl_qbs.workbook.add_sheets import default_output  # noqa: PLC0415

    failed: OutputError | None = None
    for folder in _folders(original):
        output = default_output(folder / copy.name)
        try:
            with _quiet():
                return score_file(copy, output, language=language, typed=_RIBBON)[0]
        except OutputError as error:
            failed = error
    raise failed or OutputError("There is no folder to write into.")


def _folders(original: Path) -> list[Path]:
    """Return where a result can go: beside the workbook, unless it is new or on the web; else the documents."""
    home = Path.home()
    documents = home / "Documents"
    beside = _folder_of(original)
    return [*([] if beside is None else [beside]), documents if documents.is_dir() else home]


def _folder_of(original: Path) -> Path | None:
    """Return the folder of a workbook; None where it is new or on the web."""
    return original.parent if original.is_absolute() and original.parent.is_dir() else None


@contextlib.contextmanager
def _quiet() -> Any:
    # A Python without a window has no standard streams to write to.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _language(code: object) -> Language:
    return "et" if code == "et" else "en"


def _sentence(error: Exception) -> str:
    if isinstance(error, QbsError):
        return str(error)
    return f"xl_qbs itself failed ({type(error).__name__}); nothing was written. Please report it."


def _remove(copy: Path) -> None:
    """Remove the copy and the folder that the ribbon made for it, and no other folder."""
    if copy.parent.name.startswith("xl_qbs-"):
        shutil.rmtree(copy.parent, ignore_errors=True)
