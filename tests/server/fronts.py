"""A front process above a scripted worker: what tests see of it, and ask it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import openai
import psutil

from tests.support.services import NAME
from tests.support.shared import ROOT


class Front:
    """A front process; `output` grows as it prints."""

    def __init__(
        self, service: str, folder: Path, limits: list[float], env: dict[str, str]
    ) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.front", service, *map(str, limits)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **env},
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = openai.OpenAI(
            base_url=f"{self.url}/v1", api_key="none", max_retries=0
        )
        self.output: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            self.output.extend(self.process.stdout)

    @property
    def worker(self) -> psutil.Process:
        return psutil.Process(int((self.folder / "pid").read_text()))

    def ask(self, text: str, **options: object) -> openai.Stream:
        messages = [{"role": "user", "content": text}]
        return self.client.chat.completions.create(
            model=NAME, messages=messages, **options
        )

    def get(self, path: str) -> tuple[int, object]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def ends(self, timeout_s: float = 15) -> int:
        returncode = self.process.wait(timeout_s)
        self._reader.join()
        return returncode

    def close(self) -> None:
        self.client.close()
        self.process.kill()
        self.ends()


def wait_for(condition: Callable[[], bool], timeout_s: float = 10) -> bool:
    end = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()
