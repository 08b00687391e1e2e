"""What the tests of the endpoint ask, and how."""

from __future__ import annotations

import json
import urllib.request

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_current_temperature",
        "description": "Get the current temperature at a location.",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {"type": "string"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            },
            "required": ["location", "unit"],
        },
    },
}
PARIS = {"location": "Paris, France", "unit": "celsius"}
CALL = (
    '<tool_call>\n{"name": "get_current_temperature", "arguments": '
    '{"location": "Paris, France", "unit": "celsius"}}\n</tool_call>'
)
HELLO = [{"role": "user", "content": "Hello"}]


def health(served):
    with urllib.request.urlopen(f"{served.base_url}/health", timeout=5) as reply:
        return json.load(reply)


def ask(served, **options):
    options = {"model": "hermes-test", "messages": HELLO, **options}
    return served.client.chat.completions.create(**options)
