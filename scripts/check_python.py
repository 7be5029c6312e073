"""Say in plain words what a machine's Python lacks, before anything is installed with it."""

import importlib.util
import sys

# This file must be readable by a Python as old as 3.6: no annotations, no newer syntax.
LOWEST = (3, 11)


def problem():
    """Return what is missing and how to get it, or nothing."""
    if sys.version_info < LOWEST:
        needed, found = (".".join(map(str, version[:2])) for version in (LOWEST, sys.version_info))
        return (
            f"xl_qbs needs Python {needed} or later; {sys.executable} is {found}. "
            "With another Python at hand: make PYTHON=python3.12 demo"
        )
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        return (
            f"This Python ({sys.executable}) cannot make virtual environments. "
            "On Debian and Ubuntu: sudo apt-get install python3-venv"
        )
    return ""


if __name__ == "__main__":
    sys.exit(problem() or 0)
