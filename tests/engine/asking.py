"""Short questions to a real engine."""

from __future__ import annotations

from dataclasses import replace

from hermes_gguf.engine.base import EngineFinish, GenerationRequest, Piece
from hermes_gguf.engine.llama.engine import LlamaEngine
from hermes_gguf.options import SamplingOptions
from hermes_gguf.prompt.rendered import Prompt

GREEDY = SamplingOptions(temperature=0)
CALL = (
    r'root ::= "<tool_call>\n{\"name\": \"" name "\", \"arguments\": {\"city\": \""'
    r' [a-z]{2,6} "\", \"days\": " [1-9] "}}\n</tool_call>"'
    "\n"
    r'name ::= "get_weather" | "get_wind" | "set_alarm"'
)


def request(text: str = "the name", **changes: object) -> GenerationRequest:
    base = GenerationRequest(prompt=Prompt(text), sampling=GREEDY, max_tokens=12)
    return replace(base, **changes)  # type: ignore[arg-type]


def run(engine: LlamaEngine, request: GenerationRequest) -> tuple[str, EngineFinish]:
    *items, finish = engine.generate(request)
    assert isinstance(finish, EngineFinish)
    pieces = [item for item in items if isinstance(item, Piece)]
    return "".join(piece.text for piece in pieces), finish
