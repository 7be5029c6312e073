"""Formula engines that are not Excel: they recalculate a workbook, so that its formulas can be checked.

Usage in a test, with a blank cell read as None::

    from tests.engines import ErrorValue, recalculate_ironcalc, recalculate_libreoffice, stored_values

    cells = recalculate_libreoffice(path)
    assert cells["Results"]["C12"] == pytest.approx(412.5)
    assert cells["Results"]["D12"] == ErrorValue("#N/A")

A date comes back as Excel's serial number, because that is what a formula computes with.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import posixpath
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

# LibreOffice's own installers on Windows and macOS do not put it on the PATH.
_OTHER_PLACES = (
    r"C:\Program Files\LibreOffice\program\soffice.com",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
# LibreOffice refuses to work well as root: there it runs as the user "nobody" of every Linux.
_NOBODY = 65534
# Without these settings LibreOffice trusts the stored values of a workbook; 0 means "recalculate always".
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="ODFRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
_one_at_a_time = threading.Lock()
_DRIVER = Path(__file__).with_name("office_driver.py")
# After so many workbooks LibreOffice is started anew, so that what it keeps in memory does not grow without end.
_BOOKS = 40


@dataclass(frozen=True)
class ErrorValue:
    """An error in a cell, such as ``ErrorValue("#DIV/0!")``; never equal to a text that looks like one."""

    code: str


Value = float | str | bool | ErrorValue | None


class SheetCells(dict[str, Value]):
    """The cells of one sheet by name (``"C12"``); a blank cell reads as None."""

    def __missing__(self, _cell: str) -> None:
        return None


Cells = dict[str, SheetCells]


class EngineError(Exception):
    """An engine is missing, gave up, or took too long."""


def soffice() -> str | None:
    """Return the path of LibreOffice's program, or None where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _OTHER_PLACES if Path(place).exists()), None)


@functools.cache
def python_with_uno() -> str | None:
    """Return a Python that can talk to LibreOffice, or None."""
    program = Path(soffice() or "").resolve().parent
    for python in ("/usr/bin/python3", program / "python", program / "python.exe", sys.executable):
        if Path(python).exists():
            done = subprocess.run([str(python), "-c", "import uno"], check=False, capture_output=True)
            if done.returncode == 0:
                return str(python)
    return None


def recalculate_libreoffice(path: Path, timeout: float = 300) -> Cells:
    """Return all values of a workbook after LibreOffice has calculated every formula anew.

    LibreOffice writes numbers with 15 significant digits: compare with a tolerance of 1e-14 or wider.
    """
    with tempfile.TemporaryDirectory() as folder:
        return stored_values(convert(path, Path(folder), "xlsx:Calc MS Excel 2007 XML", timeout))


def recalculate_ironcalc(path: Path) -> Cells:
    """Return all values of a workbook after IronCalc has calculated every formula anew."""
    import ironcalc

    with _without_noise():
        model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    names = [sheet["name"] for sheet in model.get_worksheets_properties()]
    cells: Cells = {name: SheetCells() for name in names}
    column_name = functools.cache(ironcalc.column_name_from_number)
    for sheet, row, column in model.get_all_cells():
        value: Value = model.get_cell_value(sheet, row, column)
        if isinstance(value, str) and value.startswith("#"):
            kind = model.get_cell_type(sheet, row, column)
            value = ErrorValue(value) if kind == ironcalc.CellType.ErrorValue else value
        if value is not None:
            cells[names[sheet]][f"{column_name(column)}{row}"] = value
    return cells


@contextlib.contextmanager
def _without_noise() -> Iterator[None]:
    """Drop what is printed: IronCalc has a line for every formula without a stored value."""
    sys.stdout.flush()
    kept = os.dup(1)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def stored_values(path: Path) -> Cells:
    """Return the values that stand in a workbook's file, as the last program to write it left them.

    A formula that has no stored value reads as a blank.
    """
    with zipfile.ZipFile(path) as archive:
        strings = _shared_strings(archive)
        return {name: _sheet_values(archive, part, strings) for name, part in _sheet_parts(archive)}


