"""A conversation in the chat endpoint's form, made of what another API calls it.

An error about one of its messages is told about the place that the client knows. What
the places are called is the business of whoever reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..errors import HermesError, MessageError, OptionError


@dataclass
class Conversation:
    """Messages in the chat endpoint's form; `places` says where each one begins."""

    #: What is to blame where there are no messages.
    whole: ClassVar[str] = "messages"

    messages: list[dict[str, Any]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def add(self, message: dict[str, Any], place: str) -> None:
        """Append a message."""
        self.messages.append(message)
        self.places.append(place)

    def explain(self, error: HermesError) -> HermesError:
        """The error about a message as one about what the client sent."""
        if not isinstance(error, MessageError):
            return error
        place = self.places[error.index] if self.places else self.whole
        return OptionError(place, error.problem, hint=error.hint)
