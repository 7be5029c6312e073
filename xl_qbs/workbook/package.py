"""An Excel workbook as an archive of parts: opened, checked for harm and damage, never unpacked to disk."""

from __future__ import annotations

import hashlib
import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from lxml import etree

from xl_qbs.errors import (
    DamagedWorkbookError,
    DangerousWorkbookError,
    EncryptedWorkbookError,
    MissingFileError,
    NotAWorkbookError,
    StrictWorkbookError,
)
from xl_qbs.workbook.xml import DOCUMENT_RELATIONSHIPS, MAIN, parse

STRICT = "http://purl.oclc.org/ooxml/"

# A workbook that unpacks into more than this, in all, is refused.
MOST_UNPACKED = 1 << 30
# Large parts of honest workbooks are packed some 5 to 60 times; deflate cannot do better than about 1,030.
MOST_RATIO = 200
RATIO_COUNTS_FROM = 10 << 20

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_SPREADSHEET_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
    "application/vnd.ms-excel.sheet.macroenabled.main+xml",
    "application/vnd.ms-excel.template.macroenabled.main+xml",
    "application/vnd.ms-excel.addin.macroenabled.main+xml",
)
# What zipfile raises on archives that were cut off or tampered with.
_ZIP_ERRORS = (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, EOFError, OSError)
_RESAVE = "Open it in Excel, save it under a new name as .xlsx and use that file."


@dataclass(frozen=True)
class Relationship:
    """One relationship of a part.

    Attributes:
        id: its id within the part, such as ``rId1``.
        type: its type, a URI.
        target: the name of the part that it points to, or the address outside the file.
        external: True where the target is outside the file.
    """

    id: str
    type: str
    target: str
    external: bool


@dataclass(frozen=True)
class SheetEntry:
    """One sheet as the workbook lists it.

    Attributes:
        name: the name on its tab.
        part: the name of its part.
        state: ``visible``, ``hidden`` or ``veryHidden``.
        kind: ``worksheet``, ``chartsheet``, ``dialogsheet`` or ``xlMacrosheet``.
    """

    name: str
    part: str
    state: str
    kind: str


