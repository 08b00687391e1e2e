"""The header of a GGUF file, read and checked without llama.cpp.

A damaged file must end in a `ModelLoadError`, never inside C++. This file knows the
container (magic, metadata, tensor table, sizes); it knows no architecture.

Source: ggml docs/gguf.md, GGUF version 3.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from ...errors import ModelLoadError

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_SPLIT_COUNT, _SPLIT_NUMBER = "split.count", "split.no"
#: The array of tokens; in a header, how many there are.
TOKENS = "tokenizer.ggml.tokens"
_MAX_DIMS = 4
_MAX_ENTRIES = 1 << 20

#: ggml type → (elements of a block, bytes of a block); types whose size is not known
#: here are checked by their offset only.
BLOCK_SIZES: Mapping[int, tuple[int, int]] = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    15: (256, 292),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    29: (256, 56),
    30: (1, 2),
}

Scalar: TypeAlias = int | float | bool | str


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What the header says.

    Attributes:
        metadata: Scalars and strings by key; an array's value is its length.
        n_tensors: Tensors in the table.
        tensor_bytes: Bytes of all tensors whose type has a known size.
        size_bytes: Size of the file.
        files: The file, or all parts of a split model; the numbers count them all.
    """

    metadata: Mapping[str, Scalar]
    n_tensors: int
    tensor_bytes: int
    size_bytes: int
    files: tuple[Path, ...] = ()

    def number(self, suffix: str, default: int = 0) -> int:
        """The architecture's number `<arch>.<suffix>`, or `default`."""
        architecture = self.metadata.get("general.architecture", "")
        value = self.metadata.get(f"{architecture}.{suffix}", default)
        return int(value) if isinstance(value, int | float) else default


class _DamagedError(Exception):
    """The bytes do not follow the format; the message says how."""


