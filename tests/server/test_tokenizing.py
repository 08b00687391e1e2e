"""The tokens of texts, as programs ask for them that count or cut texts themselves."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from fastapi import FastAPI

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine import load_engine
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.options import LoadOptions
from hermes_gguf.server.app import create_app
from tests.support.random_gguf import write_random_gguf

NAME = "hermes-test"


@dataclass
class Client:
    """Status and JSON of what is asked."""

    base_url: str

    def get(self, path: str) -> tuple[int, dict]:
        return self._send(urllib.request.Request(self.base_url + path))

    def post(self, path: str, body: object) -> tuple[int, dict]:
        data, kind = json.dumps(body).encode(), {"content-type": "application/json"}
        return self._send(urllib.request.Request(self.base_url + path, data, kind))

    def _send(self, request: urllib.request.Request) -> tuple[int, dict]:
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Iterator[ChatModel]:
    path = write_random_gguf(tmp_path_factory.mktemp("model") / "m.gguf")
    options = LoadOptions(n_ctx=256, disk_cache=False)
    with load_engine(path, options=options) as engine:
        yield ChatModel(engine)


@pytest.fixture
def client(model: ChatModel) -> Iterator[Client]:
    with serving(create_app(model, model_id=NAME)) as client:
        yield client


@contextmanager
def serving(app: FastAPI) -> Iterator[Client]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        while not server.started:
            time.sleep(0.005)
        port = listener.getsockname()[1]
        yield Client(f"http://127.0.0.1:{port}")
        server.should_exit = True
        thread.join()


def ask(client: Client, path: str, **body: object) -> dict:
    status, said = client.post(path, body)
    assert status == 200, said
    return said


@pytest.mark.parametrize("text", ["", "hello world", "été 🙂\\n", "<|im_start|>user"])
def test_tokens_are_those_of_the_text_and_lead_back_to_it(client, text):
    said = ask(client, "/tokenize", prompt=text, add_special_tokens=False)
    assert said["count"] == len(said["tokens"])
    assert said["max_model_len"] == 256
    back = ask(client, "/detokenize", tokens=said["tokens"])
    assert back == {"prompt": text, "content": text}
    assert ask(client, "/tokenize", content=text) == said, "as llama-server says it"


def test_special_tokens_are_one_token_unless_they_are_to_be_text(client):
    assert ask(client, "/tokenize", prompt="<|im_end|>")["count"] == 1
    assert (
        ask(client, "/tokenize", prompt="<|im_end|>", parse_special=False)["count"] > 1
    )


@pytest.mark.parametrize("word", ["add_special_tokens", "add_special"])
def test_bos_stands_in_front_where_it_is_asked_for(client, word):
    bos = client.get("/tokenizer_info")[1]["bos_token"]
    (bos_id,) = ask(client, "/tokenize", prompt=bos)["tokens"]
    plain = ask(client, "/tokenize", prompt="hi")["tokens"]
    assert ask(client, "/tokenize", prompt="hi", **{word: True})["tokens"] == [
        bos_id,
        *plain,
    ]


def test_the_tokenizer_tells_its_marks(client):
    _, info = client.get("/tokenizer_info")
    assert info["bos_token"] == "<|begin_of_text|>"
    assert info["eos_token"] == "<|im_end|>"
    assert info.keys() == {"bos_token", "eos_token", "pad_token", "chat_template"}


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/tokenize", {}, "prompt"),
        ("/tokenize", {"messages": [{"role": "user", "content": "x"}]}, "messages"),
        ("/tokenize", {"prompt": "x", "with_pieces": True}, "with_pieces"),
        ("/tokenize", {"prompt": 5}, "prompt"),
        ("/tokenize", {"prompt": "x", "model": "gpt-4o"}, NAME),
        ("/detokenize", {}, "tokens"),
        ("/detokenize", {"tokens": [10**9]}, "1000000000"),
        ("/detokenize", {"tokens": [-1]}, "-1"),
        ("/detokenize", {"tokens": ["a"]}, "tokens"),
    ],
)
def test_what_has_no_tokens_is_refused_by_name(client, path, body, says):
    status, said = client.post(path, body)
    assert status in (400, 404)
    assert says in said["error"]["message"]


@pytest.mark.parametrize("path", ["/tokenize", "/detokenize", "/tokenizer_info"])
def test_nobody_without_the_key_gets_tokens(path):
    app = create_app(ChatModel(ScriptedEngine([])), model_id=NAME, api_key="secret")
    with serving(app) as client:
        assert client.post(path, {})[0] == 401
        assert client.get(path)[0] == 401
