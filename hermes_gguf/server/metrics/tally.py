"""What a model's process has done so far, as a value, and the sum over its lives.

Knows no engine and no wire: it travels between the processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...events import Usage


@dataclass(frozen=True, slots=True)
class Tally:
    """The work of one process.

    Attributes:
        usage: Tokens and seconds of all answers that have ended, cancelled ones too.
        waiting: Answers that wait for a slot.
        active: Answers whose prompt is read, or that are written.
    """

    usage: Usage = field(default_factory=Usage)
    waiting: int = 0
    active: int = 0


class Account:
    """What one process said last."""

    def __init__(self) -> None:
        self.tally = Tally()

    def book(self, tally: Tally) -> None:
        """Take what it says now in place of what it said before."""
        self.tally = tally


class Ledger:
    """The accounts of processes that come one after another."""

    def __init__(self) -> None:
        self._accounts: list[Account] = []

    def open(self) -> Account:
        """The account of a new process."""
        self._accounts.append(Account())
        return self._accounts[-1]

    def total(self, *, is_alive: bool) -> Tally:
        """The work of all of them, and what the last one is at, if it is alive."""
        usage = sum((account.tally.usage for account in self._accounts), start=Usage())
        if not is_alive or not self._accounts:
            return Tally(usage)
        last = self._accounts[-1].tally
        return Tally(usage, last.waiting, last.active)
