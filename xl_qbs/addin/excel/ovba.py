"""Compression of Visual Basic sources, as [MS-OVBA] 2.4.1 asks for it."""

from __future__ import annotations

import struct

_CHUNK = 4096
# A copied run is at least three bytes long: shorter ones cost more than the bytes themselves.
_SHORTEST = 3


def compress(data: bytes) -> bytes:
    """Return the compressed container of a source or of a ``dir`` stream.

    Every chunk is made of tokens, never stored raw: Excel refuses sources whose first chunk is raw.
    The last token sequence of a chunk is never a full one of eight tokens: writers disagree on whether
    an empty sequence follows a full one (Office and pyOpenVBA write it, [MS-OVBA] 2.4.1.1.7 forbids it),
    and a sequence that is not full raises no such question.
    """
    chunks = [_chunk(data[start : start + _CHUNK]) for start in range(0, len(data), _CHUNK)]
    return b"\x01" + b"".join(struct.pack("<H", 0xB000 | (len(chunk) - 1)) + chunk for chunk in chunks)


def decompress(container: bytes) -> bytes:
    """Return what a compressed container holds.

    Raises:
        ValueError: the container breaks a rule of [MS-OVBA] 2.4.1, an empty token sequence included.
    """
    if container[:1] != b"\x01":
        raise ValueError("a container must begin with 01")
    out = bytearray()
    position = 1
    while position < len(container):
        (header,) = struct.unpack_from("<H", container, position)
        if header >> 12 & 0b111 != 0b011 or not header >> 15:
            raise ValueError(f"the chunk at byte {position} must be a compressed one")
        end = position + 2 + (header & 0xFFF) + 1
        if end > len(container):
            raise ValueError(f"the chunk at byte {position} ends after the container")
        out += _read_chunk(container[position + 2 : end])
        position = end
    return bytes(out)


def _chunk(chunk: bytes) -> bytes:
    tokens = _tokens(chunk)
    if len(tokens) % 8 == 0:
        # The last run given byte by byte makes the number of tokens another one.
        tokens = _lengthened(chunk, tokens)
    out = bytearray()
    for start in range(0, len(tokens), 8):
        group = tokens[start : start + 8]
        out.append(sum(1 << bit for bit, token in enumerate(group) if len(token) == 2))
        out += b"".join(group)
    if len(out) > _CHUNK:
        raise ValueError("this text is too random to be compressed; a Visual Basic source is not")
    return bytes(out)


def _tokens(chunk: bytes, copies: int | None = None) -> list[bytes]:
    """Return the tokens of a chunk; only the first ``copies`` runs are copied, where that is given."""
    tokens: list[bytes] = []
    seen: dict[bytes, list[int]] = {}
    position = 0
    while position < len(chunk):
        offset, length = (0, 0) if copies == 0 else _longest(chunk, position, seen)
        if length >= _SHORTEST:
            bits = _offset_bits(position)
            tokens.append(struct.pack("<H", (offset - 1) << (16 - bits) | (length - _SHORTEST)))
            copies = None if copies is None else copies - 1
        else:
            tokens.append(chunk[position : position + 1])
            length = 1
        for place in range(position, position + length):
            seen.setdefault(chunk[place : place + _SHORTEST], []).append(place)
        position += length
    return tokens


def _lengthened(chunk: bytes, tokens: list[bytes]) -> list[bytes]:
    """Return tokens for the same bytes whose number is no multiple of eight, where there are any."""
    copies = sum(len(token) == 2 for token in tokens)
    for fewer in range(1, copies + 1):
        other = _tokens(chunk, copies - fewer)
        if len(other) % 8:
            return other
    # A few bytes that repeat nothing have this one form, which the specification allows.
    return tokens


def _longest(chunk: bytes, position: int, seen: dict[bytes, list[int]]) -> tuple[int, int]:
    """Return how far back the longest run that starts here was seen before, and its length."""
    longest = min((0xFFFF >> _offset_bits(position)) + _SHORTEST, len(chunk) - position)
    best = (0, 0)
    # The newest places are nearest; a few dozen of them find nearly every run.
    for start in reversed(seen.get(chunk[position : position + _SHORTEST], [])[-32:]):
        length = 0
        while length < longest and chunk[start + length] == chunk[position + length]:
            length += 1
        if length > best[1]:
            best = (position - start, length)
    return best


def _offset_bits(position: int) -> int:
    """Return how many of a copy token's 16 bits hold the offset ([MS-OVBA] 2.4.1.3.19.1)."""
    return max((position - 1).bit_length(), 4)


def _read_chunk(tokens: bytes) -> bytes:
    out = bytearray()
    position = 0
    while position < len(tokens):
        flags = tokens[position]
        position += 1
        if position == len(tokens):
            raise ValueError("an empty token sequence ends the chunk")
        for bit in range(8):
            if position == len(tokens):
                break
            if flags >> bit & 1:
                (token,) = struct.unpack_from("<H", tokens, position)
                bits = _offset_bits(len(out))
                offset, length = (token >> (16 - bits)) + 1, (token & 0xFFFF >> bits) + _SHORTEST
                if offset > len(out):
                    raise ValueError("a run is copied from before its chunk")
                for _ in range(length):
                    out.append(out[-offset])
                position += 2
            else:
                out.append(tokens[position])
                position += 1
    if len(out) > _CHUNK:
        raise ValueError("a chunk holds more than 4,096 bytes")
    return bytes(out)
