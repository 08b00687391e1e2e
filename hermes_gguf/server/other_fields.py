"""How the fields of another API stand to the chat endpoint's, whose road it takes.

Three kinds need care: those that are called otherwise, those that only the chat
endpoint has, and those that only the other API has and nobody serves here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import HermesError, OptionError
from .wire import ChatCompletionRequest, Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherFields:
    """The fields of another API.

    Attributes:
        refused: Its own that would change the answer, and what to do instead.
        moved: Fields of the chat endpoint, and what they are called there.
        chat_only: Fields of the chat endpoint that it never had, each with the value
            that asks for nothing.
    """

    refused: Mapping[str, str]
    moved: Mapping[str, str]
    chat_only: Mapping[str, Any]

    def refuse_own(self, request: Wire) -> None:
        """Refuse what nobody serves here.

        Raises:
            OptionError: the request has such a field.
        """
        for name, instead in self.refused.items():
            if getattr(request, name, None):
                raise OptionError(name, "not supported", hint=instead)

    def refuse_chats(self, request: Wire) -> None:
        """Refuse what is a field of the chat endpoint's, and none here.

        Raises:
            OptionError: the request has such a field.
        """
        for name, value in (request.model_extra or {}).items():
            if name in self.moved and value:
                raise OptionError(name, f"is called {self.moved[name]} in this API")
            if name in self.chat_only and value not in (None, self.chat_only[name]):
                raise OptionError(name, "not supported")

    def renamed(self, error: HermesError) -> HermesError:
        """The error about a field of the chat endpoint as one about this API's."""
        if isinstance(error, OptionError) and error.option in self.moved:
            return error.renamed(self.moved[error.option])
        return error


def undeclared(request: Wire) -> dict[str, Any]:
    """What other servers call their own: it is refused on the common road."""
    declared = ChatCompletionRequest.model_fields
    extra = request.model_extra or {}
    return {name: extra[name] for name in extra if name not in declared}
