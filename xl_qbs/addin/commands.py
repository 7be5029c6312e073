"""The commands about add-ins: ``xl-qbs addin`` builds and installs them, ``xl-qbs doctor`` finds what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from xl_qbs.report import say

# The hosts are imported inside the commands: each needs packages that the others do without.

_HOST = click.option(
    "--host",
    type=click.Choice(["excel", "calc"]),
    default="excel",
    show_default=True,
    help="Excel for Windows, or LibreOffice Calc.",
)
_FILES = {"excel": "xl_qbs.xlam", "calc": "xl_qbs.oxt"}
_BUILT = click.option(
    "--host",
    type=click.Choice(["excel", "calc", "lite"]),
    default="excel",
    show_default=True,
    help="Excel for Windows, LibreOffice Calc, or xlwings Lite (a wheel).",
)


@click.group()
def addin() -> None:
    """Build and install the QBS_ functions for Excel or LibreOffice Calc."""


@addin.command()
@_BUILT
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file, for lite the folder; else here.")
def build(host: str, output: Path | None) -> None:
    """Build the add-in's file; on any machine, also for Excel."""
    if host == "lite":
        from xl_qbs.addin.lite.wheel import build_lite_wheel  # noqa: PLC0415  (see above)

        say(f"Built {build_lite_wheel(output or Path())}", bold=True)
        return
    output = output or Path(_FILES[host])
    if host == "excel":
        from xl_qbs.addin.excel.build import build_addin  # noqa: PLC0415  (see above)

        build_addin(output)
    else:
        from xl_qbs.addin.calc.package import build_oxt  # noqa: PLC0415

        build_oxt(output)
    say(f"Built {output}", bold=True)


@addin.command()
@_HOST
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
def install(host: str, file: Path | None) -> None:
    """Install the add-in for this user.

    FILE is one that was built for Excel; without it, it is built now.
    """
    if host == "excel":
        from xl_qbs.addin.excel.install import install_addin  # noqa: PLC0415

        _tell(install_addin(file))
        return
    if file is not None:
        raise click.UsageError("FILE is for Excel; LibreOffice's add-in is built for this Python when it is installed.")
    from xl_qbs.addin.calc.install import install_calc  # noqa: PLC0415

    _tell(install_calc())


@addin.command()
@_HOST
def status(host: str) -> None:
    """Say whether the add-in is installed, and where."""
    if host == "excel":
        from xl_qbs.addin.excel.install import status_addin  # noqa: PLC0415

        _tell(status_addin())
    else:
        from xl_qbs.addin.calc.install import status_calc  # noqa: PLC0415

        _tell(status_calc())


@addin.command()
@_HOST
def remove(host: str) -> None:
    """Undo what install did."""
    if host == "excel":
        from xl_qbs.addin.excel.install import remove_addin  # noqa: PLC0415

        _tell(remove_addin())
    else:
        from xl_qbs.addin.calc.install import remove_calc  # noqa: PLC0415

        _tell(remove_calc())


@click.command()
def doctor() -> None:
    """Find why the Excel add-in does not work, and say how to mend it."""
    from xl_qbs.addin.excel.doctor import doctor as examine  # noqa: PLC0415

    findings = examine()
    for one in findings:
        say(f"{one.severity.capitalize()}: {one}", fg="red" if one.severity == "error" else "yellow")
    if any(one.severity == "error" for one in findings):
        sys.exit(1)
    say("Nothing keeps the add-in from working." if not findings else "Nothing else was found.", fg="green")


def _tell(lines: list[str]) -> None:
    for line in lines:
        say(line)
