"""How a turn is opened and closed: ChatML, or Llama-3 headers.

Knows the markers around a turn's content, not what the content says.

Source: model cards of NousResearch/Hermes-2-Pro-Llama-3-8B (ChatML) and
NousResearch/DeepHermes-3-Llama-3-8B-Preview (Llama-3 headers).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from ..tags import (
    END_HEADER,
    EOT,
    IM_END,
    IM_START,
    START_HEADER,
    DialectName,
)

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The markers of one dialect.

    Attributes:
        name: How the catalogue spells it.
        before_role: Text before the role's name.
        after_role: Text between the role's name and the content.
        end: The special token that ends a turn.
        between: Text between the end of a turn and the next one.
    """

    name: DialectName
    before_role: str
    after_role: str
    end: str
    between: str

    def open(self, role: Role) -> str:
        """The text that opens a turn of `role`, up to its content."""
        return f"{self.before_role}{role}{self.after_role}"

    @property
    def close(self) -> str:
        """The text that closes a turn, up to the next one."""
        return self.end + self.between


CHATML: Final = Dialect("chatml", IM_START, "\n", IM_END, "\n")
LLAMA3: Final = Dialect("llama3", START_HEADER, f"{END_HEADER}\n\n", EOT, "")

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {dialect.name: dialect for dialect in (CHATML, LLAMA3)}
)
