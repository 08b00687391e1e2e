"""`hermes-gguf serve` as a process, and what is asked of it over HTTP."""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

from .process import ServerProcess, free_port
from .setting import Setting

_ROOT = Path(__file__).resolve().parents[2]


class OurServer(ServerProcess):
    """Use as a context manager; the process ends with the block."""

    def __init__(self, setting: Setting, *, n_ctx: int, n_slots: int = 1) -> None:
        port = free_port()
        command = [
            sys.executable, "-m", "hermes_gguf", "serve", "--model", str(setting.model),
            "--port", str(port), "--slots", str(n_slots), "--ctx", str(n_ctx),
            "--threads", str(setting.n_threads),
        ]  # fmt: skip
        # An empty store: nothing may be known from an earlier run.
        home = setting.scratch / "home"
        home.mkdir(exist_ok=True)
        environment = {"XDG_CACHE_HOME": str(home), "HOME": str(home)}
        super().__init__(command, port=port, environment=environment, folder=_ROOT)

    def complete(self, question: str, *, max_tokens: int, **options: Any) -> int:
        """One greedy answer; returns its tokens."""
        body = {
            "messages": [{"role": "user", "content": question}],
            "temperature": 0,
            "repeat_penalty": 1.0,
            "max_tokens": max_tokens,
        } | options
        request = urllib.request.Request(
            self.url("/v1/chat/completions"),
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=300) as reply:
            return int(json.load(reply)["usage"]["completion_tokens"])
