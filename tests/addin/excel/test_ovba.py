from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xl_qbs.addin.excel import ovba

SOURCES = st.text("abcdef =()\r\n", max_size=9000).map(str.encode)


@given(SOURCES)
@example(b"")
@example(b"12345678")
@example(b"x" * 4096)
@example(b"Public Function \r\n" * 1000)
def test_what_is_compressed_comes_back_by_three_readers(data: bytes) -> None:
    olevba = pytest.importorskip("oletools.olevba")
    pyopenvba = pytest.importorskip("pyopenvba.vba")
    container = ovba.compress(data)
    assert ovba.decompress(container) == data
    assert bytes(olevba.decompress_stream(bytearray(container))) == data
    assert pyopenvba.decompress(container) == data


def test_a_source_is_a_good_deal_shorter() -> None:
    assert len(ovba.compress(b"Public Function \r\n" * 1000)) < 18_000 / 15


def test_an_empty_token_sequence_is_refused() -> None:
    with pytest.raises(ValueError, match="empty token sequence"):
        ovba.decompress(b"\x01\x09\xb0" + b"\x00abcdefgh" + b"\x00")


@pytest.mark.parametrize(
    ("container", "what"),
    [
        (b"\x00", "begin with 01"),
        (b"\x01\x02\x30abc", "compressed one"),
        (b"\x01\x09\xb0\x00ab", "ends after the container"),
        (b"\x01\x02\xb0\x01\xff\xff", "before its chunk"),
    ],
)
def test_a_damaged_container_is_refused(container: bytes, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        ovba.decompress(container)
