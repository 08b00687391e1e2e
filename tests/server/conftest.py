"""A real server on a real socket, above a scripted engine."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from openai import OpenAI

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.server.app import create_app

from .fronts import Front


@dataclass
class Served:
    engine: ScriptedEngine
    base_url: str
    client: OpenAI


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    stops: list[Callable[[], None]] = []

    def start(
        *answers: object,
        api_key: str | None = None,
        on_unsupported: Literal["refuse", "check"] = "refuse",
        keep_reasoning: bool = False,
        **options: object,
    ) -> Served:
        engine = ScriptedEngine(answers, **options)  # type: ignore[arg-type]
        model = ChatModel(
            engine, on_unsupported=on_unsupported, keep_reasoning=keep_reasoning
        )
        app = create_app(model, model_id="hermes-test", api_key=api_key)
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = OpenAI(
            base_url=f"{base_url}/v1", api_key=api_key or "none", max_retries=0
        )

        def stop() -> None:
            client.close()
            server.should_exit = True
            thread.join(timeout=10)
            listener.close()

        stops.append(stop)
        return Served(engine, base_url, client)

    yield start
    for stop in stops:
        stop()


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Callable[..., Front]]:
    fronts = []

    def start(
        service: str = "ScriptedService(Path({!r}))",
        *,
        wait_s: float = 20,
        silence_s: float = 300,
        unload_s: float = 0,
        env: dict[str, str] | None = None,
        **more: object,
    ) -> Front:
        extra = "".join(f", {name}={value}" for name, value in more.items())
        text = service.format(str(tmp_path)).removesuffix(")")
        limits = [wait_s, silence_s, unload_s]
        fronts.append(Front(f"{text}{extra})", tmp_path, limits, env or {}))
        return fronts[-1]

    yield start
    for one in fronts:
        one.close()
