"""Pieces made ahead: all of them, in order, and whatever goes wrong comes out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from xl_qbs.workbook.ahead import made_ahead


def test_pieces_come_in_order() -> None:
    pieces = [str(number).encode() for number in range(1000)]
    assert list(made_ahead(iter(pieces))) == pieces


def test_nothing_comes_of_nothing() -> None:
    assert list(made_ahead(iter([]))) == []


def test_an_empty_piece_is_no_end() -> None:
    assert list(made_ahead(iter([b"", b"a", b""]))) == [b"", b"a", b""]


@pytest.mark.parametrize("error", [ValueError("made wrong"), MemoryError(), KeyboardInterrupt()])
def test_what_the_maker_raises_is_raised_here(error: BaseException) -> None:
    def make() -> Iterator[bytes]:
        yield b"a"
        raise error

    found = made_ahead(make())
    assert next(found) == b"a"
    with pytest.raises(type(error)) as caught:
        next(found)
    assert caught.value is error


def test_the_maker_ends_when_nobody_wants_more() -> None:
    made = []

    def make() -> Iterator[bytes]:
        for number in range(10_000):
            made.append(number)
            yield b"x"

    before = threading.active_count()
    pieces = made_ahead(make())
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    assert len(made) < 100


def test_the_maker_does_not_run_far_ahead_of_a_slow_disk() -> None:
    made = []

    def make() -> Iterator[bytes]:
        for number in range(100):
            made.append(number)
            yield b"x"

    pieces = made_ahead(make())
    next(pieces)
    time.sleep(0.3)
    assert 2 <= len(made) <= 20
    assert sum(1 for _ in pieces) == 99
