"""How uvicorn is set up for people's clients; browsers' rules stand around the app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import uvicorn

from .farewell import GRACE_S, Farewell, Server

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def make_server(app: ASGIApp, *, cors_origins: Sequence[str] = ()) -> Server:
    """A quiet server for `app`.

    Args:
        app: What answers.
        cors_origins: Web origins that may call from a browser; none by default.
    """
    farewell = Farewell(app)
    config = uvicorn.Config(
        with_cors(farewell, cors_origins) if cors_origins else farewell,
        log_level="warning",
        lifespan="off",
        # The last resort: answers are ended before.
        timeout_graceful_shutdown=GRACE_S + 2,
    )
    return Server(config, farewell)


def with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Let pages of these origins call `app`, and read its errors too."""
    from starlette.middleware.cors import CORSMiddleware

    return CORSMiddleware(
        app, allow_origins=list(origins), allow_methods=["*"], allow_headers=["*"]
    )
