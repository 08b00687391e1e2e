"""What a guard answers with in the place of the app that it stands before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .errors import error_body

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def refusal(
    status: int, message: str, *, code: str, headers: Mapping[str, str] | None = None
) -> ASGIApp:
    """An app whose one reply is OpenAI's error body."""
    # The process that listens needs no more of starlette until somebody is refused.
    from starlette.responses import JSONResponse

    return JSONResponse(error_body(message, code=code), status, headers)
