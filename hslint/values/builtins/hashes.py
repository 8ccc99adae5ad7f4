"""Nix's hashes: algorithms, base 32, and the store paths that follow from a text alone."""

from __future__ import annotations

import binascii
from collections.abc import Iterable

from hslint.values.value import Failure, Kind

#: Bytes of a digest.
SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64, "blake3": 32}

_BASE32 = "0123456789abcdfghijklmnpqrsvwxyz"


def digest(algorithm: str, data: bytes) -> bytes:
    if algorithm not in SIZES or algorithm == "blake3":
        raise Failure(
            Kind.ERROR, f"unknown hash algorithm '{algorithm}', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'"
        )
    import hashlib  # late: it loads OpenSSL

    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def base32(data: bytes) -> str:
    """Nix's own base 32: another alphabet, and the last bits first."""
    length = (len(data) * 8 - 1) // 5 + 1
    number = int.from_bytes(data, "little")
    return "".join(_BASE32[(number >> (5 * place)) & 31] for place in range(length - 1, -1, -1))


def _from_base32(text: str, size: int) -> bytes:
    number = 0
    for character in text:
        place = _BASE32.find(character)
        if place < 0:
            raise ValueError(character)
        number = number * 32 + place
    return number.to_bytes(size, "little")


def converted(text: str, algorithm: str | None, wanted: str) -> str:
    """`builtins.convertHash`."""
    raw = text
    sri = False
    for separator in ("-", ":"):
        head, found, tail = text.partition(separator)
        if found and head in SIZES:
            if algorithm is not None and algorithm != head:
                raise Failure(Kind.ERROR, f"hash '{text}' should have type '{algorithm}'")
            algorithm, raw, sri = head, tail, separator == "-"
            break
    if algorithm is None:
        raise Failure(
            Kind.ERROR, f"hash '{text}' does not include a type, nor is the type otherwise known from context"
        )
    if algorithm not in SIZES:
        digest(algorithm, b"")
    size = SIZES[algorithm]
    data = _decoded(raw, size, sri=sri)
    if data is None or len(data) != size:
        raise Failure(Kind.ERROR, f"hash '{raw}' has wrong length for hash algorithm '{algorithm}'")
    match wanted:
        case "base16":
            return data.hex()
        case "nix32" | "base32":
            return base32(data)
        case "base64":
            return _base64(data)
        case "sri":
            return f"{algorithm}-{_base64(data)}"
        case _:
            raise Failure(Kind.ERROR, f"unknown hash format '{wanted}', expect 'base16', 'base32', 'base64', or 'sri'")


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode()


def _decoded(raw: str, size: int, *, sri: bool) -> bytes | None:
    try:
        if not sri and len(raw) == size * 2:
            return bytes.fromhex(raw)
        if not sri and len(raw) == (size * 8 - 1) // 5 + 1:
            return _from_base32(raw, size)
        return binascii.a2b_base64(raw, strict_mode=True)
    except (ValueError, OverflowError, binascii.Error):
        return None


def store_path(kind: str, data: bytes, name: str) -> str:
    """A path in the store, from what its hash is made of (Nix manual, "Store path specification")."""
    whole = digest("sha256", f"{kind}:sha256:{data.hex()}:/nix/store:{name}".encode())
    folded = bytearray(20)
    for place, byte in enumerate(whole):
        folded[place % 20] ^= byte
    return f"/nix/store/{base32(bytes(folded))}-{name}"


def text_path(name: str, text: bytes, references: Iterable[str]) -> str:
    """The store path of a text file, as `builtins.toFile` makes it."""
    kind = ":".join(["text", *sorted(references)])
    return store_path(kind, digest("sha256", text), name)
