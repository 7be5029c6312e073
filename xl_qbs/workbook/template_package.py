"""The package that openpyxl wrote, written again: with the stored values of formulas, and the same bytes each time.

openpyxl writes a formula without its value. Where nothing recalculates, as in Excel's protected view,
on a telephone or in a preview, all those cells would be empty.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import IO, BinaryIO

from xl_qbs.errors import OutputError
from xl_qbs.workbook.ahead import made_ahead
from xl_qbs.workbook.template_cells import Stored

# The empty value that openpyxl writes behind a formula; which of the three depends on its XML library.
_NO_VALUE = re.compile("</f><v(?:></v>| ?/>)")
_CHUNK = 1 << 20
_ROW_END = b"</row>"


def write_package(
    draft: BinaryIO,
    file: BinaryIO,
    *,
    drawings: Mapping[str, bytes],
    values: Mapping[str, Iterator[Stored] | None],
    progress: Callable[[float], None],
) -> None:
    """Write a package again with stored values, fixed dates and a fixed order.

    Args:
        draft: the package as openpyxl wrote it.
        file: where to write.
        drawings: parts to put in the place of those of the same name.
        values: the stored value of each formula, in the order in which they stand, by the name of the
            worksheet part; None to store none.
        progress: told the share of the work that is done, from 0 to 1.

    Raises:
        OutputError: a sheet is too large for a workbook.
    """
    with zipfile.ZipFile(draft) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        infos = sorted(old.infolist(), key=lambda info: _place(info.filename))
        total, done = sum(info.file_size for info in infos), 0
        for info in infos:
            name = info.filename
            try:
                with old.open(name) as part, new.open(_entry(name), "w") as copy:
                    for piece in made_ahead(_pieces(part, drawings.get(name), values, name)):
                        copy.write(piece)
                        done += len(piece)
                        progress(min(done / total, 1.0))
            except RuntimeError as error:
                # zipfile's word for a part of more than 2 GiB, which no spreadsheet program would open either.
                raise OutputError("A sheet of the template is too large: make one for fewer lists.") from error
    progress(1.0)


def _place(name: str) -> int:
    """Return where a part stands: first what says what the file is, then all else as it was."""
    return {"[Content_Types].xml": 0, "_rels/.rels": 1}.get(name, 2)


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an entry that is the same on every day and every system."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 0
    return entry


def _pieces(
    part: IO[bytes], drawing: bytes | None, values: Mapping[str, Iterator[Stored] | None], name: str
) -> Iterator[bytes]:
    if drawing is not None:
        yield drawing
    elif name in values:
        yield from _with_values(part, values[name])
    else:
        while piece := part.read(_CHUNK):
            yield piece


def _with_values(part: IO[bytes], stored: Iterator[Stored] | None) -> Iterator[bytes]:
    """Yield a worksheet part with a value in each formula's cell, so many whole rows at a time."""
    rest = b""
    while piece := part.read(_CHUNK):
        rows, end, rest = (rest + piece).rpartition(_ROW_END)
        if end:
            yield _filled((rows + end).decode(), stored).encode()
    yield rest
    if stored is not None and next(stored, None) is not None:
        raise ValueError("openpyxl wrote fewer formulas than it was given")


def _filled(rows: str, stored: Iterator[Stored] | None) -> str:
    pieces = _NO_VALUE.split(rows)
    if stored is None:
        return "</f>".join(pieces)
    out: list[str] = []
    for piece, (is_text, value) in zip(pieces[:-1], islice(stored, len(pieces) - 1), strict=True):
        if is_text:
            # The text of a formula is escaped: the last of these marks is its own tag.
            start = piece.rindex("><f")
            out += (piece[:start], ' t="str"', piece[start:])
        else:
            out.append(piece)
        out.append(f"</f><v>{value}</v>")
    out.append(pieces[-1])
    return "".join(out)
