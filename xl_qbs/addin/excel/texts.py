"""What stands on the add-in's one sheet: settings, help of the functions, texts of the ribbon, licences."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import distribution

from xl_qbs._version import __version__
from xl_qbs.addin.definition import Function
from xl_qbs.sheets.model import Label, Language

SHEET = "xl_qbs.conf"
INTERPRETER = "Interpreter_Win"
XL_QBS_VERSION = "xl_qbs version"
XLWINGS_VERSION = "xlwings version"

# Excel's limit for the help of a function and of each argument.
HELP_LIMIT = 255

_LANGUAGES: tuple[Language, ...] = ("en", "et")

# Label and tip of each control of the ribbon, by its id.
RIBBON: dict[str, tuple[Label, Label]] = {
    "qbsTab": (Label("Quality scores", "Kvaliteedihinded"), Label("", "")),
    "qbsWorkbookGroup": (Label("This workbook", "See töövihik"), Label("", "")),
    "qbsHelpGroup": (Label("xl_qbs", "xl_qbs"), Label("", "")),
    "qbsScore": (
        Label("Score this workbook", "Hinda see töövihik"),
        Label(
            "Scores a copy of this workbook as xl-qbs score does, and opens it. This workbook is left as it is.",
            "Hindab selle töövihiku koopia nagu xl-qbs score ja avab selle. See töövihik jääb, nagu on.",
        ),
    ),
    "qbsCheck": (
        Label("Check data", "Kontrolli andmeid"),
        Label(
            "Lists what is wrong or odd in the indicator table of this workbook, and writes nothing into it.",
            "Loetleb, mis on selle töövihiku indikaatorite tabelis valesti või kummaline, ega kirjuta sinna midagi.",
        ),
    ),
    "qbsAudit": (
        Label("Audit", "Audit"),
        Label(
            "Compares every formula and number of result sheets and templates with what should stand there.",
            "Võrdleb tulemuslehtede ja mallide iga valemit ja arvu sellega, mis seal seisma peaks.",
        ),
    ),
    "qbsHelp": (
        Label("Functions", "Funktsioonid"),
        Label("Lists every QBS_ function with its arguments.", "Loetleb kõik QBS_-funktsioonid ja nende argumendid."),
    ),
    "qbsAbout": (
        Label("About", "Teave"),
        Label(
            "Shows the versions and whether Python is reached.",
            "Näitab versioone ja seda, kas Python on kättesaadav.",
        ),
    ),
}

MESSAGES: dict[str, Label] = {
    "working": Label("xl_qbs is working ...", "xl_qbs töötab ..."),
    "unreachable": Label(
        "Python was not reached. Run xl-qbs doctor in a command window: it says what to mend.",
        "Python ei ole kättesaadav. Käivitage käsuaknas xl-qbs doctor: see ütleb, mida parandada.",
    ),
    "no workbook": Label("Open a workbook first.", "Avage esmalt töövihik."),
    "not copied": Label("The workbook could not be copied.", "Töövihikut ei saanud kopeerida."),
}

_HELP_HEADINGS = (
    Label("Category", "Kategooria"),
    Label("Formula", "Valem"),
    Label("What it gives", "Mida see annab"),
    Label("Arguments", "Argumendid"),
)

Row = tuple[str, ...]


def settings(xlwings_version: str) -> list[Row]:
    """Return names and values of the settings; the path of Python is filled in when the add-in is installed."""
    return [
        (INTERPRETER, ""),
        (XL_QBS_VERSION, __version__),
        (XLWINGS_VERSION, xlwings_version),
    ]


def texts(functions: Sequence[Function]) -> list[Row]:
    """Return the rows of texts: what a row is, of what, in which language, and its texts."""
    rows: list[Row] = []
    for language in _LANGUAGES:
        rows.append(("help", "", language, *(heading.say(language) for heading in _HELP_HEADINGS)))
        rows += [("function", function.name, language, *function_help(function, language)) for function in functions]
        rows += [("ribbon", key, language, *(label.say(language) for label in one)) for key, one in RIBBON.items()]
        rows += [("message", key, language, label.say(language)) for key, label in MESSAGES.items()]
    return rows + [("licence", "xlwings", "", line) for line in xlwings_licence()]


def function_help(function: Function, language: Language) -> Row:
    """Return category, syntax, description and the help of each argument, as long as Excel takes them."""
    arguments = [shortened(argument.help.say(language)) for argument in function.arguments]
    return (function.category.say(language), syntax(function), shortened(function.help.say(language)), *arguments)


def syntax(function: Function) -> str:
    """Return how a function is written in a cell, arguments that can be left out in brackets."""
    names = [f"[{one.name}]" if one.optional else one.name for one in function.arguments]
    return f"={function.name}({', '.join(names)})"


def shortened(text: str) -> str:
    """Return a text of at most 255 characters, cut after a word."""
    if len(text) <= HELP_LIMIT:
        return text
    head = text[: HELP_LIMIT - 1]
    return f"{head.rsplit(' ', 1)[0] if ' ' in head else head}…"


def xlwings_licence() -> list[str]:
    """Return the BSD licence of xlwings, line by line, as the installed package has it."""
    text = distribution("xlwings").read_text("licenses/LICENSE.txt")
    if not text:
        raise FileNotFoundError("the installed xlwings has no licenses/LICENSE.txt")
    return [line for line in text.splitlines() if line.strip()]
