"""What the tests of the Responses API ask, and how they read what comes.

Every reply and every event is held against the models of the `openai` client, which
are made from OpenAI's description of the API.
"""

from __future__ import annotations

import json
import urllib.request

import pydantic
from openai.types.responses import Response, ResponseStreamEvent

from .asking import WEATHER

EVENT = pydantic.TypeAdapter(ResponseStreamEvent)
FUNCTION = {"type": "function", "strict": True, **WEATHER["function"]}
QUESTION = {"role": "user", "content": "How warm is Paris?"}
#: What OpenAI always sends although the client's models have a default for it.
ALWAYS = {"error", "incomplete_details", "instructions", "metadata", "status", "text"}
ALWAYS |= {"temperature", "top_p", "max_output_tokens", "previous_response_id"}
ALWAYS |= {"reasoning", "truncation", "usage"}


def respond(served, **options) -> Response:
    options = {"model": "hermes-test", "input": "Hello", "temperature": 0, **options}
    raw = served.client.responses.with_raw_response.create(**options).text
    assert json.loads(raw).keys() >= ALWAYS
    return Response.model_validate_json(raw, strict=True)


def stream(served, **options) -> list[ResponseStreamEvent]:
    """All events, as the bytes have them: the client's own reading hides mistakes."""
    body = {"input": "Hello", "temperature": 0, "stream": True, **options}
    asked = urllib.request.Request(
        f"{served.base_url}/v1/responses",
        json.dumps(body).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=10) as reply:
        blocks = reply.read().decode().strip().split("\n\n")
    events = []
    for block in blocks:
        if block.startswith(":"):
            continue
        name, data = block.split("\n")
        event = EVENT.validate_json(data.removeprefix("data: "), strict=True)
        assert name == f"event: {event.type}"
        events.append(event)
    assert [event.sequence_number for event in events] == list(range(len(events)))
    return events


def item(kind: str, **fields: object) -> dict:
    return {"type": kind, **fields}
