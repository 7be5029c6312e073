"""Printing by LibreOffice, in batches."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from xl_qbs.errors import OutputError
from xl_qbs.sheets.model import Book
from xl_qbs.workbook import libreoffice, pdf
from xl_qbs.workbook.libreoffice import find_libreoffice
from xl_qbs.workbook.one_sheet import OneSheetWriter


def pages(folder: Path, names: list[str]) -> list[tuple[Path, Path]]:
    pairs = []
    for number, name in enumerate(names):
        book = Book(prefix="")
        book.add(book.sheet("Page"), "x", (1, 1), np.array([float(number)]))
        OneSheetWriter().write(book, folder / f"{name}.xlsx")
        pairs.append((folder / f"{name}.xlsx", folder / f"{name}.pdf"))
    return pairs


@pytest.mark.libreoffice
def test_workbooks_are_printed_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "BATCH", 2)
    program = find_libreoffice()
    assert program is not None
    pairs = pages(tmp_path, ["Õ 1", "-x", "a,b"])
    places: list[int] = []
    shares: list[float] = []
    pdf.print_workbooks(program, pairs, printed=places.append, progress=shares.append)
    assert places == [0, 1, 2]
    assert all(share <= 1 for share in shares)
    for _, target in pairs:
        assert target.read_bytes().startswith(b"%PDF")


@pytest.mark.skipif(sys.platform == "win32", reason="a program made of a few lines of shell")
@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("exit 1", "did not print all of them: 0 of 2"),
        ('echo x > "$PWD/out/0.pdf"', "did not print all of them: 1 of 2"),
        ("sleep 60", "took too long"),
    ],
)
def test_a_libreoffice_that_fails_is_an_error(
    does: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "_START", 0.5)
    monkeypatch.setattr(pdf, "_EACH", 0.1)
    # Where the user that LibreOffice runs as may read it.
    tmp_path.chmod(0o755)
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setattr(libreoffice, "_as_root", lambda: False)
    with pytest.raises(OutputError, match=said):
        pdf.print_workbooks(str(program), pages(tmp_path, ["a", "b"]))
    assert not list(tmp_path.glob("*.pdf"))


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be started"):
        pdf.print_workbooks(str(tmp_path / "none"), pages(tmp_path, ["a"]))
