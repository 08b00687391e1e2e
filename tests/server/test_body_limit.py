"""Bodies that are too long, declared or in pieces without an end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from hermes_gguf.server.body_limit import BodyLimit


async def count(scope, receive, send):
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


async def hang_up(scope, receive, send):
    """What the front does: it ends without a word when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def in_pieces(n_bytes: int) -> Iterator[bytes]:
    for _ in range(n_bytes // 10):
        yield b"x" * 10


@pytest.mark.parametrize("body", [b"x" * 100, in_pieces(100)], ids=["whole", "pieces"])
def test_a_body_up_to_the_limit_is_read(body):
    reply = TestClient(BodyLimit(count, 100)).post("/", content=body)
    assert (reply.status_code, reply.text) == (200, "100")


@pytest.mark.parametrize(
    ("app", "body"),
    [(count, b"x" * 101), (hang_up, in_pieces(110))],
    ids=["declared", "in pieces"],
)
def test_a_longer_one_is_refused(app, body):
    reply = TestClient(BodyLimit(app, 100)).post("/", content=body)
    assert reply.status_code == 413
    assert reply.json()["error"]["code"] == "request_too_large"


def test_no_more_than_the_limit_is_read_of_a_body_without_an_end():
    n_read = 0

    async def receive():
        nonlocal n_read
        n_read += 10
        return {"type": "http.request", "body": b"x" * 10, "more_body": True}

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    asyncio.run(BodyLimit(hang_up, 100)(scope, receive, send))
    assert n_read == 110
    assert sent[0]["status"] == 413