def to_pdf(path: Path, folder: Path, timeout: float = 300) -> Path:
    """Print a workbook, recalculated, to ``folder``; return the PDF's path."""
    return convert(path, folder, "pdf:calc_pdf_Export", timeout)


def to_png(pdf: Path, folder: Path, dpi: int = 80) -> list[Path]:
    """Draw every page of a PDF into ``folder``; return the pictures' paths in the order of the pages."""
    if shutil.which("pdftoppm") is None:
        raise EngineError("pdftoppm is not installed; it is in the package poppler-utils.")
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", str(pdf), str(folder / pdf.stem)], check=True)
    # pdftoppm pads the page numbers to one width, so that names sort as pages do.
    return sorted(folder.glob(f"{pdf.stem}-*.png"))


def _sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name and the part of each worksheet, in the order of the workbook."""
    book = _document_part(archive)
    targets = _relationships(archive, book)
    for sheet in etree.fromstring(archive.read(book)).iterfind("{*}sheets/{*}sheet"):
        identity = next(text for name, text in sheet.attrib.items() if name.endswith("}id"))
        kind, part = targets[identity]
        if kind.endswith("/worksheet"):
            yield sheet.attrib["name"], part


def _document_part(archive: zipfile.ZipFile) -> str:
    found = _relationships(archive, "")
    return next(part for kind, part in found.values() if kind.endswith("/officeDocument"))


def _relationships(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    folder, _, name = part.rpartition("/")
    tree = etree.fromstring(archive.read(posixpath.join(folder, "_rels", f"{name}.rels")))
    return {
        one.attrib["Id"]: (one.attrib["Type"], posixpath.join("/", folder, one.attrib["Target"]).lstrip("/"))
        for one in tree
    }


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    parts = _relationships(archive, _document_part(archive)).values()
    part = next((part for kind, part in parts if kind.endswith("/sharedStrings")), None)
    return [] if part is None else [_text(item) for item in etree.fromstring(archive.read(part))]


def _text(item: Any) -> str:
    """Return the text of a string item, plain or in runs, without the reading aids of East Asian scripts."""
    return "".join(part.text or "" for part in item.iterfind("{*}t")) + "".join(
        part.text or "" for part in item.iterfind("{*}r/{*}t")
    )


def _sheet_values(archive: zipfile.ZipFile, part: str, strings: list[str]) -> SheetCells:
    cells = SheetCells()
    with archive.open(part) as stream:
        for _, row in etree.iterparse(stream, tag="{*}row"):
            for cell in row.iterfind("{*}c"):
                value = _value(cell, strings)
                if value is not None:
                    cells[cell.attrib["r"]] = value
            row.clear()
    return cells


def _value(cell: Any, strings: list[str]) -> Value:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell.find("{*}is"))
    stored = cell.find("{*}v")
    if stored is None:
        return None
    text = stored.text or ""
    if kind == "n":
        return float(text) if text else None
    if kind == "b":
        return text == "1"
    if kind == "e":
        return ErrorValue(text)
    return strings[int(text)] if kind == "s" else text


def convert(path: Path, folder: Path, target: str, timeout: float = 300) -> Path:
    """Have LibreOffice calculate a workbook anew and write it in another form, such as ``pdf:calc_pdf_Export``."""
    program = soffice()
    if program is None:
        raise EngineError("LibreOffice is not installed.")
    suffix = target.partition(":")[0]
    # One profile serves one LibreOffice at a time, and each test process has a profile of its own.
    with _one_at_a_time, tempfile.TemporaryDirectory(dir=_home()) as room:
        source = Path(room, "in", f"book{path.suffix}")
        made = Path(room, "out", f"book.{suffix}")
        source.parent.mkdir()
        shutil.copyfile(path, source)
        made.parent.mkdir()
        _give_to_worker(Path(room))
        output = _converted(program, source, made, target, timeout)
        if not made.exists():
            raise EngineError(f"LibreOffice made no {suffix} of {path.name}: {output.strip() or 'no message'}")
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(made, folder / f"{path.stem}.{suffix}"))


def _converted(program: str, source: Path, made: Path, target: str, timeout: float) -> str:
    """Convert a file, and return what LibreOffice said: in one that stays, where this machine can talk to it."""
    python = python_with_uno()
    if python is not None:
        said = _staying_office(program, python).convert(source, made, target, timeout)
        if made.exists():
            return said
        # It is asked again below, so that what one workbook does to it is not taken for a fault of the next.
        end_office()
    return _run(
        [*_command(program), "--convert-to", target, "--outdir", str(made.parent), str(source)],
        timeout,
    )


def _command(program: str) -> list[str]:
    return [
        *(program, "--headless", "--norestore", "--nologo", "--nolockcheck", "--nodefault"),
        f"-env:UserInstallation={(_home() / 'profile').as_uri()}",
    ]


class _Office:
    """A LibreOffice that stays for many workbooks: to start it takes longer than to calculate most of them."""

    def __init__(self, program: str, python: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.left = _BOOKS
        # Nothing of it may hold on to the output of the tests, whose reader would wait for it to end.
        self.office = _start(
            [*_command(program), f"--accept=socket,host=127.0.0.1,port={port};urp;"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.driver = subprocess.Popen(
            [python, str(_DRIVER), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def convert(self, source: Path, made: Path, target: str, timeout: float) -> str:
        """Convert a file, and return what went wrong; nothing is made where LibreOffice ended.

        Raises:
            EngineError: it took too long, and was ended.
        """
        self.left -= 1
        _, _, filter_and_options = target.partition(":")
        name, _, options = filter_and_options.partition(":")
        asked = {"source": source.as_uri(), "made": made.as_uri(), "filter": name, "options": options}
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self.end()

        timer = threading.Timer(timeout, give_up)
        timer.start()
        try:
            assert self.driver.stdin is not None
            assert self.driver.stdout is not None
            self.driver.stdin.write(json.dumps(asked) + "\n")
            self.driver.stdin.flush()
            line = self.driver.stdout.readline()
        except OSError:
            line = ""
        finally:
            timer.cancel()
            timer.join()
        if late.is_set():
            raise EngineError(f"LibreOffice was not done after {timeout:g} seconds and was ended.")
        return str(json.loads(line)) if line else "it ended"

    def is_fit(self) -> bool:
        return self.left > 0 and self.office.poll() is None and self.driver.poll() is None

    def end(self) -> None:
        self.driver.kill()
        self.driver.wait()
        _end(self.office)


_offices: list[_Office] = []


def _staying_office(program: str, python: str) -> _Office:
    if _offices and not _offices[0].is_fit():
        end_office()
    if not _offices:
        _offices.append(_Office(program, python))
    return _offices[0]


def end_office() -> None:
    """End the LibreOffice that stays, if there is one."""
    while _offices:
        _offices.pop().end()


@functools.cache
def _home() -> Path:
    """Return this process's own home folder for LibreOffice, made on first use and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="xl_qbs-libreoffice-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    atexit.register(end_office)
    settings = home / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(_PROFILE, encoding="utf-8")
    _give_to_worker(home)
    return home


def _as_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _give_to_worker(folder: Path) -> None:
    """Make a folder and all in it belong to the user that LibreOffice runs as."""
    if _as_root():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY)


def _start(command: Sequence[str], **outputs: int) -> subprocess.Popen[str]:
    user: dict[str, Any] = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if _as_root() else {}
    # A display or a session of the machine's user must not be looked for.
    keep = {name: text for name, text in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        cwd=_home(),
        env={**keep, "HOME": str(_home()), "SAL_USE_VCLPLUGIN": "svp"},
        start_new_session=True,
        text=True,
        errors="replace",
        **outputs,
        **user,
    )


def _run(command: Sequence[str], timeout: float) -> str:
    """Run LibreOffice to its end, or end it with every process that it started."""
    process = _start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise EngineError(f"LibreOffice was not done after {timeout:g} seconds and was ended.") from None
    finally:
        _end(process)
    return output


def _end(process: subprocess.Popen[str]) -> None:
    """End what is left of a process and its children: soffice is a script that starts two more."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
