"""XML of workbook parts: the names of its vocabularies, and parsing that trusts nothing."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"

# What XML 1.0 cannot hold at all.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# Control characters, which a cell holds in a code of its own, and texts that would be taken for one.
_CODED = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_WHOLE = re.compile("[0-9]{1,9}")
_LIKE_A_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def parse(part: bytes) -> Any:
    """Return the root of a part; entities are not resolved and nothing is fetched.

    Raises:
        XMLSyntaxError: it is no XML, or nests deeper than any workbook; `Package.tree` says so in a sentence.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(part, parser)


def whole(text: str | None, otherwise: int) -> int:
    """Return a whole number from 0 that stands in an attribute; another number where it is none.

    >>> whole("12", 0), whole("-1", 0), whole("²", 0), whole("9" * 5000, 0), whole(None, 7)
    (12, 0, 0, 0, 7)
    """
    return int(text) if text is not None and _WHOLE.fullmatch(text) else otherwise


def serialize(root: Any) -> bytes:
    """Return a part as bytes, declared as Excel declares it."""
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return data


def element(text: str) -> Any:
    """Return an element of the spreadsheet vocabulary from its text without a namespace."""
    wrapped = f'<root xmlns="{MAIN}" xmlns:r="{DOCUMENT_RELATIONSHIPS}">{text}</root>'
    return etree.fromstring(wrapped.encode())[0]


def elements(parent: Any) -> list[Any]:
    """Return the elements under one, without the comments that may stand between them."""
    return list(parent.iterchildren(tag=etree.Element))


def escape(text: str) -> str:
    """Return a text as it stands between tags, without what XML cannot hold."""
    text = _FORBIDDEN.sub("\ufffd", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cell_text(text: str) -> str:
    r"""Return a text as a cell holds it: Excel writes what XML cannot hold or keep as ``_x0001_``.

    >>> cell_text("a\rb <1>"), cell_text("_x0041_")
    ('a_x000D_b &lt;1&gt;', '_x005F_x0041_')
    """
    return escape(coded_text(text))


def coded_text(text: str) -> str:
    """Return a text with Excel's codes in it, but not escaped, for a writer that escapes by itself."""
    text = _LIKE_A_CODE.sub("_x005F_", text)
    return _FORBIDDEN.sub("\ufffd", _CODED.sub(lambda match: f"_x{ord(match[0]):04X}_", text))


def number_text(value: float) -> str:
    """Return a number as a cell holds it, from which it can be read back exactly.

    >>> number_text(3.0), number_text(0.1), number_text(1e300)
    ('3', '0.1', '1e+300')
    """
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def escape_attribute(text: str) -> str:
    """Return a text as it stands in a quoted attribute."""
    return escape(text).replace('"', "&quot;").replace("'", "&#39;").replace("\n", "&#10;")