class Package:
    """A workbook's parts; made by `open_package`.

    Attributes:
        path: the file.
        data: the whole file, as it was when it was opened; everything is read from here.
        names: the parts' names in the archive's order, as the archive spells them.
        infos: the archive's entry for each of the names.
        workbook_part: the main part, usually ``xl/workbook.xml``.
        sheets: the sheets in the workbook's order.
    """

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        self.data = data
        self._archive = _open_archive(path, data)
        entries = [info for info in self._archive.infolist() if not info.is_dir()]
        self.infos = {info.filename: info for info in entries}
        self.names = tuple(info.filename for info in entries)
        _check_sizes(path, entries)
        # Part names are compared without regard to case; some writers use the backslash of Windows.
        self._by_key = {_key(name): name for name in self.names}
        self._types = self._content_types()
        self.workbook_part = self._find_workbook()
        self.sheets = self._sheets()

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive; nothing can be read from it afterwards."""
        self._archive.close()

    def __contains__(self, part: str) -> bool:
        return _key(part) in self._by_key

    def read(self, part: str) -> bytes:
        """Return the content of a part.

        Raises:
            DamagedWorkbookError: the part is not there, or cannot be unpacked.
            DangerousWorkbookError: the part unpacks into more than the archive says.
        """
        name = self._by_key.get(_key(part))
        if name is None:
            raise DamagedWorkbookError(f"{self.path.name} is damaged: the part {part} is missing. {_RESAVE}")
        return self._unpack(self.infos[name])

    def size(self, part: str) -> int:
        """Return the bytes that a part says it unpacks into; 0 where it is not there. It never unpacks into more."""
        name = self._by_key.get(_key(part))
        return 0 if name is None else self.infos[name].file_size

    def xml(self, part: str) -> Element:
        """Return the root element of a small XML part.

        Raises:
            DamagedWorkbookError: the part is missing or is not well-formed XML.
            DangerousWorkbookError: the part holds a document type or entities.
        """
        content = self.read(part)
        try:
            root: Element = fromstring(content, forbid_dtd=True)
        except DefusedXmlException:
            raise self.entities(part) from None
        except (ParseError, ValueError, LookupError) as error:
            raise DamagedWorkbookError(
                f"{self.path.name} is damaged: the part {part} is not proper XML ({error}). {_RESAVE}"
            ) from None
        return root

    def tree(self, part: str, content: bytes | None = None) -> Any:
        """Return the root of a part that is to be changed, or is large, by lxml.

        Args:
            part: its name.
            content: what stands in its place; else its own content.

        Raises:
            DamagedWorkbookError: the part is missing or is not well-formed XML.
            DangerousWorkbookError: the part holds a document type or entities.
        """
        try:
            root = parse(self.read(part) if content is None else content)
        except etree.XMLSyntaxError as error:
            raise DamagedWorkbookError(
                f"{self.path.name} is damaged: the part {part} is not proper XML ({error}). {_RESAVE}"
            ) from None
        if root.getroottree().docinfo.doctype:
            raise self.entities(part)
        return root

    def entities(self, part: str) -> DangerousWorkbookError:
        """Return the error for a part that declares a document type, which Excel never writes."""
        return DangerousWorkbookError(
            f"{self.path.name} is refused: the part {part} declares XML entities, which Excel never writes "
            "and which can be used to exhaust the memory. Ask the sender for a file saved by Excel."
        )

    def relationships(self, part: str) -> tuple[Relationship, ...]:
        """Return the relationships of a part, in order; of the whole file for an empty name.

        Raises:
            DamagedWorkbookError: the list of relationships is not well-formed XML.
            DangerousWorkbookError: it holds a document type or entities.
        """
        folder, base = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{base}.rels")
        if rels not in self:
            return ()
        found = []
        for element in self.xml(rels):
            if not isinstance(element.tag, str) or not element.tag.endswith("}Relationship"):
                continue
            target = element.get("Target", "")
            external = element.get("TargetMode", "") == "External"
            if not external:
                target = self._resolve(folder, target)
            found.append(Relationship(element.get("Id", ""), element.get("Type", ""), target, external))
        return tuple(found)

    def content_type(self, part: str) -> str:
        """Return the content type of a part, empty where none is given."""
        key = _key(part)
        return self._types.get("/" + key) or self._types.get(key.rpartition(".")[2], "")

    def _unpack(self, info: zipfile.ZipInfo) -> bytes:
        """Unpack one entry, never into more than it declares.

        zipfile stops at the declared size without a word, and other readers do not stop: so the stream
        is unpacked here, where both can be told apart.
        """
        damaged = DamagedWorkbookError(
            f"{self.path.name} is damaged: the part {info.filename} cannot be unpacked. {_RESAVE}"
        )
        if info.flag_bits & 0x1:
            raise EncryptedWorkbookError(_encrypted(self.path))
        header = self.data[info.header_offset : info.header_offset + 30]
        if len(header) < 30 or header[:4] != _ZIP_MAGIC[0]:
            raise damaged
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        start = info.header_offset + 30 + name_length + extra_length
        packed = self.data[start : start + info.compress_size]
        if info.compress_type == zipfile.ZIP_STORED:
            content = packed
        elif info.compress_type == zipfile.ZIP_DEFLATED:
            stream = zlib.decompressobj(-15)
            try:
                content = stream.decompress(packed, info.file_size + 1)
            except zlib.error:
                raise damaged from None
        else:
            raise damaged
        if len(content) > info.file_size:
            raise DangerousWorkbookError(
                f"{self.path.name} is refused: its part {info.filename} unpacks into more than the archive "
                "says, as a zip bomb does. Ask the sender for a file saved by Excel."
            )
        if len(content) < info.file_size or zlib.crc32(content) != info.CRC:
            raise damaged
        return content

    def _resolve(self, folder: str, target: str) -> str:
        """Return the part that a relationship's target names, spelled as in the archive where it is there."""
        bare = target.partition("#")[0].replace("\\", "/")
        name = posixpath.normpath(bare.lstrip("/") if bare.startswith("/") else posixpath.join(folder, bare))
        return self._by_key.get(_key(name)) or self._by_key.get(_key(unquote(name))) or name

    def _content_types(self) -> dict[str, str]:
        """Return content types by part (``/xl/workbook.xml``) and by extension (``xml``), in lower case."""
        part = "[Content_Types].xml"
        if part not in self:
            raise NotAWorkbookError(_other_archive(self.path, self.names))
        types = {}
        for element in self.xml(part):
            key = element.get("PartName") or element.get("Extension") or ""
            types[key.casefold()] = element.get("ContentType", "").casefold()
        return types

    def _find_workbook(self) -> str:
        main = [one for one in self.relationships("") if one.type.endswith("/officeDocument")]
        if not main:
            raise NotAWorkbookError(_other_archive(self.path, self.names))
        part = main[0].target
        kind = self.content_type(part)
        if kind not in _SPREADSHEET_TYPES:
            raise NotAWorkbookError(_other_document(self.path, kind, self.names))
        if main[0].type.startswith(STRICT) or self._root_namespace(part).startswith(STRICT):
            raise StrictWorkbookError(
                f"{self.path.name} is in the strict Open XML form. Open it in Excel, choose Save As and the "
                "type 'Excel Workbook (*.xlsx)', not 'Strict Open XML Spreadsheet', and use that file."
            )
        return part

    def _root_namespace(self, part: str) -> str:
        return self.xml(part).tag.rpartition("}")[0].lstrip("{")

    def _sheets(self) -> tuple[SheetEntry, ...]:
        root = self.xml(self.workbook_part)
        by_id = {one.id: one for one in self.relationships(self.workbook_part)}
        sheets = []
        for element in root.iterfind(f"{{{MAIN}}}sheets/{{{MAIN}}}sheet"):
            name = element.get("name", "")
            relationship = by_id.get(element.get(f"{{{DOCUMENT_RELATIONSHIPS}}}id", ""))
            if relationship is None or relationship.external or relationship.target not in self:
                raise DamagedWorkbookError(
                    f"{self.path.name} is damaged: the content of the sheet '{name}' is missing. {_RESAVE}"
                )
            kind = relationship.type.rpartition("/")[2]
            sheets.append(SheetEntry(name, relationship.target, element.get("state", "visible"), kind))
        if not sheets:
            raise DamagedWorkbookError(f"{self.path.name} is damaged: it lists no sheets. {_RESAVE}")
        return tuple(sheets)


