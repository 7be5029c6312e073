"""Making the next pieces of a part while the last ones are packed and written."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

# Pieces that may wait at a time, so that a slow disk does not fill the memory.
_WAITING = 8


def made_ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces in order, the next ones being made in a thread of their own.

    Packing lets go of Python's lock, so on two processors the two go on side by side. What the
    maker raises is raised here.
    """
    waiting: queue.Queue[bytes | BaseException | None] = queue.Queue(_WAITING)
    stopped = threading.Event()

    def make() -> None:
        end: BaseException | None = None
        try:
            for piece in pieces:
                if not _put(waiting, piece, stopped):
                    return
        except BaseException as error:
            end = error
        _put(waiting, end, stopped)

    maker = threading.Thread(target=make, daemon=True)
    maker.start()
    try:
        while (piece := waiting.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        stopped.set()
        maker.join()


def _put(
    waiting: queue.Queue[bytes | BaseException | None], piece: bytes | BaseException | None, stopped: threading.Event
) -> bool:
    """Put a piece, and return whether anybody still wants it."""
    while not stopped.is_set():
        try:
            waiting.put(piece, timeout=0.1)
        except queue.Full:
            continue
        return True
    return False
