"""What was measured, as values.

Knows nothing of how it was measured or of how it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

#: Which figures belong together in a table or a plot.
Group = Literal["load", "read", "write", "call", "turn", "restart"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure.

    Attributes:
        key: A stable name for programs.
        group: What it belongs to.
        title: What was measured, for a person.
        value: The figure.
        unit: Its unit: "s", "tok/s" or "tokens".
        note: What a reader needs to judge it; may be empty.
    """

    key: str
    group: Group
    title: str
    value: float
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchReport:
    """All figures of one model on one machine.

    Attributes:
        model: Name of the model.
        backend: Where it ran, for a person.
        size_bytes: Bytes of its tensors.
        n_ctx: Context length in tokens, as loaded.
        measurements: The figures, in the order in which they were taken.
        elapsed_s: Seconds that all of it took.
    """

    model: str
    backend: str
    size_bytes: int
    n_ctx: int
    measurements: tuple[Measurement, ...]
    elapsed_s: float

    def group(self, name: Group) -> Iterator[Measurement]:
        """The figures of one group."""
        return (m for m in self.measurements if m.group == name)

    def find(self, key: str) -> Measurement | None:
        """The figure of this key, if it was taken."""
        return next((m for m in self.measurements if m.key == key), None)

    def to_json(self) -> dict[str, Any]:
        """Plain data, for a file."""
        return asdict(self)
