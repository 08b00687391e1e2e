"""`serve` as a real process, under the real client."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import psutil
import pytest
from openai import APIStatusError, OpenAI

from .asked import SCHEMA
from .pty_terminal import Terminal


def start(home, model, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "hermes_gguf", "serve", "-m", model, "--port", "0"]
    return subprocess.Popen(
        [*command, *options], env=home, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str]) -> str:
    """What a server that was told to end has said by then."""
    assert process.wait(timeout=20) == -signal.SIGTERM
    assert process.stderr is not None
    return process.stderr.read()


@pytest.fixture
def server(home, model):
    process = start(home, model)
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    found = re.search(r"http://\S+/v1", "".join(lines))
    assert found, "".join(lines)
    yield process, OpenAI(base_url=found[0], api_key="none", max_retries=0)
    process.kill()
    process.wait()
    process.stderr.close()


def test_serve_answers_the_openai_client_and_leaves_on_ctrl_c(server):
    process, client = server
    (served,) = client.models.list()
    reply = client.chat.completions.create(
        model=served.id,
        messages=[{"role": "user", "content": "hi"}],
        max_tokens=200,
        seed=1,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "x", "schema": SCHEMA},
        },
    )
    jsonschema.validate(json.loads(reply.choices[0].message.content or ""), SCHEMA)
    client.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) in (0, 130)


def test_serve_tells_how_likely_each_token_was(server):
    _, client = server
    asked = {
        "model": "",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 200,
        "temperature": 0,
        "logprobs": True,
        "top_logprobs": 4,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "x", "schema": SCHEMA},
        },
    }
    reply = client.chat.completions.create(**asked)
    content = reply.choices[0].logprobs.content
    jsonschema.validate(json.loads(reply.choices[0].message.content or ""), SCHEMA)
    written = b"".join(bytes(entry.bytes) for entry in content)
    assert written.decode() == reply.choices[0].message.content
    assert len(content) == reply.usage.completion_tokens
    for entry in content:
        best = [other.logprob for other in entry.top_logprobs]
        assert best == sorted(best, reverse=True)
        assert entry.logprob <= best[0] <= 0
        assert len(best) == 4
    chunks = client.chat.completions.create(**asked, stream=True)
    streamed = [c.choices[0].logprobs for c in chunks]
    assert [t for told in streamed if told for t in told.content] == content
    client.close()


def test_serve_gives_several_answers_to_one_question(server):
    _, client = server
    asked = {
        "model": "",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 20,
        "seed": 5,
    }
    alone = [
        client.chat.completions.create(**{**asked, "seed": seed}) for seed in (5, 6, 7)
    ]
    reply = client.chat.completions.create(**asked, n=3)
    said = [choice.message.content for choice in reply.choices]
    assert said == [one.choices[0].message.content for one in alone]
    assert reply.usage.completion_tokens == sum(
        one.usage.completion_tokens for one in alone
    )
    texts = ["", "", ""]
    for chunk in client.chat.completions.create(**asked, n=3, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert texts == said
    client.close()


def test_serve_goes_on_from_a_raw_prompt_as_from_the_chat_it_spells(server):
    _, client = server
    asked = {"model": "", "temperature": 0, "max_tokens": 12}
    chat = client.chat.completions.create(
        **asked, messages=[{"role": "user", "content": "hi"}]
    )
    spelled = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    raw = client.completions.create(**asked, prompt=spelled, logprobs=2)
    (choice,) = raw.choices
    assert choice.text.strip() == chat.choices[0].message.content.strip()
    assert raw.usage.prompt_tokens == chat.usage.prompt_tokens
    assert raw.usage.completion_tokens == chat.usage.completion_tokens
    assert len(choice.logprobs.tokens) == len(choice.logprobs.text_offset) > 0
    text = spelled + "Hello there, café!"
    read = client.completions.create(
        model="", prompt=text, max_tokens=0, echo=True, logprobs=0
    )
    assert read.choices[0].text == text
    assert read.usage.completion_tokens == 0
    scored = read.choices[0].logprobs
    assert len(scored.tokens) == len(scored.token_logprobs) == len(scored.text_offset)
    assert len(scored.tokens) in (
        read.usage.prompt_tokens,
        read.usage.prompt_tokens - 1,
    )
    for token, at in zip(scored.tokens, scored.text_offset, strict=True):
        assert token.startswith("bytes:") or text[at:].startswith(token)
    client.close()


def test_serve_that_ends_while_a_schema_compiles_says_nothing_of_it(server):
    process, client = server
    tools = [
        # Each two patterns of keys may meet: seconds of work.
        {f"{c}.*{c}": {"maxLength": n} for n, c in enumerate(keys)}
        for keys in ("qwertz", "asdfgh", "yxcvbn", "123456", "QWERTZ")
    ]
    with ThreadPoolExecutor() as other:
        reply = other.submit(
            client.chat.completions.create,
            model="",
            messages=[{"role": "user", "content": "hi"}],
            tools=[
                {
                    "type": "function",
                    "function": {
                        "name": f"f{n}",
                        "parameters": {"type": "object", "patternProperties": patterns},
                    },
                }
                for n, patterns in enumerate(tools)
            ],
        )
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(APIStatusError, match="stopped before"):
            reply.result()
    client.close()
    assert ended(process) == ""


def test_serve_tells_clients_what_they_did_wrong_and_not_the_terminal(server):
    process, client = server
    upgrade = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
    for sent, status in (
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + upgrade + b"\r\n", b"200"),
        (b"\x16\x03\x01\x02\x00 no HTTP at all\r\n\r\n", b"400"),
    ):
        with socket.create_connection(("127.0.0.1", client.base_url.port)) as raw:
            raw.sendall(sent)
            with raw.makefile("rb") as reply:
                assert reply.readline().split()[1] == status
    client.close()
    process.terminate()
    assert ended(process) == ""


def test_serve_answers_no_page_that_points_its_own_name_here(server):
    _, client = server
    url, foreign = f"{client.base_url}models", {"host": "evil.example"}
    client.close()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(url, headers=foreign), timeout=5)
    with caught.value as reply:
        assert reply.status == 403
        assert b"--allow-host evil.example" in reply.read()


def test_a_reply_on_an_open_connection_comes_at_once(server):
    _, client = server
    took_s = []
    for _ in range(30):
        start_s = time.perf_counter()
        client.models.list()
        took_s.append(time.perf_counter() - start_s)
    client.close()
    # Nagle's algorithm together with delayed acknowledgements makes it 40 ms.
    assert statistics.median(took_s) < 0.03


def test_serve_gives_back_the_memory_of_a_model_that_nobody_asks(home, model):
    process = start(home, model, "--unload-after", "0.01")
    assert process.stderr is not None
    with process.stderr:
        lines = iter(process.stderr.readline, "")
        url = next(line.split()[-1] for line in lines if "base URL" in line)
        assert any("nobody asked for 0.6 s" in line for line in lines)
        assert psutil.Process(process.pid).children() == []
        with OpenAI(base_url=url, api_key="none", max_retries=0) as client:
            assert client.models.list().data
        assert any("is loaded again" in line for line in lines)
        process.terminate()
        process.wait(20)


BUG = """
import hermes_gguf.server.served as served

