"""How uvicorn is set up for people's clients; browsers' rules stand around the app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from .body_limit import BodyLimit
from .farewell import GRACE_S, Farewell, Server
from .hosts import HostCheck
from .open_files import raise_open_files_limit
from .page.route import ChatPage
from .read_first import ReadFirst

if TYPE_CHECKING:
    from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserRules:
    """What browsers get, and which web pages may call.

    Attributes:
        origins: Web origins that may call from a browser; none by default.
        checks_host: Whether requests must name this machine.
        hosts: Other names that they may use for it.
        has_page: Whether a browser gets the chat page.
    """

    origins: Sequence[str] = ()
    checks_host: bool = False
    hosts: Sequence[str] = ()
    has_page: bool = False


def make_server(
    app: ASGIApp,
    *,
    rules: BrowserRules | None = None,
    door: Callable[[ASGIApp], ASGIApp] | None = None,
) -> Server:
    """A quiet server for `app`.

    Args:
        app: What answers.
        rules: What browsers get and may do; without any, there is no chat page, and no
            page from another origin may call.
        door: Puts an app of its own before what answers, behind the rules.
    """
    raise_open_files_limit()
    farewell = Farewell(BodyLimit(app))
    config = uvicorn.Config(
        ReadFirst(_with_rules(farewell, rules or BrowserRules(), door)),
        # What a client sends that is no HTTP, or asks for another protocol, as Java's
        # clients do with each request, is its own affair, and told to it.
        log_level="error",
        # `bug_log` tells of bugs.
        log_config=None,
        ws="none",
        lifespan="off",
        # The last resort: answers are ended before.
        timeout_graceful_shutdown=GRACE_S + 2,
    )
    return Server(config, farewell)


def _with_rules(
    app: ASGIApp, rules: BrowserRules, door: Callable[[ASGIApp], ASGIApp] | None
) -> ASGIApp:
    if rules.has_page:
        app = ChatPage(app)
    if door is not None:
        app = door(app)
    if rules.checks_host:
        app = HostCheck(app, rules.hosts)
    return with_cors(app, rules.origins) if rules.origins else app


def with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Let pages of these origins call `app`, and read its errors too."""
    from starlette.middleware.cors import CORSMiddleware

    return CORSMiddleware(
        app,
        allow_origins=list(origins),
        allow_methods=["*"],
        allow_headers=["*"],
        # Browsers ask on top whether a page of the internet may call this machine.
        allow_private_network=True,
    )
