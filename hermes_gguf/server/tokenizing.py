"""Texts as the model's tokens, for programs that count or cut them themselves.

As llama-server and vLLM have it, in the words of both; lm-eval's tokenizer is one of
those programs.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from ..engine.base import Engine
from ..errors import OptionError
from ..prompt.rendered import Prompt
from .served import Served

#: What would change the answer, each with the value that asks for nothing.
_FOREIGN: dict[str, Any] = {"messages": None, "tools": None, "with_pieces": False}
#: The Hub's names of tokens with a role → those in a GGUF file.
_MARKS = {"bos": "bos", "eos": "eos", "pad": "padding"}
_BEFORE = "tokenizer.ggml."


class TokenizeRequest(BaseModel):
    """A text, as `prompt` or as `content`."""

    model_config = ConfigDict(extra="allow")

    prompt: str | None = None
    content: str | None = None
    model: str = ""
    add_special_tokens: bool | None = None
    add_special: bool | None = None
    parse_special: bool = True


class DetokenizeRequest(BaseModel):
    """Token ids."""

    tokens: list[int]
    model: str = ""


def add_routes(routes: APIRouter, served: Served) -> None:
    """Serve the three endpoints."""

    @routes.post("/tokenize")
    def tokenize(wire: TokenizeRequest) -> dict[str, Any]:
        served.check_name(wire.model)
        engine = served.model.engine
        tokens = _tokenize(wire, engine)
        n_ctx = engine.info.n_ctx
        return {"tokens": tokens, "count": len(tokens), "max_model_len": n_ctx}

    @routes.post("/detokenize")
    def detokenize(wire: DetokenizeRequest) -> dict[str, Any]:
        served.check_name(wire.model)
        text = served.model.engine.detokenize(wire.tokens).decode("utf-8", "replace")
        return {"prompt": text, "content": text}

    @routes.get("/tokenizer_info")
    def tokenizer_info() -> dict[str, str | None]:
        template = served.model.engine.info.metadata.get("tokenizer.chat_template")
        marks = {f"{name}_token": _mark(served, role) for name, role in _MARKS.items()}
        return marks | {"chat_template": template}


def _tokenize(wire: TokenizeRequest, engine: Engine) -> list[int]:
    for name, nothing in _FOREIGN.items():
        if (wire.model_extra or {}).get(name, nothing) != nothing:
            raise OptionError(name, "not supported here; send a text as `prompt`")
    text = wire.prompt if wire.prompt is not None else wire.content
    if text is None:
        raise OptionError("prompt", "is missing: the text whose tokens are asked for")
    tokens = engine.tokenize(text, mode="markup" if wire.parse_special else "text")
    if wire.add_special_tokens or wire.add_special:
        return [*_bos(engine), *tokens]
    return tokens


def _bos(engine: Engine) -> list[int]:
    """What stands before every prompt, where the model wants something."""
    wants_bos = engine.count_tokens(Prompt("x")) > len(engine.tokenize("x"))
    return [int(engine.info.metadata[f"{_BEFORE}bos_token_id"])] if wants_bos else []


def _mark(served: Served, role: str) -> str | None:
    """The text of the token that the file gives this role."""
    engine = served.model.engine
    token = engine.info.metadata.get(f"{_BEFORE}{role}_token_id")
    if token is None:
        return None
    return engine.detokenize([int(token)]).decode("utf-8", "replace")
