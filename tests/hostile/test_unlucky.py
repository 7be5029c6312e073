"""Files and folders on a bad day: full disks, folders and files that may not be written, odd names, odd workbooks."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.compare import parts_of, sheet_parts, values
from tests.hostile.box import DONE, REFUSED, Box, Boxed, assert_clear, refusal
from tests.hostile.graft import graft, table_rows
from tests.hostile.seeds import Seed, write_scheme
from tests.workbook.builders import edit_parts, write_xlsx

NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path, sound: dict[str, Seed]) -> Path:
    """Return a folder with a workbook and its scheme."""
    write_scheme(tmp_path / "scheme.csv")
    shutil.copyfile(sound["wide"].path, tmp_path / "in.xlsx")
    return tmp_path


def _score(box: Box, folder: Path, *words: object, **others: Any) -> Boxed:
    given = words or ("in.xlsx", "-o", "out.xlsx")
    told = box.run(("score", *given, "--scheme", "scheme.csv"), folder, **others)
    assert_clear(told, words)
    return told


def _names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


# Where it is written


@pytest.mark.parametrize("largest", [4096, 40_000])
@pytest.mark.parametrize("before", [None, b"an earlier result"])
def test_a_disk_that_is_full(box: Box, folder: Path, largest: int, before: bytes | None) -> None:
    """A file may not grow beyond a limit, which Linux tells as it tells a full disk: in the midst of writing."""
    if before is not None:
        (folder / "out.xlsx").write_bytes(before)
    there = _names(folder)
    told = _score(box, folder, largest_file=largest, prepare="tests.hostile.test_unlucky.without_signal")
    assert told.status == REFUSED
    assert "out.xlsx could not be written (File too large); nothing was changed." in refusal(told)
    assert _names(folder) == there
    assert before is None or (folder / "out.xlsx").read_bytes() == before


def without_signal() -> None:
    """Have a file that grows too large be an error, as on a full disk, and not the end of the process."""
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of 64 KiB; only root can make one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], check=False, capture_output=True
        ).returncode
    )
    if not made:
        pytest.skip("a small disk can only be made by root, where it may mount")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there is no such user")
def test_a_small_disk(box: Box, folder: Path, small_disk: Path) -> None:
    told = _score(box, folder, "in.xlsx", "-o", small_disk / "out.xlsx")
    assert told.status == REFUSED
    assert "No space left on device" in refusal(told)
    assert _names(small_disk) == []


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that every user may read, unlike those that pytest makes."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user to be refused")
def test_a_folder_where_one_may_not_write(box: Box, folder: Path, open_folder: Path) -> None:
    for name in ("in.xlsx", "scheme.csv"):
        shutil.copyfile(folder / name, open_folder / name)
    folder = open_folder
    place = folder / "theirs"
    place.mkdir(mode=0o555)
    told = _score(box, folder, "in.xlsx", "-o", "theirs/out.xlsx", user=NOBODY)
    assert told.status == REFUSED
    assert "cannot be written: close it if it is open in Excel" in refusal(told)
    assert _names(place) == []
    beside = _score(box, folder, "in.xlsx", user=NOBODY)
    assert (beside.status, "choose a folder where you may write with -o" in beside.err) == (REFUSED, True)
    (folder / "in.xlsx").chmod(0o600)
    unread = box.run(("check", "in.xlsx"), folder, user=NOBODY)
    assert unread.status != DONE
    assert "in.xlsx" in unread.err
    assert_clear(unread)


@pytest.mark.parametrize("moment", ["before", "at the end"])
def test_open_in_excel(folder: Path, monkeypatch: pytest.MonkeyPatch, run: Any, moment: str) -> None:
    """On Windows a file that Excel has open may neither be opened nor replaced."""
    (folder / "out.xlsx").write_bytes(b"an earlier result")
    there = _names(folder)

    def locked(self: Path, target: Path) -> None:
        raise PermissionError(errno.EACCES, "The process cannot access the file", str(target))

    if moment == "at the end":
        monkeypatch.setattr(Path, "replace", locked)
        told = run("score", folder / "in.xlsx", "--scheme", folder / "scheme.csv", "-o", folder / "out.xlsx")
    else:
        monkeypatch.setattr(Path, "read_bytes", lambda self: locked(self, self))
        told = run("score", folder / "in.xlsx", "-o", folder / "out.xlsx")
    monkeypatch.undo()
    assert told.status == REFUSED
    assert re.search("(close it if it is open|Close it) in Excel", told.err)
    assert _names(folder) == there
    assert (folder / "out.xlsx").read_bytes() == b"an earlier result"


def test_the_lock_file_of_excel(box: Box, folder: Path) -> None:
    """A workbook that is open in Excel is read as it was last saved; its lock file is no workbook."""
    (folder / "~$in.xlsx").write_bytes(b"\x05Fund " + bytes(159))
    assert _score(box, folder).status == DONE
    told = box.run(("check", "~$in.xlsx"), folder)
    assert (told.status, "is the lock file that Excel keeps" in told.err) == (REFUSED, True)


@pytest.mark.parametrize(
    "name",
    [
        "Haigekassa andmed 2020 (õäöü).xlsx",
        "šokk ja žest.xlsx",
        "-o.xlsx",
        "a'b\"c.xlsx",
        "a;b&c $HOME %PATH%.xlsx",
        "{0} {name}.xlsx",
        "näitaja\u0301.xlsx",
        "\u202egnissim.xlsx",
        "=1+1.xlsx",
        "[bold]x.xlsx",
        "x" * 240 + ".xlsx",
    ],
)
def test_odd_names(box: Box, folder: Path, name: str) -> None:
    place = folder / "Perearstid õ ä"
    place.mkdir()
    source = place / name
    (folder / "in.xlsx").rename(source)
    told = _score(box, folder, source, "-o", place / f"tulemus {name[:40].removesuffix('.xlsx')}.xlsx")
    assert told.status == DONE, told.err
    made = next(one for one in place.iterdir() if one.name.startswith("tulemus"))
    assert "QBS About" in values(made)
    audited = box.run(("audit", made, "--recalculate", "none"), folder)
    assert audited.status == DONE, audited.out


# Workbooks that are unlike most


def _edited(folder: Path, *pairs: tuple[str, bytes, bytes]) -> None:
    def edit(part: str, content: bytes) -> bytes:
        for name, old, new in pairs:
            if name == part:
                assert old in content, (part, old)
                content = content.replace(old, new)
        return content

    edit_parts(folder / "in.xlsx", folder / "edited.xlsx", edit)
    (folder / "edited.xlsx").replace(folder / "in.xlsx")


def _scored_and_audited(box: Box, folder: Path, engine: str = "ironcalc") -> Boxed:
    told = _score(box, folder)
    assert told.status == DONE, told.err
    audited = box.run(("audit", "out.xlsx", "--recalculate", engine), folder, seconds=30)
    assert audited.status == DONE, audited.out
    return told


def test_protected_structure(box: Box, folder: Path) -> None:
    lock = b'<workbookProtection workbookPassword="CC1A" lockStructure="1"/>'
    _edited(folder, ("xl/workbook.xml", b"<bookViews>", lock + b"<bookViews>"))
    _scored_and_audited(box, folder)
    assert lock in parts_of(folder / "out.xlsx")["xl/workbook.xml"]


def test_dates_from_1904(box: Box, folder: Path) -> None:
    _edited(folder, ("xl/workbook.xml", b"<workbookPr ", b'<workbookPr date1904="1" '))
    _scored_and_audited(box, folder)


def test_neither_shared_strings_nor_styles(box: Box, folder: Path) -> None:
    source = graft(folder / "in.xlsx", folder / "more.xlsx", sheet="Tabel")

    def edit(part: str, content: bytes) -> bytes | None:
        if part in ("xl/styles.xml", "xl/sharedStrings.xml", "xl/theme/theme1.xml"):
            return None
        if part.startswith("xl/worksheets/"):
            # Only the sheet that was put in is left with cells.
            return re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData/>", content, flags=re.DOTALL)
        for kind in (b"styles", b"sharedStrings", b"theme"):
            content = re.sub(rb"<(Relationship|Override) [^>]*" + kind + rb"[^>]*>", b"", content)
        return content

    edit_parts(source, folder / "in.xlsx", edit)
    # IronCalc does not open what was put in here, before it is scored or after.
    _scored_and_audited(box, folder, "none")


def test_macros_that_are_signed(box: Box, folder: Path) -> None:
    """The macros and their signature, which is about nothing but them, stay byte for byte."""
    kinds = {b"vbaProject": b"\xd0\xcf\x11\xe0macros", b"vbaProjectSignature": b"a signature"}
    types = b"".join(
        b'<Override PartName="/xl/%s.bin" ContentType="application/vnd.ms-office.%s"/>' % (one, one) for one in kinds
    )
    kind = b"http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    link = b'<Relationship Id="rIdM" Type="%s" Target="vbaProject.bin"/>' % kind
    plain, macros = b"spreadsheetml.sheet.main+xml", b"macroEnabled.main+xml"
    _edited(
        folder,
        ("[Content_Types].xml", b"</Types>", types + b"</Types>"),
        ("[Content_Types].xml", b"openxmlformats-officedocument." + plain, b"ms-excel.sheet." + macros),
        ("xl/_rels/workbook.xml.rels", b"</Relationships>", link + b"</Relationships>"),
    )
    with zipfile.ZipFile(folder / "in.xlsx", "a") as archive:
        for name, content in kinds.items():
            archive.writestr(f"xl/{name.decode()}.bin", content)
    (folder / "in.xlsx").rename(folder / "in.xlsm")
    refused = _score(box, folder, "in.xlsm", "-o", "out.xlsx")
    assert "must end in .xlsm because it holds macros" in refused.err
    assert _score(box, folder, "in.xlsm", "-o", "out.xlsm").status == DONE
    after = parts_of(folder / "out.xlsm")
    assert {name: after[f"xl/{name.decode()}.bin"] for name in kinds} == kinds


def test_a_signed_workbook_is_told_that_its_signature_ends(box: Box, folder: Path) -> None:
    signed = (
        b'<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/'
        b'origin" Target="_xmlsignatures/origin.sigs"/>'
    )
    _edited(folder, ("_rels/.rels", b"</Relationships>", signed + b"</Relationships>"))
    told = _score(box, folder)
    assert told.status == DONE
    assert "digitally signed" in told.err
    assert "digitally signed" in box.run(("check", "in.xlsx", "--scheme", "scheme.csv"), folder).err


def test_very_long_names(box: Box, folder: Path) -> None:
    rows = table_rows()
    long = ["N" + "õ" * 200, "x" * 5_000, "y" * 32_767]
    for row, name in zip(rows[1:], long, strict=False):
        row[0] = name
    write_xlsx(folder / "in.xlsx", {"Ä" * 31: rows})
    told = _scored_and_audited(box, folder)
    assert len(told.err) < 20_000
    stored = values(folder / "out.xlsx")
    assert set(long) <= set(stored["QBS Scores"].values())


def test_sheets_that_are_called_like_ours(box: Box, folder: Path) -> None:
    """They are the fund's: they stay, and ours get other names, in both languages and in a second run too."""
    ours = ["QBS About", "qbs scores", "QBS Coverage", "QBS Charts", "QBS Checks", "QBS Teave", "QBS Scores 2"]
    write_xlsx(folder / "in.xlsx", {"Andmed": table_rows(), **{name: [[f"own {name}"]] for name in ours}})
    _scored_and_audited(box, folder)
    first = values(folder / "out.xlsx")
    for name in ours:
        assert first[name]["A1"] == f"own {name}"
    assert _score(box, folder, "out.xlsx", "--sheet", "Andmed", "-o", "again.xlsx").status == DONE
    assert list(sheet_parts(folder / "again.xlsx")) == list(sheet_parts(folder / "out.xlsx"))
    assert _score(box, folder, "in.xlsx", "--language", "et", "-o", "et.xlsx").status == DONE
    assert values(folder / "et.xlsx")["QBS Teave"]["A1"] == "own QBS Teave"


def test_an_earlier_runs_sheets_are_replaced(box: Box, folder: Path) -> None:
    assert _score(box, folder, "in.xlsx", "-o", "one.xlsx").status == DONE
    assert _score(box, folder, "one.xlsx", "-o", "two.xlsx", "--language", "et").status == DONE
    names = list(sheet_parts(folder / "two.xlsx"))
    assert "QBS Teave" in names
    assert "QBS About" not in names
    assert box.run(("audit", "two.xlsx", "--recalculate", "none"), folder).status == DONE
