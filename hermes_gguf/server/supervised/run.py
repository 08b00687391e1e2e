"""Runs front and worker until a person ends them or the worker keeps dying."""

from __future__ import annotations

import asyncio
import socket

from ..listen import BrowserRules, make_server
from ..metrics.door import MetricsRules
from .front import Front
from .supervisor import Plan, Supervisor, Terminal


def run_supervised(
    plan: Plan,
    listener: socket.socket,
    *,
    terminal: Terminal,
    rules: BrowserRules | None = None,
    metrics: MetricsRules | None = None,
) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        plan: What to serve.
        listener: The socket that clients connect to.
        terminal: What a person sees.
        rules: Which web pages may call.
        metrics: Who may ask what the server does; None: nobody.

    Raises:
        WorkerDiedError: the worker crashes again and again.
        Exception: whatever opening the service raised, as if it was opened here.
    """
    asyncio.run(_run(plan, listener, terminal, rules, metrics))


async def _run(
    plan: Plan,
    listener: socket.socket,
    terminal: Terminal,
    rules: BrowserRules | None,
    metrics: MetricsRules | None,
) -> None:
    supervisor = Supervisor(plan, terminal=terminal)
    door = metrics.door(supervisor.figures) if metrics else None
    server = make_server(Front(supervisor), rules=rules, door=door)
    supervising = asyncio.ensure_future(supervisor.run())
    supervising.add_done_callback(lambda _: setattr(server, "should_exit", True))
    try:
        await server.serve(sockets=[listener])
        # Ctrl-C cancels this task at its next wait: not at one of those below.
        await asyncio.sleep(0)
    finally:
        supervising.cancel()
        await asyncio.wait({supervising})
        await supervisor.close()
    if not supervising.cancelled():
        supervising.result()
