"""What is installed."""

from __future__ import annotations

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.addin.calls import Together
from xl_qbs.addin.definition import Example, Function
from xl_qbs.addin.functions.shared import ABOUT
from xl_qbs.sheets.model import Label


def version() -> str:
    """Return the version of the package and of its methods."""
    return f"xl_qbs {__version__}, methods {METHOD_VERSION}"


FUNCTIONS = (
    Function(
        name="QBS_VERSION",
        category=ABOUT,
        help=Label(
            "Version of xl_qbs and of its methods. The latter rises whenever a number can come out differently.",
            "xl_qbs-i ja selle meetodite versioon. Viimane tõuseb, kui mõni arv võib teisiti välja tulla.",
        ),
        arguments=(),
        call=Together(version),
        shape="single",
        examples=(Example("=QBS_VERSION()", {}, ((version(),),)),),
    ),
)
