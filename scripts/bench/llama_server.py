"""A `llama-server` process: started, asked over HTTP, and surely ended.

It knows the server's command line and its `/completion` route, not what is measured.
"""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

_START_S = 180.0


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


class LlamaServer:
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
        self.port = _free_port()
        self._log = tempfile.NamedTemporaryFile(suffix=".log", mode="w+")
        self._command = [
            str(program), "-m", str(model), "--port", str(self.port),
            "-c", str(n_ctx * n_slots), "-np", str(n_slots), "-t", str(n_threads),
            "-b", "2048", "-ub", str(batch_tokens), "--cache-ram", "0", *extra,
        ]  # fmt: skip
        self.process: subprocess.Popen[str] | None = None
        self.started_s = 0.0

    def __enter__(self) -> LlamaServer:
        self.started_s = time.perf_counter()
        self.process = subprocess.Popen(
            self._command, stdout=self._log, stderr=subprocess.STDOUT, text=True
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process, by force after five seconds."""
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._log.close()

    def _wait(self) -> None:
        while time.perf_counter() - self.started_s < _START_S:
            assert self.process is not None
            if self.process.poll() is not None:
                self._log.seek(0)
                raise RuntimeError("llama-server ended:\n" + self._log.read()[-2000:])
            try:
                with urllib.request.urlopen(self._url("/health"), timeout=2) as reply:
                    if reply.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise RuntimeError("llama-server did not become ready")

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._url(path), data, headers)
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

    def peak_rss_bytes(self) -> int:
        """The most memory that the process has held."""
        assert self.process is not None
        return peak_rss_bytes(self.process.pid)


def peak_rss_bytes(pid: int) -> int:
    """VmHWM of a process; its present size where the kernel does not say."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return int(psutil.Process(pid).memory_info().rss)


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


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
