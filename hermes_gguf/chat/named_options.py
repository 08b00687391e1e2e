"""Options that are passed on by name, checked where the caller can still be told.

A misspelled one would end in an error about a method that the caller never called.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from .sampling import SAMPLING_NAMES


def require_known(
    names: Iterable[str], takers: Iterable[Callable[..., Any]], *, method: str
) -> None:
    """Check that each name is one of sampling's, or a keyword of one of the takers.

    Args:
        names: The options' names.
        takers: What the options are passed on to.
        method: What the caller called, for the message.

    Raises:
        TypeError: one is not; the message names the closest that is.
    """
    known = SAMPLING_NAMES.union(*map(_keywords, takers))
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, sorted(known), n=1)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            raise TypeError(f"{method}() has no option {name!r}{meant}")


@cache
def _keywords(taker: Callable[..., Any]) -> frozenset[str]:
    parameters = inspect.signature(taker).parameters.values()
    return frozenset(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)
