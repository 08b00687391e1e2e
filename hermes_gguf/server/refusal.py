"""What a guard answers with in the place of the app that it stands before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .error_form import spelled
from .errors import error_body

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


def refusal(
    status: int, message: str, *, code: str, headers: Mapping[str, str] | None = None
) -> ASGIApp:
    """An app whose one reply is an error, as the API that is asked for spells it."""

    async def reply(scope: Scope, receive: Receive, send: Send) -> None:
        # The process that listens needs no more of starlette until somebody is refused.
        from starlette.responses import JSONResponse

        body = spelled(
            error_body(message, code=code), path=scope["path"], status=status
        )
        await JSONResponse(body, status, headers)(scope, receive, send)

    return reply
