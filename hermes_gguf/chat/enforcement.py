"""What held an answer to the schemas that it was asked for: the one fact about it.

`model` states it where the grammar is made. Whoever judges an answer asks here what is
left to judge; whoever tells of it gets one line for each thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..grammar.tool_calls import ToolCallConstraint


@dataclass(frozen=True, slots=True)
class LeftToCheck:
    """A keyword of a schema that the grammar had to leave out.

    Attributes:
        tool: Whose arguments the schema is about; None where it is the JSON answer's.
        keyword: The keyword, for example `uniqueItems`.
        pointer: JSON pointer of the keyword inside of the schema.
    """

    tool: str | None
    keyword: str
    pointer: str

    def __str__(self) -> str:
        about = self.tool or "answer"
        return f"{about}: {self.keyword} at #{self.pointer} is not enforced"


@dataclass(frozen=True, slots=True)
class Enforcement:
    """What held an answer to the schemas that it was asked for.

    Attributes:
        by_grammar: Whether a grammar made of these schemas did; False where they were
            only asked for, and where the caller had a grammar of their own.
        left_to_check: What that grammar had to leave out; only with
            `on_unsupported="check"`.
    """

    by_grammar: bool = False
    left_to_check: tuple[LeftToCheck, ...] = ()

    @classmethod
    def of(cls, constraint: ToolCallConstraint | None) -> Enforcement:
        """That of an answer under `constraint`; None is that of free text."""
        reports = constraint.reports if constraint else {}
        left = (
            LeftToCheck(tool, entry.keyword, entry.pointer)
            for tool, report in reports.items()
            for entry in report.checked
        )
        return cls(by_grammar=True, left_to_check=tuple(left))

    @property
    def is_whole(self) -> bool:
        """Whether the answer cannot break its schemas, unless it was cut."""
        return self.by_grammar and not self.left_to_check

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line for each keyword that was left to a check."""
        return tuple(map(str, self.left_to_check))
