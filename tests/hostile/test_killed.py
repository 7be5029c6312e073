"""A run that is killed: what it read is as it was, and what it writes is not there or there whole."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

from tests.compare import parts_of
from tests.hostile.box import DONE, Box
from tests.hostile.seeds import Seed, write_scheme
from xl_qbs.workbook.package import open_package

SLOW = os.environ.get("XL_QBS_SLOW") == "1"
MOMENTS = 200 if SLOW else 50
EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}


def test_killed_at_any_moment(box: Box, sound: dict[str, Seed], tmp_path: Path) -> None:
    """The moments are drawn from a seed, over the time that a whole run takes and a little more."""
    source, scheme = tmp_path / "in.xlsx", write_scheme(tmp_path / "scheme.csv")
    source.write_bytes(sound["wide"].path.read_bytes())
    before = source.read_bytes()
    folder = tmp_path / "out"
    folder.mkdir()
    output = folder / "out.xlsx"
    words = ("score", source, "--scheme", scheme, "-o", output)
    whole = box.run(words, tmp_path, environment=EPOCH)
    assert whole.status == DONE, whole.err
    expected = parts_of(output)
    output.unlink()
    draw = random.Random(2019)
    ends = {"killed": 0, "done": 0, "begun": 0}
    for number in range(MOMENTS):
        # Every other one writes over an earlier result.
        old = b"an earlier result" if number % 2 else None
        if old is not None:
            output.write_bytes(old)
        told = box.run(words, tmp_path, environment=EPOCH, kill_after=draw.uniform(0, 1.15) * whole.seconds)
        assert told.status in (DONE, -signal.SIGKILL), told.err
        ends["done" if told.status == DONE else "killed"] += 1
        assert source.read_bytes() == before
        if output.exists() and (old is None or output.read_bytes() != old):
            assert parts_of(output) == expected
        else:
            assert told.status == -signal.SIGKILL
        left = sorted(one.name for one in folder.iterdir() if one != output)
        # What was begun is under a name that no program takes for a workbook.
        assert all(name.startswith(".out-") and name.endswith(".part") for name in left), left
        ends["begun"] += len(left)
        for name in left:
            (folder / name).unlink()
        output.unlink(missing_ok=True)
    assert ends["killed"] > MOMENTS / 3
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in.xlsx", "out", "scheme.csv"]


def test_what_was_left_behind_is_in_nobodys_way(box: Box, sound: dict[str, Seed], tmp_path: Path) -> None:
    scheme = write_scheme(tmp_path / "scheme.csv")
    (tmp_path / "in.xlsx").write_bytes(sound["wide"].path.read_bytes())
    (tmp_path / ".in_qbs-abc.part").write_bytes(b"half a workbook")
    assert box.run(("score", "in.xlsx", "--scheme", scheme), tmp_path).status == DONE
    with open_package(tmp_path / "in_qbs.xlsx") as package:
        assert len(package.sheets) > 5
    assert (tmp_path / ".in_qbs-abc.part").read_bytes() == b"half a workbook"
