from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from hermes_gguf.server.hosts import HostCheck


def status(host: str, *, allowed: tuple[str, ...] = ()) -> tuple[int, str]:
    client = TestClient(HostCheck(PlainTextResponse("hello"), allowed))
    reply = client.get("/v1/models", headers={"host": host})
    return reply.status_code, reply.text


@pytest.mark.parametrize(
    "host",
    [
        "localhost:8080",
        "127.0.0.1:8080",
        "[::1]:8080",
        "192.168.1.7",
        "my-laptop:8080",
        "llm.localhost",
        "laptop.local:8080",
        "host.docker.internal:8080",
        "",
    ],
)
def test_who_names_this_machine_is_answered(host):
    assert status(host) == (200, "hello")


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example:8080", "127.0.0.1.evil.example."]
)
def test_a_page_that_points_its_own_name_here_is_refused(host):
    code, text = status(host)
    assert code == 403
    assert "--allow-host" in text
    assert "unknown_host" in text


def test_a_name_that_the_owner_allows_is_answered():
    assert status("LLM.example.org:80", allowed=("llm.example.org",)) == (
        200,
        "hello",
    )
