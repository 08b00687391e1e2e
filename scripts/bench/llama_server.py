"""A `llama-server` process, and what is asked of it over HTTP.

It knows the server's command line and its `/completion` route, not what is measured.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .process import ServerProcess, free_port


@dataclass(frozen=True)
class ServerReply:
    """What one request came to.

    Attributes:
        text: The answer.
        n_tokens: Its tokens.
        wall_s: Seconds that the client waited.
        decode_s: Seconds that the server says it decoded.
        prompt_tokens: Prompt tokens that it evaluated.
    """

    text: str
    n_tokens: int
    wall_s: float
    decode_s: float
    prompt_tokens: int


class LlamaServer(ServerProcess):
    """Use as a context manager; the process ends with the block."""

    name = "llama-server"
    has_grammar = True

    def __init__(
        self,
        program: Path,
        model: Path,
        *,
        n_ctx: int,
        n_slots: int = 1,
        n_threads: int,
        batch_tokens: int = 512,
        extra: Sequence[str] = (),
    ) -> None:
        port = free_port()
        command = [
            str(program), "-m", str(model), "--port", str(port),
            "-c", str(n_ctx * n_slots), "-np", str(n_slots), "-t", str(n_threads),
            "-b", "2048", "-ub", str(batch_tokens), "--cache-ram", "0", *extra,
        ]  # fmt: skip
        super().__init__(command, port=port)

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url(path), data, headers)
        return urllib.request.urlopen(request, timeout=300)

    def complete(
        self, prompt: str | Sequence[int], *, max_tokens: int, **options: Any
    ) -> ServerReply:
        """One greedy answer from `/completion`, as a whole."""
        body = _body(prompt, max_tokens, options)
        started = time.perf_counter()
        with self._post("/completion", body) as reply:
            data = json.load(reply)
        wall_s = time.perf_counter() - started
        timings = data["timings"]
        return ServerReply(
            data["content"],
            int(data["tokens_predicted"]),
            wall_s,
            timings["predicted_ms"] / 1e3,
            int(timings["prompt_n"]),
        )

    def complete_all(
        self, prompts: Sequence[str | Sequence[int]], **options: Any
    ) -> list[ServerReply]:
        """All prompts at once, each by a client of its own."""
        with ThreadPoolExecutor(len(prompts)) as pool:
            return list(pool.map(lambda p: self.complete(p, **options), prompts))

    def first_token_s(self, prompt: str | Sequence[int], **options: Any) -> float:
        """Seconds until the first token comes out of the stream."""
        started = time.perf_counter()
        for _ in self._stream(prompt, 2, options):
            return time.perf_counter() - started
        raise RuntimeError("llama-server sent no token")

    def _stream(
        self, prompt: str | Sequence[int], max_tokens: int, options: dict[str, Any]
    ) -> Iterator[Any]:
        body = _body(prompt, max_tokens, options) | {"stream": True}
        with self._post("/completion", body) as reply:
            for line in reply:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])


def _body(
    prompt: str | Sequence[int], max_tokens: int, options: dict[str, Any]
) -> dict[str, Any]:
    return {
        "prompt": prompt if isinstance(prompt, str) else list(prompt),
        "n_predict": max_tokens,
        "temperature": 0,
        "repeat_penalty": 1.0,
        "cache_prompt": True,
    } | options
