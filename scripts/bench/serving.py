"""`hermes-gguf serve` as a process: started, asked over HTTP, and surely ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from .llama_server import _free_port, peak_rss_bytes
from .setting import Setting

_START_S = 180.0
_ROOT = Path(__file__).resolve().parents[2]


class OurServer:
    """Use as a context manager; the process ends with the block."""

    def __init__(self, setting: Setting, *, n_ctx: int, n_slots: int = 1) -> None:
        self.port = _free_port()
        self._command = [
            sys.executable, "-m", "hermes_gguf", "serve", "--model", str(setting.model),
            "--port", str(self.port), "--slots", str(n_slots), "--ctx", str(n_ctx),
            "--threads", str(setting.n_threads),
        ]  # fmt: skip
        self._home = setting.scratch / "home"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> OurServer:
        self._home.mkdir(exist_ok=True)
        # An empty store: nothing may be known from an earlier run.
        caches = {"XDG_CACHE_HOME": str(self._home), "HOME": str(self._home)}
        self.process = subprocess.Popen(
            self._command,
            cwd=_ROOT,
            env=os.environ | caches,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
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
        """End the process, by force after ten seconds."""
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait(self) -> None:
        url = f"http://127.0.0.1:{self.port}/health"
        end = time.perf_counter() + _START_S
        while time.perf_counter() < end:
            assert self.process is not None
            if self.process.poll() is not None:
                raise RuntimeError("hermes-gguf serve ended before it was ready")
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise RuntimeError("hermes-gguf serve did not become ready")

    def complete(self, question: str, *, max_tokens: int, **options: Any) -> int:
        """One greedy answer; returns its tokens."""
        body = {
            "messages": [{"role": "user", "content": question}],
            "temperature": 0,
            "repeat_penalty": 1.0,
            "max_tokens": max_tokens,
        } | options
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/chat/completions",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=300) as reply:
            return int(json.load(reply)["usage"]["completion_tokens"])

    def peak_rss_bytes(self) -> int:
        """The most memory that the process and its worker have held."""
        assert self.process is not None
        family = psutil.Process(self.process.pid)
        workers = [child.pid for child in family.children(recursive=True)]
        return sum(peak_rss_bytes(pid) for pid in (family.pid, *workers))
