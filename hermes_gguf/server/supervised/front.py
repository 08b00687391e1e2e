"""The front's app: every request goes to the worker, every piece of a reply comes back.

What it adds is what a crash needs: an error in the shape of its API for who was being
answered, a wait or a 503 for who comes while the model loads, and /health in the
meantime. Streams pass event by event, never half an event.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from ...errors import (
    EngineUnavailableError,
    HermesError,
    ModelLoadingError,
    WorkerDiedError,
)
from ..error_form import last_event, spelled
from ..errors import status_of, to_wire
from .exchange import Exchange, Headers, WorkerLostError, without_hop_by_hop
from .process import WorkerProcess
from .supervisor import RETRY_AFTER_S, Supervisor

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

#: Seconds in which the system says how a process ended that hung up.
_INQUEST_S = 2.0
_EVENT_END = b"\n\n"


class Front:
    """An ASGI app that passes requests to the worker that `supervisor` keeps alive."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1000})
            return
        if scope["path"] == "/health" and not self._supervisor.is_ready:
            await self._send_health(send)
            return
        try:
            with self._supervisor.attendance.here():
                await self._pass_on(scope, receive, send)
        except HermesError as error:
            status = status_of(error)
            body = spelled(to_wire(error), path=scope["path"], status=status)
            await _send_json(send, status, body, _advice(error))

    async def _send_health(self, send: Send) -> None:
        """Without a worker; one that rests is as good as one that is there."""
        name = self._supervisor.name
        if self._supervisor.rests:
            await _send_json(send, 200, {"status": "ok", "model": name}, [])
            return
        body = {"status": "loading", "model": name}
        await _send_json(send, 503, body, _retry_after(RETRY_AFTER_S))

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        worker, exchange = await self._connect()
        worker.n_requests += 1
        try:
            await _until_done(exchange, worker, scope, receive, send)
        except WorkerLostError:
            raise await _inquest(worker) from None
        finally:
            worker.n_requests -= 1
            exchange.close()

    async def _connect(self) -> tuple[WorkerProcess, Exchange]:
        while True:
            worker = await self._supervisor.worker()
            try:
                return worker, await Exchange.connect(worker.address)
            except WorkerLostError:
                # It died a moment ago and saw nothing of this: the next one will.
                await worker.lost()


async def _until_done(
    exchange: Exchange,
    worker: WorkerProcess,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Pass the request on and the reply back, until its end or the client's."""
    target = scope["raw_path"]
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    await exchange.send_head(scope["method"], target, scope["headers"])
    client = asyncio.ensure_future(_until_gone(exchange, receive))
    reply = asyncio.ensure_future(_reply(exchange, worker, scope["path"], send))
    try:
        await asyncio.wait({client, reply}, return_when=asyncio.FIRST_COMPLETED)
        if reply.done():
            reply.result()
        else:
            client.result()
    finally:
        client.cancel()
        reply.cancel()
        await asyncio.wait({client, reply})


async def _until_gone(exchange: Exchange, receive: Receive) -> None:
    """Pass the request's body on; then wait for the client to hang up."""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return
        await exchange.send_body(message["body"], more=message["more_body"])


async def _reply(
    exchange: Exchange, worker: WorkerProcess, path: str, send: Send
) -> None:
    """Pass the reply back; one that is no stream only once it is whole."""
    status, headers = await exchange.head()
    headers = without_hop_by_hop(headers)
    kind = dict(headers).get(b"content-type", b"")
    if not kind.startswith(b"text/event-stream"):
        whole = b"".join([piece async for piece in exchange.body()])
        await _send(send, status, headers, whole)
        return
    await _start(send, status, headers)
    try:
        held = b""
        async for piece in exchange.body():
            events, end, held = (held + piece).rpartition(_EVENT_END)
            await _continue(send, events + end)
        await _continue(send, held)
    except WorkerLostError:
        error = await _inquest(worker)
        status = status_of(error)
        told = last_event(to_wire(error), path=path, status=status)
        await _continue(send, told)
    await _continue(send, b"", more=False)


async def _inquest(worker: WorkerProcess) -> WorkerDiedError:
    """Why a worker hung up, told to a client."""
    who, when = "The model's process", "before this answer was complete"
    hint = "the model is loaded again; ask once more"
    try:
        death = await asyncio.wait_for(worker.ended(), _INQUEST_S)
    except TimeoutError:
        how = "it hung up"
        return WorkerDiedError(f"{who} crashed ({how}) {when}.", how=how, hint=hint)
    return death.error(who, when, hint=hint)


def _advice(error: HermesError) -> Headers:
    """What a client's automatic retries should do."""
    if isinstance(error, ModelLoadingError):
        return _retry_after(error.retry_after_s)
    if isinstance(error, EngineUnavailableError):
        return _retry_after(RETRY_AFTER_S)
    # The request may be what the model's process died of. The openai client obeys.
    return [(b"x-should-retry", b"false")]


def _retry_after(seconds: int) -> Headers:
    return [(b"retry-after", str(seconds).encode())]


async def _send_json(
    send: Send, status: int, body: dict[str, Any], headers: Headers
) -> None:
    text = json.dumps(body, ensure_ascii=False).encode()
    length = (b"content-length", str(len(text)).encode())
    kind = (b"content-type", b"application/json")
    await _send(send, status, [kind, length, *headers], text)


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await _start(send, status, headers)
    await _continue(send, body, more=False)


async def _start(send: Send, status: int, headers: Headers) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": headers,
        }
    )


async def _continue(send: Send, body: bytes, *, more: bool = True) -> None:
    if body or not more:
        await send({"type": "http.response.body", "body": body, "more_body": more})
