"""One finding: what was looked at, how it is, and the next command to type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

#: "ok"; "note": it works, and could be better; "wrong": it does not.
Verdict: TypeAlias = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is.

    Attributes:
        subject: What was looked at, in a word or two.
        verdict: How it is.
        text: The same for a person, with figures.
        hint: What to type next; None where nothing is to be done.
    """

    subject: str
    verdict: Verdict
    text: str
    hint: str | None = None
