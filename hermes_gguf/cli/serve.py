"""`hermes-gguf serve`: the OpenAI- and Anthropic-compatible endpoint here."""

from __future__ import annotations

import errno
import ipaddress
import math
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import typer

from ..errors import OptionError
from . import loading
from . import serve_options as options
from .model_flags import ModelArgument, ModelFlags, takes_model_flags
from .terminal import is_terminal, tell

if TYPE_CHECKING:
    from ..server.listen import BrowserRules
    from ..server.metrics.door import MetricsRules
    from ..server.service import ModelService

app = typer.Typer()

_NO_SUCH_HOST = 11001


@app.command()
@takes_model_flags
def serve(
    *,
    flags: ModelFlags,
    name: ModelArgument = None,
    host: options.Host = "127.0.0.1",
    port: options.Port = 8080,
    slots: options.Slots = 1,
    api_key: options.ApiKey = None,
    cors: options.Cors = None,
    allow_host: options.AllowHost = None,
    page: options.Page = True,
    supervise: options.Supervise = True,
    metrics: options.Metrics = False,
    unload_after: options.UnloadAfter = None,
) -> None:
    """Serve the OpenAI and Anthropic APIs on this machine until Ctrl-C."""
    if api_key is not None and not api_key.strip():
        # A variable that is not set: whoever names a key wants one to be asked for.
        raise OptionError("--api-key", "is empty; leave it out to ask for no key")
    _require_worker(unload_after, supervise=supervise)
    with _listen(host, port) as listener:
        plan, local = loading.plan_model(flags.of(name), n_slots=slots)
        from ..server.metrics.door import MetricsRules
        from ..server.service import ModelService

        service = ModelService(
            plan=plan, aliases=(local.name,), api_key=api_key, is_metered=metrics
        )
        rules = _rules(service, listener, cors, allow_host, has_page=page)
        told = MetricsRules(api_key) if metrics else None
        with _says_that_it_stopped():
            if supervise:
                _run_supervised(service, listener, rules, told, unload_after)
            else:
                _run_alone(service, listener, rules, told)


@contextmanager
def _says_that_it_stopped() -> Iterator[None]:
    """To a person: the shell's next line would stand behind the `^C` otherwise."""
    try:
        yield
    except KeyboardInterrupt:
        if is_terminal(sys.stderr):
            tell("\nStopped.", err=True)
        raise


def _require_worker(unload_after: float | None, *, supervise: bool) -> None:
    if unload_after is None:
        return
    if not 0 < unload_after < math.inf:
        raise OptionError("--unload-after", "is a number of minutes above 0")
    if not supervise:
        raise OptionError(
            "--unload-after",
            "ends the process of the model, and with --no-supervise there is none",
            hint="leave --no-supervise out",
        )


def _rules(
    service: ModelService,
    listener: socket.socket,
    cors: list[str] | None,
    hosts: list[str] | None,
    *,
    has_page: bool,
) -> BrowserRules:
    """On its own machine and without a key, a server is open to every local program.

    So it is to a web page that has its own name point here: such names are refused.
    """
    from ..server.listen import BrowserRules

    is_open = service.api_key is None and _is_local(listener)
    return BrowserRules(
        origins=tuple(map(_origin, cors or ())),
        checks_host=is_open,
        hosts=tuple(hosts or ()),
        has_page=has_page,
    )


def _origin(text: str) -> str:
    """A web origin as browsers write it; what is none would never match."""
    scheme, found, rest = text.strip().rstrip("/").lower().partition("://")
    # Pages that are files call themselves null.
    if text in ("*", "null") or (found and scheme and rest and "/" not in rest):
        return scheme + found + rest
    raise OptionError(
        "--cors",
        f"{text!r} is no web origin",
        hint="--cors https://page.example, with its port if it has one, or --cors '*'",
    )


def _is_local(listener: socket.socket) -> bool:
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def _listen(host: str, port: int) -> socket.socket:
    """The listening socket, taken before a model is loaded for nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        taken = socket.create_server((host, port), family=family)
    except OSError as error:
        raise _not_listening(host, port, error) from error
    # asyncio switches off Nagle's algorithm, which holds back every second piece of a
    # reply for 40 ms, only where the protocol is named: create_server does not.
    return socket.socket(
        family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=taken.detach()
    )


def _not_listening(host: str, port: int, error: OSError) -> OptionError:
    number = error.errno or 0
    # Names that nobody knows have numbers below 0, on Windows this one.
    if number < 0 or number in (errno.EADDRNOTAVAIL, _NO_SUCH_HOST):
        problem = f"{host} is no address of this machine"
        return OptionError("--host", problem, hint="leave it out, or --host 0.0.0.0")
    # Python's own text names the address, too.
    why = os.strerror(number) if number else str(error)
    problem = f"cannot listen on {host}:{port}: {why}; try --port 0"
    return OptionError("--port", problem)


def _run_supervised(
    service: ModelService,
    listener: socket.socket,
    rules: BrowserRules,
    metrics: MetricsRules | None,
    unload_after: float | None,
) -> None:
    from ..server import bug_log
    from ..server.supervised.run import run_supervised
    from ..server.supervised.supervisor import Plan, Terminal

    bug_log.install(loading.warn)
    terminal = Terminal(
        loading=lambda: loading.status(loading.loading_line(service.plan)),
        ready=lambda ready: _print_banner(
            service, listener, rules, backend=ready.backend, n_ctx=ready.n_ctx
        ),
        note=loading.warn,
    )
    plan = Plan(
        service=service,
        name=service.plan.name,
        unload_after_s=None if unload_after is None else 60 * unload_after,
    )
    run_supervised(plan, listener, terminal=terminal, rules=rules, metrics=metrics)


def _run_alone(
    service: ModelService,
    listener: socket.socket,
    rules: BrowserRules,
    metrics: MetricsRules | None,
) -> None:
    from ..server import bug_log
    from ..server.listen import make_server
    from ..server.metrics.exposition import Figures

    bug_log.install(loading.warn)
    with ExitStack() as stack:
        with loading.status(loading.loading_line(service.plan)):
            opened = stack.enter_context(service.open(on_warning=loading.warn))
        _print_banner(
            service, listener, rules, backend=opened.backend, n_ctx=opened.n_ctx
        )

        def figures() -> Figures:
            return Figures(service.plan.name, is_loaded=True, tally=opened.tally())

        door = metrics.door(figures) if metrics else None
        make_server(opened.app, rules=rules, door=door).run(sockets=[listener])


def _print_banner(
    service: ModelService,
    listener: socket.socket,
    rules: BrowserRules,
    *,
    backend: str,
    n_ctx: int,
) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    lines = [
        f"Serving {service.plan.name} ({backend}, {n_ctx} tokens of context)",
        f"  OpenAI base URL  http://{shown}:{port}/v1",
        f"  Anthropic's      http://{shown}:{port}",
        f"  try it           curl http://{shown}:{port}/v1/models",
        "  stop             Ctrl-C",
    ]
    if rules.has_page:
        lines.insert(1, f"  chat page        http://{shown}:{port}/")
    if not _is_local(listener) and service.api_key is None:
        lines.append("Note: other machines can reach this, and no --api-key is set.")
    tell("\n".join(lines), err=True)