class _Reader:
    """Little-endian values from a mapped file, never past its end."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.at = 0
        self.end = len(data)

    def take(self, n_bytes: int) -> int:
        """Step over `n_bytes` and return where they began."""
        start = self.at
        if n_bytes < 0 or start + n_bytes > self.end:
            raise _DamagedError("the file ends inside its header (a partial download?)")
        self.at = start + n_bytes
        return start

    def scalar(self, fmt: str) -> int | float | bool:
        value: int | float | bool = struct.unpack_from(
            fmt, self.data, self.take(struct.calcsize(fmt))
        )[0]
        return value

    def count(self, fmt: str, limit: int, what: str) -> int:
        value = int(self.scalar(fmt))
        if value > limit:
            raise _DamagedError(f"its header names {value} {what}")
        return value

    def text(self) -> str:
        n_bytes = int(self.scalar("<Q"))
        start = self.take(n_bytes)
        return self.data[start : start + n_bytes].decode("utf-8", "replace")

    def strings(self, count: int) -> list[bytes]:
        """`count` strings; vocabularies have hundreds of thousands."""
        data, at, end = self.data, self.at, self.end
        from_bytes = int.from_bytes
        found: list[bytes] = []
        for _ in range(count):
            start = at + 8
            at = start + from_bytes(data[at:start], "little")
            if at > end:
                break
            found.append(data[start:at])
        self.at = min(at, end + 1)
        self.take(0)
        return found


def read_gguf_header(path: str | os.PathLike[str]) -> GgufHeader:
    """Read and check the header of the GGUF file at `path`.

    Raises:
        ModelLoadError: no such file, no GGUF, or damaged; the message says which.
    """
    file = Path(path)
    name = str(path)
    if not file.exists():
        raise ModelLoadError(name, "no such file", hint="hermes-gguf models")
    if not file.is_file():
        raise ModelLoadError(name, "this is not a file", hint="hermes-gguf models")
    try:
        header = _with_other_parts(_read_file(file))
        if not header.n_tensors:
            raise _DamagedError(
                "it holds no tensors (a vocabulary or an adapter file?)"
            )
        return header
    except _DamagedError as damage:
        raise ModelLoadError(
            name, str(damage), hint="hermes-gguf pull --force, or another file"
        ) from None
    except (OSError, ValueError) as error:
        raise ModelLoadError(name, f"cannot be read: {error}") from error


def read_gguf_numbers(path: str | os.PathLike[str]) -> GgufHeader | None:
    """What the file at `path` says of its shape; None when it says nothing.

    Reads as far as the size of the vocabulary, in a millisecond. Nothing is checked,
    and there are no tensors in the answer.
    """
    try:
        with (
            Path(path).open("rb") as handle,
            mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            if data[:4] != _MAGIC:
                return None
            return GgufHeader(_read_numbers(_Reader(data)), 0, 0, len(data))
    except (_DamagedError, OSError, ValueError):
        return None


def _read_numbers(reader: _Reader) -> dict[str, Scalar]:
    """The metadata up to the vocabulary, which converters write after the shape."""
    reader.take(16)
    metadata: dict[str, Scalar] = {}
    for _ in range(reader.count("<Q", _MAX_ENTRIES, "metadata entries")):
        key, kind = reader.text(), int(reader.scalar("<I"))
        if key == TOKENS:
            reader.take(4)
            metadata[key] = int(reader.scalar("<Q"))
            break
        metadata[key] = _value(reader, key, kind)
    return metadata


def _read_file(file: Path) -> GgufHeader:
    with file.open("rb") as handle:
        if handle.read(4) != _MAGIC:
            raise _DamagedError("this is not a GGUF file")
        with mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return replace(_read(_Reader(data)), files=(file,))


def _with_other_parts(first: GgufHeader) -> GgufHeader:
    """The header with the tensors of all parts, where a model is split into files."""
    n_parts = first.metadata.get(_SPLIT_COUNT, 1)
    if not isinstance(n_parts, int) or n_parts <= 1:
        return first
    (file,) = first.files
    ending = f"-00001-of-{n_parts:05d}.gguf"
    if not file.name.endswith(ending):
        raise _DamagedError(f"it is not the first of its {n_parts} parts (*{ending})")
    stem = file.name.removesuffix(ending)
    parts = [first]
    for number in range(2, n_parts + 1):
        path = file.with_name(f"{stem}-{number:05d}-of-{n_parts:05d}.gguf")
        if not path.is_file():
            raise _DamagedError(f"its part {path.name} is missing")
        parts.append(_read_part(path, number))
    return GgufHeader(
        first.metadata,
        sum(part.n_tensors for part in parts),
        sum(part.tensor_bytes for part in parts),
        sum(part.size_bytes for part in parts),
        tuple(path for part in parts for path in part.files),
    )


def _read_part(path: Path, number: int) -> GgufHeader:
    try:
        part = _read_file(path)
    except _DamagedError as damage:
        raise _DamagedError(f"its part {path.name}: {damage}") from None
    if part.metadata.get(_SPLIT_NUMBER) != number - 1:
        raise _DamagedError(f"its part {path.name} is not part {number} of a model")
    return part


def _read(reader: _Reader) -> GgufHeader:
    reader.take(4)
    version = int(reader.scalar("<I"))
    if version not in _VERSIONS:
        raise _DamagedError(f"GGUF version {version} is not supported")
    n_tensors = reader.count("<Q", _MAX_ENTRIES, "tensors")
    n_entries = reader.count("<Q", _MAX_ENTRIES, "metadata entries")
    metadata: dict[str, Scalar] = {}
    for _ in range(n_entries):
        key = reader.text()
        metadata[key] = _value(reader, key, int(reader.scalar("<I")))
    extents = [_tensor(reader) for _ in range(n_tensors)]
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
        raise _DamagedError(f"its alignment is {alignment!r}")
    data_start = -(-reader.at // alignment) * alignment
    for name, offset, n_bytes in extents:
        if offset % alignment or data_start + offset + n_bytes > reader.end:
            missing = data_start + offset + n_bytes - reader.end
            raise _DamagedError(
                f"tensor {name!r} ends {missing} bytes after the file does"
                " (a partial download?)"
                if missing > 0
                else f"tensor {name!r} is not aligned"
            )
    return GgufHeader(metadata, n_tensors, sum(e[2] for e in extents), reader.end)


def _value(reader: _Reader, key: str, kind: int) -> Scalar:
    if kind == _STRING:
        return reader.text()
    if kind in _SCALARS:
        return reader.scalar(_SCALARS[kind])
    if kind != _ARRAY:
        raise _DamagedError(f"metadata of unknown type {kind}")
    item = int(reader.scalar("<I"))
    count = int(reader.scalar("<Q"))
    if item == _STRING:
        items = reader.strings(count)
        # llama.cpp ends the process when two tokens have the same text.
        if key == TOKENS and len(set(items)) < count:
            raise _DamagedError("its vocabulary holds a token twice")
    elif item in _SCALARS:
        reader.take(count * struct.calcsize(_SCALARS[item]))
    else:
        raise _DamagedError(f"an array of unknown type {item}")
    return count


def _tensor(reader: _Reader) -> tuple[str, int, int]:
    name = reader.text()
    n_dims = reader.count("<I", _MAX_DIMS, "dimensions of a tensor")
    shape = [int(reader.scalar("<Q")) for _ in range(n_dims)]
    kind = int(reader.scalar("<I"))
    offset = int(reader.scalar("<Q"))
    elements, n_bytes = BLOCK_SIZES.get(kind, (0, 0))
    if not elements:
        return name, offset, 0
    total = 1
    for length in shape:
        total *= length
    if shape and shape[0] % elements:
        raise _DamagedError(f"tensor {name!r} has rows of {shape[0]} elements")
    return name, offset, total // elements * n_bytes
