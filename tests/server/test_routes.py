"""Which routes there are, and what stands beside the answers."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import openai
import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.server.app import create_app
from hermes_gguf.server.listen import with_cors

from .asking import ask, health


def test_another_model_is_404_and_names_the_one_that_is_served(serve):
    with pytest.raises(openai.NotFoundError, match="hermes-test"):
        ask(serve("x"), model="gpt-4o")


@pytest.mark.parametrize("path", ["/v1/embeddings", "/chat/completions", "/docs"])
def test_a_route_that_is_not_served_says_which_are(serve, path):
    message = not_found(serve(), path)
    assert f"GET {path} " in message
    assert "POST /v1/chat/completions" in message


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("/completions", "base URL must end in /v1"),
        ("/models", "base URL must end in /v1"),
        ("/responses", "base URL must end in /v1"),
    ],
)
def test_a_client_with_the_wrong_api_or_address_is_told_what_to_change(
    serve, path, advice
):
    assert advice in not_found(serve(), path)


def not_found(served, path: str) -> str:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(served.base_url + path, timeout=5)
    assert caught.value.code == 404
    return json.load(caught.value)["error"]["message"]


@pytest.mark.parametrize("path", ["/", "/health", "/v1/models"])
def test_what_can_be_read_answers_head(serve, path):
    asked = urllib.request.Request(serve().base_url + path, method="HEAD")
    with urllib.request.urlopen(asked, timeout=5) as reply:
        assert (reply.status, reply.read()) == (200, b"")


def test_a_wrong_method_says_which_is_right(serve):
    asked = urllib.request.Request(f"{serve().base_url}/v1/chat/completions")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(asked, timeout=5)
    with caught.value as reply:
        assert (reply.status, reply.headers["allow"]) == (405, "POST")


def test_the_root_tells_a_browser_what_this_is(serve):
    base_url = serve().base_url
    with urllib.request.urlopen(base_url + "/", timeout=5) as reply:
        text = reply.read().decode()
    assert "hermes-test" in text
    assert f"{base_url}/v1" in text


def test_the_model_list_holds_the_served_model(serve):
    served = serve()
    assert [m.id for m in served.client.models.list()] == ["hermes-test"]
    assert served.client.models.retrieve("hermes-test").id == "hermes-test"


def test_health_answers_while_a_generation_runs(serve):
    served = serve("word " * 200, delay_s=0.02)
    with ask(served, stream=True) as stream:
        next(iter(stream))
        assert health(served)["status"] == "ok"


def test_a_wrong_api_key_is_refused_and_health_needs_none(serve):
    served = serve("x", api_key="secret")
    bad = served.client.with_options(api_key="wrong")
    with pytest.raises(openai.AuthenticationError):
        bad.models.list()
    assert ask(served).choices[0].message.content == "x"
    assert health(served)["status"] == "ok"


def authorized(header: bytes | None) -> int:
    model = ChatModel(ScriptedEngine())
    app = create_app(model, model_id="x", api_key="se\u00e9cret")
    headers = [] if header is None else [(b"authorization", header)]
    return TestClient(app).get("/v1/models", headers=headers).status_code


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer se\u00e9cret".encode(), 200),
        ("bearer  se\u00e9cret".encode("latin-1"), 200),
        (b"Bearer secret", 401),
        (b"Bearer ", 401),
        (b"Basic c2VjcmV0", 401),
        (None, 401),
    ],
)
def test_the_key_is_read_as_clients_send_it(header, status):
    assert authorized(header) == status


def test_without_the_key_nothing_of_a_request_is_looked_at(serve):
    url = f"{serve('x', api_key='secret').base_url}/v1/chat/completions"
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(url, b"{nope"), timeout=5)
    with caught.value as reply:
        assert (reply.code, json.load(reply)["error"]["code"]) == (
            401,
            "invalid_api_key",
        )


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://page.example", 200), ("https://page.example.evil.example", 400)],
)
def test_a_page_of_the_internet_may_call_this_machine_if_its_origin_may(origin, status):
    asks = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
        "access-control-request-private-network": "true",
    }
    app = with_cors(PlainTextResponse("x"), ["https://page.example"])
    reply = TestClient(app).options("/v1/chat/completions", headers=asks)
    assert reply.status_code == status
    allowed = reply.headers.get("access-control-allow-origin")
    assert (allowed == origin) == (status == 200)
    if status == 200:
        assert reply.headers["access-control-allow-private-network"] == "true"
