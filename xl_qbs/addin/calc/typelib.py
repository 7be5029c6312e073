"""The type library of the extension, written straight from the definitions.

LibreOffice only calls functions that a type library describes. The usual way to make one is `unoidl-write`
of the LibreOffice SDK, which few machines have. Its file format is small: this module writes the part of it
that one interface needs. The tests compare the result byte for byte with what unoidl-write makes.

A file is a header of 16 bytes (``UNOIDL``, 0xFF, 0; offset and size of the outermost map), a remark, and
entities. A map is a list of (offset of a name, offset of an entity), in the order of the names. Numbers are
little-endian. A string that has stood in the file before is written as its offset with the top bit set.
"""

from __future__ import annotations

from collections.abc import Sequence

from xl_qbs.addin.calc.names import INTERFACE, MODULES, method_name, parameters, result_kind
from xl_qbs.addin.definition import Function

_MAGIC = b"UNOIDL\xff\0"
_MODULE = b"\x00"
_INTERFACE = b"\x05"
_IN = b"\x00"
_SEEN_BEFORE = 0x80000000
_BASE = "com.sun.star.uno.XInterface"


def type_library(functions: Sequence[Function], remark: str = "xl_qbs") -> bytes:
    """Return the type library of an interface with one method for each function."""
    writer = _Writer(remark)
    name, entity = INTERFACE, writer.interface(functions)
    for module in reversed(MODULES):
        pairs = writer.number(writer.name(name)) + writer.number(entity)
        name, entity = module, writer.write(_MODULE + writer.number(1) + pairs)
    name_at = writer.name(name)
    root = writer.write(writer.number(name_at) + writer.number(entity))
    writer.data[8:16] = writer.number(root) + writer.number(1)
    return bytes(writer.data)


def idl(functions: Sequence[Function]) -> str:
    """Return the same interface in the language that unoidl-write reads."""
    lines = [f"module {name} {{" for name in MODULES]
    lines.append(f"interface {INTERFACE} {{")
    for function in functions:
        given = ", ".join(f"[in] {_source(one.kind)} {one.name}" for one in parameters(function))
        lines.append(f"  {_source(result_kind(function))} {method_name(function)}({given});")
    lines.append("};")
    lines.extend("};" for _ in MODULES)
    return "\n".join(lines) + "\n"


def _source(kind: str) -> str:
    depth = kind.count("[]")
    return "sequence< " * depth + kind.removeprefix("[]" * depth).replace(".", "::") + " >" * depth


class _Writer:
    """Bytes so far, and where each string stands in them."""

    def __init__(self, remark: str) -> None:
        self.data = bytearray(_MAGIC + bytes(8) + b"\0" + remark.encode("ascii") + b"\0")
        self.strings: dict[str, int] = {}

    @staticmethod
    def number(value: int) -> bytes:
        return value.to_bytes(4, "little")

    def write(self, data: bytes) -> int:
        """Append and return where it begins."""
        at = len(self.data)
        self.data += data
        return at

    def name(self, text: str) -> int:
        return self.write(text.encode("ascii") + b"\0")

    def string(self, text: str) -> None:
        if text in self.strings:
            self.write(self.number(self.strings[text] | _SEEN_BEFORE))
        else:
            self.strings[text] = self.write(self.number(len(text)))
            self.write(text.encode("ascii"))

    def interface(self, functions: Sequence[Function]) -> int:
        at = self.write(_INTERFACE + self.number(1))
        self.string(_BASE)
        # No optional bases and no attributes.
        self.write(self.number(0) + self.number(0) + self.number(len(functions)))
        for function in functions:
            self.string(method_name(function))
            self.string(result_kind(function))
            given = parameters(function)
            self.write(self.number(len(given)))
            for parameter in given:
                self.write(_IN)
                self.string(parameter.name)
                self.string(parameter.kind)
            # No exceptions.
            self.write(self.number(0))
        return at
