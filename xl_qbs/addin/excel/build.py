"""Builds ``xl_qbs.xlam``, on any system: same sources, same bytes."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from xl_qbs.addin.definition import Function
from xl_qbs.addin.excel import ovba, package, texts, vba
from xl_qbs.addin.excel.errors import AddinFileError, MissingPackageError, XlwingsVersionError

# The version whose DLL the add-in loads by name and whose server it talks to; pyproject.toml pins the same.
XLWINGS = "0.37.8"

# xlwings' own example of an add-in with a ribbon: a project with the references that ours needs, too.
_TEMPLATE = "quickstart_addin_ribbon.xlam"
# Modules of the template that have no place in ours. The one named xlwings lets a cell of any open
# workbook run Python text (RunPython is a public function), so ours goes without; see QbsPython.
_DROPPED = ("xlwings", "RibbonMyAddin", "Dictionary")
_OLD_NAME, _NAME = "MyAddin", "xl_qbs"


def build_addin(output: Path, functions: Sequence[Function] | None = None) -> Path:
    """Write the add-in and return where it is.

    Args:
        output: the file, by custom ``xl_qbs.xlam``; one that is there is replaced.
        functions: the functions that it has; None takes the catalogue.

    Raises:
        MissingPackageError: xlwings or pyOpenVBA is not installed.
        XlwingsVersionError: another version of xlwings is installed.
        AddinFileError: the file cannot be written, or does not end in ``.xlam``.
    """
    if output.suffix.lower() != ".xlam":
        raise AddinFileError(f"{output} must end in .xlam, or Excel will not take it for an add-in.")
    content = addin_bytes(functions)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AddinFileError(f"{output} cannot be written ({reason}). If Excel has it open, close Excel.") from error
    return output


def addin_bytes(functions: Sequence[Function] | None = None) -> bytes:
    """Return the add-in as the bytes of its file; see `build_addin`."""
    if functions is None:
        from xl_qbs.addin.catalogue import FUNCTIONS  # noqa: PLC0415  (everything that scores; a test needs a few only)

        functions = FUNCTIONS
    _check_packages()
    template = package.read_zip(_template())
    contents = package.parts(template, texts.settings(XLWINGS), texts.texts(functions))
    contents[package.VBA_PART] = _project(vba.modules(functions, XLWINGS))
    return package.write_zip(contents)


def _check_packages() -> None:
    for name in ("xlwings", "pyOpenVBA"):
        try:
            installed = version(name)
        except PackageNotFoundError:
            raise MissingPackageError(f"{name} is not installed: pip install 'xl_qbs[excel]'.") from None
        if name == "xlwings" and installed != XLWINGS:
            raise XlwingsVersionError(
                f"The add-in is made for xlwings {XLWINGS}, but {installed} is installed: "
                f"pip install xlwings=={XLWINGS}."
            )


def _template() -> Path:
    # Found without importing xlwings, which starts a good deal on Windows.
    return Path(str(distribution("xlwings").locate_file(f"xlwings/{_TEMPLATE}")))


def _project(modules: dict[str, str]) -> bytes:
    """Return the Visual Basic project with these modules and the template's sheet."""
    try:
        from pyopenvba import ExcelFile, VBAModuleKind  # noqa: PLC0415  (only building needs it)
    except ImportError as error:
        remedy = "Run: pip install --force-reinstall pyOpenVBA"
        raise MissingPackageError(f"pyOpenVBA cannot be loaded ({error}). {remedy}") from error

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "project.xlam"
        path.write_bytes(_template().read_bytes())
        with ExcelFile(path) as book:
            project = book.vba_project()
            for name in _DROPPED:
                project.delete_module(name)
            # Forms, which ours has none of; a reference that Windows cannot resolve stops all macros.
            book.remove_reference("MSForms")
            for name, text in modules.items():
                if name == "ThisWorkbook":
                    project.get_module(name).body = text
                else:
                    kind = VBAModuleKind.other if name == "QbsPython" else VBAModuleKind.standard
                    project.add_module(name, text, kind=kind)
            book.save(path)
        raw = package.read_zip(path)[package.VBA_PART]
    return _mended(raw)


def _mended(project: bytes) -> bytes:
    """Return the project under our name, with every stream compressed by `ovba`.

    pyOpenVBA may end a stream as [MS-OVBA] forbids, and leaves an empty line among the windows in PROJECT.
    """
    from pyopenvba.cfb import CFB  # noqa: PLC0415  (only building needs it)
    from pyopenvba.vba import decompress, parse_vba_project  # noqa: PLC0415

    container = CFB.from_bytes(project)
    for module in parse_vba_project(container).modules:
        stream = container.get_stream_in_storage("VBA", module.stream_name)
        kept = stream[: module.text_offset]  # what Office stored before the text, by which dir knows its place
        text = decompress(stream[module.text_offset :])
        container.write_stream_in_storage("VBA", module.stream_name, kept + ovba.compress(text))
    directory = decompress(container.get_stream_in_storage("VBA", "dir"))
    container.write_stream_in_storage("VBA", "dir", ovba.compress(_renamed(directory)))
    text = container.get_stream("PROJECT").decode("cp1252")
    head, workspace = text.replace(f'Name="{_OLD_NAME}"', f'Name="{_NAME}"').split("[Workspace]")
    lines = [line for line in workspace.splitlines() if line]
    container.write_stream("PROJECT", "\r\n".join([f"{head}[Workspace]", *lines, ""]).encode("cp1252"))
    return bytes(container.to_bytes())


def _renamed(directory: bytes) -> bytes:
    """Return the dir stream with the name of the project changed (PROJECTNAME, [MS-OVBA] 2.3.4.2.1.6)."""

    def record(name: str) -> bytes:
        return struct.pack("<HI", 0x0004, len(name)) + name.encode("ascii")

    if directory.count(record(_OLD_NAME)) != 1:
        raise XlwingsVersionError("The template of the installed xlwings is another one than expected.")
    return directory.replace(record(_OLD_NAME), record(_NAME))
