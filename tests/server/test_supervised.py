"""A crash of the worker process, as its clients and the person at the terminal see it.

Every process here is real, and so is every signal.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import openai
import psutil
import pytest

from hermes_gguf.errors import EngineUnavailableError
from hermes_gguf.server.open_files import raise_open_files_limit
from hermes_gguf.server.supervised.exchange import Exchange
from hermes_gguf.server.supervised.process import WorkerProcess
from tests.server.fronts import wait_for
from tests.support.services import NAME


@pytest.mark.parametrize("how", ["SIGSEGV", "SIGKILL"])
def test_a_crash_ends_every_answer_with_a_clear_error_and_the_next_is_served(
    front, how
):
    served = front()
    first, second = served.ask("go on", stream=True), served.ask("go on", stream=True)
    assert next(first).choices[0].delta.role == "assistant"
    assert next(second).choices[0].delta.role == "assistant"
    # One that waits for its whole reply is the one whose prompt kills.
    with pytest.raises(openai.InternalServerError, match=how) as caught:
        served.ask(f"die {how}")
    assert caught.value.status_code == 502
    assert caught.value.code == "model_crashed"
    assert caught.value.type == "server_error"
    assert caught.value.response.headers["x-should-retry"] == "false"
    for stream in (first, second):
        with pytest.raises(openai.APIError, match=f"crashed .{how}"):
            list(stream)
    assert served.ask("short").choices[0].message.content == "short"
    lines = "".join(served.output)
    assert f"ended ({how}) with 3 answers under way; loading {NAME} again" in lines
    assert wait_for(lambda: f"{NAME} is loaded again" in "".join(served.output))
    assert lines.count("scripted") == 1, "warnings are for the first load"


def test_an_answer_that_was_told_of_the_crash_first_counts_as_lost():
    async def lose_three() -> int:
        process = await asyncio.create_subprocess_exec(
            *("sh", "-c", "kill -SEGV $$"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        worker = WorkerProcess(process, silence_s=60)
        worker.n_requests = 3
        await worker.ended()
        worker.n_requests = 0
        return worker.n_lost

    assert asyncio.run(lose_three()) == 3


def test_a_crash_ends_a_stream_of_the_responses_api_too(front):
    served = front()
    create = served.client.responses.create
    stream = create(model=NAME, input="go on", stream=True)
    assert next(stream).type == "response.created"
    with pytest.raises(openai.InternalServerError, match="SIGSEGV"):
        create(model=NAME, input="die SIGSEGV")
    with pytest.raises(openai.APIError, match=r"crashed .SIGSEGV"):
        list(stream)


def test_what_comes_while_the_model_loads_waits_for_it(front):
    served = front(load_s=0.3)
    assert served.get("/health") == (503, {"status": "loading", "model": NAME})
    assert served.ask("short").choices[0].message.content == "short"
    assert served.get("/health") == (200, {"status": "ok", "model": NAME})


def test_who_waited_too_long_is_told_when_to_come_again(front):
    served = front(load_s=30, wait_s=0.5)
    with pytest.raises(openai.InternalServerError) as caught:
        served.ask("short")
    assert caught.value.status_code == 503
    assert caught.value.code == "model_loading"
    assert caught.value.response.headers["retry-after"] == "5"
    first = served.folder / "opened-0"
    assert wait_for(first.exists)
    served.process.send_signal(signal.SIGINT)
    assert served.ends() != 0
    assert not psutil.pid_exists(int(first.read_text()))


def test_a_worker_that_dies_at_every_start_is_given_up(front):
    served = front(lives=1)
    assert wait_for(lambda: served.get("/health")[0] == 200)
    with pytest.raises(openai.InternalServerError, match="SIGSEGV"):
        served.ask("die SIGSEGV")
    with pytest.raises(openai.InternalServerError, match="3 times"):
        served.ask("short")
    assert served.ends() == 1
    assert "WorkerDiedError: The model's process ended 3 times" in served.output[-2]
    assert "SIGKILL" in served.output[-2]


def test_a_worker_whose_address_was_cleaned_away_is_replaced(front):
    served = front()
    assert served.ask("short").choices[0].message.content == "short"
    # The listening socket's, and that of a connection that is about to close.
    places = {c.laddr for c in served.worker.net_connections("unix")}
    (address,) = [place for place in places if "hermes-gguf-" in place]
    os.unlink(address)
    assert served.ask("short").choices[0].message.content == "short"
    assert f"loading {NAME} again" in "".join(served.output)


def test_without_a_file_left_for_a_connection_the_client_is_told_to_come_again():
    resource = pytest.importorskip("resource", reason="only POSIX can limit files")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def connect() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
        try:
            await Exchange.connect("/tmp/nobody-listens-here")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)

    with pytest.raises(EngineUnavailableError, match="too many connections"):
        asyncio.run(connect())


def test_as_many_connections_are_possible_as_the_system_allows():
    resource = pytest.importorskip("resource", reason="only POSIX can limit files")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, before[1]))
    try:
        raise_open_files_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_model_that_cannot_be_loaded_again_is_given_up_with_the_reason(front):
    served = front()
    assert wait_for(lambda: served.get("/health")[0] == 200)
    (served.folder / "gone").touch()
    with pytest.raises(openai.InternalServerError, match="SIGKILL"):
        served.ask("die SIGKILL")
    with pytest.raises(openai.InternalServerError, match=r"no such file \(put it back"):
        served.ask("short")
    assert served.ends() == 1
    assert "ModelLoadError: x.gguf: no such file" in "".join(served.output)


def test_an_error_at_the_first_load_is_raised_as_in_one_process(front):
    served = front("BrokenService()")
    assert served.ends() == 1
    assert served.output[:2] == [
        "about to fail\n",
        "ModelLoadError: x.gguf: is no model\n",
    ]
    assert "tests/support/services.py" in "".join(served.output), "the worker's trace"


def test_who_waits_for_a_load_that_the_system_refuses_is_told_so(front):
    served = front("BrokenService(load_s=2, has_no_disk=True)")
    with pytest.raises(openai.InternalServerError, match="Read-only file") as caught:
        served.ask("short")
    assert (caught.value.status_code, caught.value.code) == (503, "engine_unavailable")
    assert served.ends() == 1
    assert "OSError: [Errno 30] Read-only file system: '/cache/x'" in served.output[1]


def test_a_client_that_leaves_cancels_the_generation_in_the_worker(front):
    served = front()
    with served.ask("go on", stream=True) as stream:
        next(iter(stream))
    assert wait_for(lambda: served.get("/cancelled") == (200, 1), 3)
    with pytest.raises(openai.APITimeoutError):
        served.ask("go on", timeout=0.3)
    assert wait_for(lambda: served.get("/cancelled") == (200, 2), 3)


def test_a_stream_arrives_piece_by_piece(front):
    served = front()
    assert wait_for(lambda: served.get("/health")[0] == 200)
    start_s = time.monotonic()
    with served.ask("go on", stream=True) as stream:
        for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        assert time.monotonic() - start_s < 2, "the whole takes 40 s"


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"])
def test_the_worker_ends_with_the_front_however_that_ends(front, how):
    served = front()
    stream = served.ask("go on", stream=True)
    next(stream)
    worker = served.worker
    places = {c.laddr for c in worker.net_connections("unix")}
    (address,) = [place for place in places if "hermes-gguf-" in place]
    served.process.send_signal(getattr(signal, how))
    if how != "SIGKILL":
        with pytest.raises(openai.APIError, match="stopped before"):
            list(stream)
    served.ends()
    stream.close()
    assert wait_for(lambda: not worker.is_running())
    assert not os.path.exists(address)


def test_errors_of_the_worker_and_bad_requests_pass_through_unchanged(front):
    served = front()
    with pytest.raises(openai.NotFoundError, match=NAME):
        served.client.chat.completions.create(model="other", messages=[])
    request = urllib.request.Request(
        f"{served.url}/v1/chat/completions",
        data=b"{nope",
        headers={"content-type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    assert caught.value.code == 400
    with caught.value as reply:
        assert json.load(reply)["error"]["code"] == "invalid_request"
    assert served.get("/nowhere")[0] == 404
    assert [model.id for model in served.client.models.list()] == [NAME]


def test_a_route_that_is_not_there_is_no_crash_however_long_the_body(front):
    served = front()
    for n_bytes in [10, 200_000] * 20:
        asked = urllib.request.Request(f"{served.url}/v1/embeddings", b"x" * n_bytes)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(asked, timeout=10)
        with caught.value as reply:
            assert reply.code == 404


def test_a_probe_of_the_old_http_that_names_no_host_is_answered(front):
    served = front()
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as probe:
        probe.sendall(b"GET /v1/models HTTP/1.0\r\n\r\n")
        assert probe.makefile("rb").readline().split()[1] == b"200"


def test_a_stream_passes_event_by_event_and_never_half_an_event(front):
    served = front()
    with urllib.request.urlopen(f"{served.url}/half", timeout=10) as reply:
        first, error, *rest = reply.read().split(b"\n\n")
    assert first == b'data: {"n": 1}'
    assert json.loads(error.removeprefix(b"data: "))["error"]["code"] == "model_crashed"
    assert rest == [b""]
    with urllib.request.urlopen(f"{served.url}/pieces", timeout=10) as reply:
        assert reply.read() == b"data: 1\n\ndata: 2\n\ntail"


def test_a_web_page_that_may_call_can_read_errors_of_the_front_too(front):
    served = front(load_s=30, wait_s=0.1)
    request = urllib.request.Request(f"{served.url}/v1/models")
    request.add_header("origin", "https://page.example")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    with caught.value as reply:
        allowed = reply.headers.get_all("access-control-allow-origin")
    assert (caught.value.code, allowed) == (503, ["https://page.example"])


@pytest.mark.parametrize("place", ["none is short enough", "none can be written"])
def test_without_a_place_for_a_socket_the_worker_answers_its_front_alone(
    front, tmp_path, place
):
    # As on Windows, which has no such sockets.
    long = tmp_path / ("x" * 120)
    long.mkdir()
    nowhere = {"PYTHONPATH": _no_temporary_folder(tmp_path)}
    is_long = place == "none is short enough"
    served = front(env={"TMPDIR": str(long)} if is_long else nowhere)
    stream = served.ask("go on", stream=True)
    assert next(stream).choices[0].delta.role == "assistant"
    (listening,) = [c for c in served.worker.net_connections() if c.status == "LISTEN"]
    request = urllib.request.Request(f"http://127.0.0.1:{listening.laddr.port}/health")
    request.add_header("x-hermes-front", "a guess")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    with caught.value as reply:
        assert (reply.code, json.load(reply)["error"]["code"]) == (403, "not_the_front")
    with pytest.raises(openai.InternalServerError, match="SIGSEGV"):
        served.ask("die SIGSEGV")
    with pytest.raises(openai.APIError, match="crashed"):
        list(stream)
    assert served.ask("short").choices[0].message.content == "short"
    served.process.send_signal(signal.SIGINT)
    served.ends()
    assert not list(long.iterdir())


def _no_temporary_folder(folder: Path) -> str:
    """A path of modules that takes them away, as a container does that is read-only."""
    (folder / "sitecustomize.py").write_text(
        "import tempfile\n"
        "def mkdtemp(**_): raise FileNotFoundError(2, 'No temporary directory')\n"
        "tempfile.mkdtemp = mkdtemp\n"
    )
    return str(folder)


def test_a_port_of_the_worker_holds_no_small_piece_back(monkeypatch):
    from hermes_gguf.server.supervised import worker

    monkeypatch.delattr(socket, "AF_UNIX")
    with worker._listen() as (listener, _), socket.socket() as client:
        client.connect(listener.getsockname())
        connection, _ = listener.accept()
        with connection:
            # What asyncio asks before it sets TCP_NODELAY.
            assert connection.proto == socket.IPPROTO_TCP