def open_package(path: str | Path) -> Package:
    """Open a workbook (.xlsx, .xlsm) and check it.

    The content types and the main part are found through ``_rels/.rels``. Sizes are checked here for the
    whole archive, and once more for each part when it is read.

    Raises:
        WorkbookError: there is no such file, it is a folder, or it may not be read.
        NotAWorkbookError: it is something else: an old .xls, .xlsb, .ods, .docx, text, an empty file.
        EncryptedWorkbookError: it needs a password to open.
        DamagedWorkbookError: its archive or XML is damaged.
        StrictWorkbookError: it is in the strict form of OOXML.
        DangerousWorkbookError: it would unpack into far too much, or holds XML entities.
    """
    path = Path(path)
    return package_from(path, read_file(path))


def package_from(path: Path, data: bytes) -> Package:
    """Open a workbook whose bytes were read already, as `open_package` does."""
    if not data.startswith(_ZIP_MAGIC):
        _refuse_other(path, data)
    return Package(path, data)


def read_file(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        WorkbookError: there is no such file, it is a folder, or it may not be read.
        NotAWorkbookError: it is empty, or too large.
    """
    try:
        if path.is_dir():
            raise MissingFileError(f"{path} is a folder. Name the workbook inside it.")
        size = path.stat().st_size
        if size > MOST_UNPACKED:
            raise NotAWorkbookError(f"{path.name} is larger than 1 GiB. No workbook of the fund is that large.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise MissingFileError(f"There is no file {path}. Check the name and the folder.") from None
    except PermissionError:
        raise MissingFileError(
            f"{path} may not be read. Close it in Excel, or ask whoever owns it for the right to read it."
        ) from None
    except (OSError, ValueError) as error:
        raise MissingFileError(f"{path} cannot be read ({error}). Copy it to this computer and try again.") from None
    if not data:
        raise NotAWorkbookError(f"{path.name} is empty (0 bytes). Ask for the file again.")
    return data


def looks_like_archive(data: bytes) -> bool:
    """Return whether the bytes begin as a workbook of any kind does, rather than as a text."""
    return data.startswith((*_ZIP_MAGIC, _OLE_MAGIC))


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()


def _open_archive(path: Path, data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except _ZIP_ERRORS:
        raise DamagedWorkbookError(
            f"{path.name} is damaged: its archive is incomplete, as after a broken download or copy. "
            "Get the file again, or let Excel repair it (Open > Open and Repair)."
        ) from None


def _check_sizes(path: Path, entries: Iterable[zipfile.ZipInfo]) -> None:
    total = 0
    seen: set[str] = set()
    for info in entries:
        total += info.file_size
        if _key(info.filename) in seen:
            raise DangerousWorkbookError(
                f"{path.name} is refused: it holds the part {info.filename} twice, so that two programs may "
                "see different numbers in it. Open it in Excel, check it, and save it under a new name."
            )
        seen.add(_key(info.filename))
        if info.file_size > RATIO_COUNTS_FROM and info.file_size > MOST_RATIO * max(info.compress_size, 1):
            raise DangerousWorkbookError(
                f"{path.name} is refused: its part {info.filename} is packed "
                f"{info.file_size // max(info.compress_size, 1)} times, as in a zip bomb. "
                "Delete empty formatted rows and columns in Excel, save it and try again."
            )
    if total > MOST_UNPACKED:
        raise DangerousWorkbookError(
            f"{path.name} is refused: it would unpack into {total / (1 << 30):.1f} GiB; 1 GiB is the most. "
            "Copy the sheet with the table into a workbook of its own."
        )


def _encrypted(path: Path) -> str:
    return (
        f"{path.name} is protected with a password to open. Open it in Excel, remove the password "
        "(File > Info > Protect Workbook > Encrypt with Password), save it and try again."
    )


def _refuse_other(path: Path, data: bytes) -> None:
    """Raise the error for a file that is no archive, naming what it seems to be."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(_OLE_MAGIC):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise EncryptedWorkbookError(_encrypted(path))
        if any(name.encode("utf-16-le") + b"\0\0" in data for name in ("Workbook", "Book")):
            raise NotAWorkbookError(
                f"{path.name} is a workbook of the old kind (.xls). Open it in Excel and save it as .xlsx."
            )
        what = "is an old Office document, not a workbook"
    elif path.name.startswith("~$"):
        what = "is the lock file that Excel keeps while a workbook is open; name the workbook itself"
    elif head.startswith(b"%pdf"):
        what = "is a PDF file; ask for the workbook from which it was printed"
    elif b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        what = "is an XML spreadsheet of Excel 2003; open it in Excel and save it as .xlsx"
    elif head.startswith((b"<!doctype html", b"<html", b"<table")) or b"<html" in head:
        what = "is a web page under the name of a workbook; open it in Excel and save it as .xlsx"
    elif b"\0" not in data[:4096] or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        what = "is plain text, not a workbook; if it is a table of values, name it .csv"
    else:
        what = "is not a workbook; export the table from Excel as .xlsx or .csv"
    raise NotAWorkbookError(f"{path.name} {what}.")


def _other_archive(path: Path, names: Iterable[str]) -> str:
    """Return the sentence on an archive without the parts of an Office document."""
    keys = {_key(name) for name in names}
    if "content.xml" in keys and "mimetype" in keys:
        return f"{path.name} is an OpenDocument file (.ods). Open it in Excel and save it as .xlsx."
    if "index.zip" in keys or any(key.endswith(".iwa") for key in keys):
        return f"{path.name} is a Numbers file of Apple. Export it as Excel (.xlsx)."
    return f"{path.name} is a zip archive, not a workbook. If the workbook is inside it, unpack it first."


def _other_document(path: Path, kind: str, names: Iterable[str]) -> str:
    if "sheet.binary" in kind:
        return f"{path.name} is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx."
    if "wordprocessingml" in kind or "ms-word" in kind:
        return f"{path.name} is a Word document. Save its table as an Excel workbook (.xlsx)."
    if "presentationml" in kind or "ms-powerpoint" in kind:
        return f"{path.name} is a PowerPoint presentation. Save its table as an Excel workbook (.xlsx)."
    if any(_key(name).startswith("xl/") for name in names):
        return f"{path.name} does not say that it is a workbook (its main part has the type {kind!r}). {_RESAVE}"
    return f"{path.name} is an Office document, but no workbook. Save its table as an Excel workbook (.xlsx)."