def card(self):
    raise RuntimeError("what\\x1b]0;renamed\\x07 a client\\nsent")

served.Served.card = card
"""


@pytest.mark.parametrize("options", [[], ["--no-supervise"]])
def test_a_bug_inside_is_one_line_on_the_terminal_and_whole_in_a_file(
    home, model, tmp_path, options
):
    (tmp_path / "sitecustomize.py").write_text(BUG)
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    home = home | {"PYTHONPATH": path, "XDG_STATE_HOME": str(tmp_path / "state")}
    process = start(home, model, *options)
    assert process.stderr is not None
    with process.stderr:
        lines = iter(process.stderr.readline, "")
        url = next(line.split()[-1] for line in lines if "base URL" in line)
        assert any("Ctrl-C" in line for line in lines)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{url}/models", timeout=20)
        with caught.value as reply:
            assert reply.status == 500
        process.terminate()
        process.wait(20)
        told = process.stderr.read()
    [log] = (tmp_path / "state").rglob("serve.log")
    assert told == (
        "Note: a bug of this program: RuntimeError: what\\x1b]0;renamed\\x07 a client"
        f" sent; the whole of it is in {log}\n"
    )
    written = log.read_text()
    assert "Traceback" in written
    assert "what\x1b]0;renamed\x07 a client\nsent" in written
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("options", [[], ["--no-supervise"]])
def test_a_person_who_stops_it_reads_that_it_stopped(home, model, options):
    command = [sys.executable, "-m", "hermes_gguf", "serve", "-m", model, "--port", "0"]
    server = Terminal(home, [*command, *options])
    try:
        server.wait_for("Ctrl-C")
        server.press("\x03")
        assert server.wait_until_gone() == 130
        assert server.seen.endswith("\nStopped.\r\n")
    finally:
        server.close()


def test_serve_without_supervision_is_one_process(home, model):
    process = start(home, model, "--no-supervise")
    assert process.stderr is not None
    with process.stderr:
        assert any("Ctrl-C" in line for line in process.stderr)
        assert psutil.Process(process.pid).children() == []
        process.terminate()
        assert process.wait(20) == -signal.SIGTERM


@pytest.mark.parametrize("options", [[], ["--no-supervise"]])
def test_serve_ends_with_the_error_of_its_first_load(hermes, tmp_path, options):
    (tmp_path / "bad.gguf").write_bytes(b"not a model at all")
    done = hermes("serve", "-m", str(tmp_path / "bad.gguf"), "--port", "0", *options)
    assert done.returncode == 1
    assert done.stderr.count("bad.gguf") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        (("--api-key", ""), "--api-key: is empty"),
        (("--port", "99999"), "65535"),
        (("--host", "nobody.invalid"), "--host: nobody.invalid is no address of this"),
        (("--host", "192.0.2.1"), "--host: 192.0.2.1 is no address of this machine"),
        (("--port", "0", "--cors", "page.example"), "is no web origin"),
        (("--unload-after", "0"), "is a number of minutes above 0"),
        (("--unload-after", "nan"), "is a number of minutes above 0"),
        (("--unload-after", "5", "--no-supervise"), "leave --no-supervise out"),
    ],
)
def test_serve_refuses_options_that_mean_harm_or_nothing(hermes, option, problem):
    done = hermes("serve", "-m", "tiny", *option)
    assert done.returncode == 2
    assert problem in done.stderr


def test_serve_on_a_taken_port_says_so_before_loading(hermes, model, server):
    _, client = server
    port = client.base_url.port
    done = hermes("serve", "-m", model, "--port", str(port))
    client.close()
    assert done.returncode == 2
    taken = os.strerror(errno.EADDRINUSE)
    assert f"cannot listen on 127.0.0.1:{port}: {taken}; try" in done.stderr
