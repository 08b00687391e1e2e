"""What the tests of the Messages API ask, and how they read what comes.

Every reply and every event is held against the models of the `anthropic` client, which
are made from Anthropic's description of the API.
"""

from __future__ import annotations

import json
import urllib.request

import pydantic
from anthropic import Anthropic
from anthropic.types import Message, RawMessageStreamEvent

from .asking import WEATHER

EVENT = pydantic.TypeAdapter(RawMessageStreamEvent)
TOOL = {
    "name": WEATHER["function"]["name"],
    "description": WEATHER["function"]["description"],
    "input_schema": WEATHER["function"]["parameters"],
}
QUESTION = {"role": "user", "content": "How warm is Paris?"}
HELLO = [{"role": "user", "content": "Hello"}]
#: What Anthropic always sends although the client's models have a default for it.
ALWAYS = {"stop_reason", "stop_sequence"}


def client_of(base_url: str, api_key: str = "none") -> Anthropic:
    return Anthropic(base_url=base_url, api_key=api_key, max_retries=0)


def arguments(**options: object) -> dict:
    # What the client has no argument for goes into the body beside the others.
    known = {"temperature": 0, **options.pop("extra_body", {})}
    said = {"model": "hermes-test", "max_tokens": 100, "messages": HELLO}
    return {**said, "extra_body": known, **options}


def write(served, **options: object) -> Message:
    with client_of(served.base_url) as client:
        asked = client.messages.with_raw_response.create(**arguments(**options))
        raw = asked.text()
    assert json.loads(raw).keys() >= ALWAYS
    return Message.model_validate_json(raw, strict=True)


def send(served, path: str = "/v1/messages", **body: object):
    """The open reply to a body as it is."""
    asked = urllib.request.Request(
        served.base_url + path,
        json.dumps(body).encode(),
        {"content-type": "application/json"},
    )
    return urllib.request.urlopen(asked, timeout=10)


def stream(served, **options: object) -> list[RawMessageStreamEvent]:
    """All events but pings, as the bytes have them."""
    body = {"model": "", "max_tokens": 100, "messages": HELLO, "temperature": 0}
    with send(served, **{**body, "stream": True, **options}) as reply:
        blocks = reply.read().decode().strip().split("\n\n")
    events = []
    for block in blocks:
        if block.startswith(":"):
            continue
        name, data = block.split("\n")
        kind = json.loads(data.removeprefix("data: "))["type"]
        assert name == f"event: {kind}"
        if kind != "ping":
            text = data.removeprefix("data: ")
            events.append(EVENT.validate_json(text, strict=True))
    return events


def block(kind: str, **fields: object) -> dict:
    return {"type": kind, **fields}
