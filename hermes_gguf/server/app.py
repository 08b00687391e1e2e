"""The app: its routes, who may ask, and how failures are told.

The roads to an answer have files of their own, `chat_completions`, `responses`,
`completions` and `messages`. The app does not load models.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from .. import __version__
from ..chat.model import ChatModel
from ..errors import HermesError
from . import chat_completions, completions, messages, responses, tokenizing
from .api_key import KeyCheck
from .bridge import ClientGoneError
from .error_form import spelled
from .errors import error_body, status_of, to_wire
from .served import Served

#: Whoever watches a server asks with HEAD.
_READING = ["GET", "HEAD"]
_SERVED = (
    "Served: POST /v1/chat/completions, POST /v1/responses, POST /v1/completions,"
    " POST /v1/messages, POST /v1/messages/count_tokens, GET /v1/models,"
    " GET /v1/models/NAME, POST /tokenize, POST /detokenize, GET /tokenizer_info,"
    " GET /health."
)


def create_app(
    model: ChatModel,
    *,
    model_id: str,
    aliases: tuple[str, ...] = (),
    api_key: str | None = None,
) -> FastAPI:
    """The ASGI app that serves one loaded model.

    Args:
        model: The chat model; the app does not close it.
        model_id: The name under which it is listed; an empty `model` field or one of
            `aliases` means it too, any other is refused with 404.
        aliases: Other names that clients may use.
        api_key: When given, every request to the API must carry it, as a bearer token
            or as x-api-key.
    """
    # FastAPI's own pages would load their scripts from the internet, and show its own
    # idea of the API: OpenAI's is the one that holds.
    app = FastAPI(title="hermes-gguf", version=__version__, openapi_url=None)
    if api_key:
        app.add_middleware(KeyCheck, key=api_key)
    _install_error_handlers(app)

    @app.api_route("/health", methods=_READING)
    async def health() -> dict[str, str]:
        return {"status": "ok", "model": model_id}

    @app.api_route("/", methods=_READING)
    async def root(http: Request) -> PlainTextResponse:
        return PlainTextResponse(
            f"hermes-gguf {__version__} serves {model_id} as an OpenAI API.\n"
            f"Base URL for clients: {http.base_url}v1 (Anthropic's: {http.base_url})\n"
            f"{_SERVED}\n"
        )

    served = Served(model, model_id, aliases, int(time.time()))
    app.include_router(_v1_routes(served), prefix="/v1")
    tokens = APIRouter()
    tokenizing.add_routes(tokens, served)
    app.include_router(tokens)
    return app


def _v1_routes(served: Served) -> APIRouter:
    routes = APIRouter()

    @routes.api_route("/models", methods=_READING)
    async def list_models() -> dict[str, Any]:
        return {"object": "list", "data": [served.card()]}

    @routes.api_route("/models/{name:path}", methods=_READING)
    async def get_model(name: str) -> dict[str, Any]:
        served.check_name(name)
        return served.card()

    chat_completions.add_route(routes, served)
    responses.add_route(routes, served)
    completions.add_route(routes, served)
    messages.add_routes(routes, served)
    return routes


def _install_error_handlers(app: FastAPI) -> None:
    """Every failure leaves as its API's error body, never as a stack trace."""

    @app.exception_handler(HermesError)
    async def on_hermes_error(http: Request, error: HermesError) -> JSONResponse:
        return _reply(http, status_of(error), to_wire(error))

    @app.exception_handler(RequestValidationError)
    async def on_bad_request(
        http: Request, error: RequestValidationError
    ) -> JSONResponse:
        problem, where = _problem(http, error.errors()[0], error.body)
        return _error(http, 400, problem, code="invalid_request", param=where)

    @app.exception_handler(HTTPException)
    async def on_http_error(http: Request, error: HTTPException) -> JSONResponse:
        code, message = _HTTP_CODES.get(error.status_code), str(error.detail)
        if error.status_code == 400:
            message = "the body cannot be read: it must be JSON in UTF-8, not too deep"
        if error.status_code in (404, 405):
            # Not the URL's: with a malformed Host header that has another path.
            path = str(http.scope["path"])
            message = f"There is no {http.method} {path} here. {_SERVED}"
            message += _instead(path)
        reply = _error(http, error.status_code, message, code=code)
        reply.headers.update(error.headers or {})
        return reply

    @app.exception_handler(Exception)
    async def on_bug(http: Request, error: Exception) -> JSONResponse:
        # The terminal gets the traceback: it is raised again behind this.
        message = f"a bug of this program: {type(error).__name__}: {error}"
        return _error(http, 500, message, code="internal_error")

    @app.exception_handler(ClientGoneError)
    async def on_client_gone(_: Request, __: ClientGoneError) -> Response:
        return Response(status_code=499)


def _instead(path: str) -> str:
    """What to change in a client that asks for `path`, as far as one can tell."""
    if f"/v1{path}" in _V1_PATHS:
        return " The client's base URL must end in /v1."
    if path.startswith("/v1/v1/"):
        return " The client's base URL must not end in /v1."
    return ""


_V1_PATHS = ("/v1/chat/completions", "/v1/models", "/v1/responses", "/v1/completions")
_HTTP_CODES = {
    400: "invalid_request",
    404: "not_found",
    405: "not_found",
}


def _problem(
    http: Request, first: Mapping[str, Any], body: Any
) -> tuple[str, str | None]:
    """What is wrong with a request's body, and the field where."""
    if first["type"] == "json_invalid":
        why, at = first["ctx"]["error"], first["loc"][-1]
        return f"the body is no JSON: {why}, at character {at}", None
    # Any web page may send other types to this machine without asking first.
    if "json" not in http.headers.get("content-type", ""):
        return "send JSON, with the header content-type: application/json", None
    where = _field(body, first)
    return f"{where or 'body'}: {first['msg']}", where or None


def _field(body: Any, error: Mapping[str, Any]) -> str:
    """The path to what is wrong, as the client knows it, without pydantic's steps."""
    steps, path, value = error["loc"][1:], [], body
    for step in steps:
        try:
            value = value[step]
        except (LookupError, TypeError):
            continue
        path.append(str(step))
    if steps and error["type"] == "missing":
        path.append(str(steps[-1]))
    return ".".join(path)


def _error(
    http: Request,
    status: int,
    message: str,
    *,
    code: str | None,
    param: str | None = None,
) -> JSONResponse:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return _reply(http, status, error_body(message, kind=kind, code=code, param=param))


def _reply(http: Request, status: int, body: dict[str, Any]) -> JSONResponse:
    return JSONResponse(spelled(body, path=http.scope["path"], status=status), status)
