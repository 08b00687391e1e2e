"""`hermes-gguf serve`: the OpenAI-compatible endpoint on this machine."""

from __future__ import annotations

import socket
from typing import Annotated

import typer

from ..errors import OptionError
from . import loading

app = typer.Typer()

_SERVER = "Server"


@app.command()
@loading.takes_model_flags
def serve(
    *,
    flags: loading.ModelFlags,
    host: Annotated[
        str, typer.Option(help="Address to listen on.", rich_help_panel=_SERVER)
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", help="0 picks one.", rich_help_panel=_SERVER)
    ] = 8080,
    slots: Annotated[
        int, typer.Option(help="Answers at once.", min=1, rich_help_panel=_SERVER)
    ] = 1,
    api_key: Annotated[
        str | None,
        typer.Option(
            help="Clients must send it.",
            envvar="HERMES_GGUF_API_KEY",
            rich_help_panel=_SERVER,
        ),
    ] = None,
    cors: Annotated[
        list[str] | None,
        typer.Option(help="Web origin that may call.", rich_help_panel=_SERVER),
    ] = None,
) -> None:
    """Serve the OpenAI API on this machine until Ctrl-C."""
    listener = _listen(host, port)
    with (
        listener,
        loading.load_chat_model(flags, n_slots=slots) as loaded,
    ):
        _serve(loaded, listener, api_key=api_key, cors=tuple(cors or ()))


def _listen(host: str, port: int) -> socket.socket:
    """The listening socket, taken before a model is loaded for nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        problem = f"cannot listen on {host}:{port}: {error.strerror or error}"
        raise OptionError("--port", f"{problem}; try --port 0") from error


def _serve(
    loaded: loading.LoadedModel,
    listener: socket.socket,
    *,
    api_key: str | None,
    cors: tuple[str, ...],
) -> None:
    import uvicorn

    from ..server.app import create_app

    app = create_app(
        loaded.chat,
        model_id=loaded.name,
        aliases=(loaded.local.name,),
        api_key=api_key,
        cors_origins=cors,
    )
    host, port = listener.getsockname()[:2]
    info = loaded.chat.engine.info
    shown = f"[{host}]" if ":" in host else host
    lines = [
        f"Serving {loaded.name} ({info.backend}, {info.n_ctx} tokens of context)",
        f"  OpenAI base URL  http://{shown}:{port}/v1",
        f"  try it           curl http://{shown}:{port}/v1/models",
        "  stop             Ctrl-C",
    ]
    if host not in ("127.0.0.1", "::1") and api_key is None:
        lines.append("Note: other machines can reach this, and no --api-key is set.")
    typer.echo("\n".join(lines), err=True)
    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", timeout_graceful_shutdown=2
    )
    uvicorn.Server(config).run(sockets=[listener])
