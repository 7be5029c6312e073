"""TOML that somebody else has written, read within bounds."""

from __future__ import annotations

import re
import tomllib
from typing import Any

_LONGEST = 1 << 20
# The memory that tomllib takes for a name of n parts (a.b.c) grows with n times n; nothing of ours has more than 3.
_MOST_PARTS = 100
_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_MANY_PARTS = re.compile(rf"(?<![\w-])(?:{_PART}[ \t]*+\.[ \t]*+){{{_MOST_PARTS}}}")


def toml_values(text: str) -> dict[str, Any]:
    """Return the values of a TOML file; a strange one costs neither much memory nor another kind of failure.

    Raises:
        tomllib.TOMLDecodeError: it is no TOML or over a million characters, names or values are nested too deep, or a
            number has thousands of digits.
    """
    if len(text) > _LONGEST:
        raise tomllib.TOMLDecodeError("it is longer than a million characters")
    if _MANY_PARTS.search(text):
        raise tomllib.TOMLDecodeError(f"a name has over {_MOST_PARTS} parts")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("its values are nested too deep") from None
    except ValueError as error:
        # Python's own, about a number of thousands of digits.
        raise tomllib.TOMLDecodeError(str(error).partition(";")[0]) from None
