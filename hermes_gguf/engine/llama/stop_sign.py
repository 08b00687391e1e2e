"""How a running decode is told to end, and how it shows that it gets on.

llama.cpp's CPU backend asks before every graph node whether to stop. A Python function
there would cost a GIL hand-over per node, so it is one of the C library, given as a
native pointer with its one argument.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Protocol

#: More nodes than any decode has, and no more than a semaphore counts.
_MANY = 1 << 30


class StopSign(Protocol):
    """What llama.cpp looks at between two nodes; any thread may change it."""

    #: The native function that it calls.
    function: Any
    #: Where what it looks at lies.
    address: int

    def set(self, value: bool) -> None:
        """Say whether to stop; False begins a new count."""

    def n_left(self) -> int | None:
        """A count that each look changes; None where looks leave no trace."""


def make_stop_sign() -> StopSign:
    """One that counts, where the system's library has what that takes."""
    try:
        return _Semaphore(_c_library())
    except (AttributeError, OSError):
        return _Text(_c_library())


class _Semaphore:
    """`sem_trywait` takes one and returns 0; with none left it returns -1."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        # More than a `sem_t` takes anywhere.
        self._semaphore = (ctypes.c_long * 16)()
        self.function = library.sem_trywait
        self.address = ctypes.addressof(self._semaphore)
        # macOS has these functions, and has them fail.
        if library.sem_init(self._semaphore, 0, _MANY) or self.n_left() != _MANY:
            raise OSError("no semaphores here")

    def set(self, value: bool) -> None:
        self._library.sem_init(self._semaphore, 0, 0 if value else _MANY)

    def n_left(self) -> int:
        count = ctypes.c_int()
        self._library.sem_getvalue(self._semaphore, ctypes.byref(count))
        return count.value


class _Text:
    """`strlen` of a buffer of two bytes is 0 or 1, as its first byte is."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._buffer = ctypes.create_string_buffer(2)
        self.function = library.strlen
        self.address = ctypes.addressof(self._buffer)

    def set(self, value: bool) -> None:
        self._buffer[0] = bytes((value,))

    def n_left(self) -> None:
        return None


def _c_library() -> ctypes.CDLL:
    return ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
