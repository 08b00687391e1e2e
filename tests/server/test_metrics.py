"""GET /metrics, read by Prometheus' own parser."""

from __future__ import annotations

import gc
import signal
import urllib.request

import openai
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.base import GenerationRequest
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import GenerationError
from hermes_gguf.events import Usage
from hermes_gguf.prompt.rendered import Prompt
from hermes_gguf.server.app import create_app
from hermes_gguf.server.metrics.door import MetricsRules
from hermes_gguf.server.metrics.exposition import Figures, Requests, exposition
from hermes_gguf.server.metrics.meter import Meter, MeteredEngine
from hermes_gguf.server.metrics.tally import Ledger, Tally

from .asking import HELLO
from .fronts import wait_for
from .messaging import client_of
from .tiny_server import tiny_server

QUESTION = GenerationRequest(prompt=Prompt("one two three"))


def read(text: str) -> dict[str, float]:
    """Each sample's value by its name and the values of its labels."""
    told = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        assert family.type in ("counter", "gauge")
        for sample in family.samples:
            key = " ".join([sample.name, *sample.labels.values()])
            told[key.removeprefix("hermes_gguf_")] = sample.value
    return told


def metered(*answers: object, key: str | None = None) -> TestClient:
    meter = Meter()
    model = ChatModel(MeteredEngine(ScriptedEngine(answers), meter))
    app = create_app(model, model_id="hermes-test", api_key=key)

    def figures() -> Figures:
        return Figures("hermes-test", is_loaded=True, tally=meter.tally())

    door = MetricsRules(key).door(figures)(app)
    return TestClient(door, raise_server_exceptions=False)


def scraped(client: TestClient) -> dict[str, float]:
    reply = client.get("/metrics")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    return read(reply.text)


def test_what_was_asked_and_done_is_told():
    client = metered("Hi there!", "Hi again!", GenerationError("no"))
    chat = {"messages": HELLO}
    first = client.post("/v1/chat/completions", json=chat).json()["usage"]
    message = {"messages": HELLO, "max_tokens": 9, "stream": True}
    assert "message_stop" in client.post("/v1/messages", json=message).text
    assert client.post("/v1/chat/completions", json=chat).status_code == 500
    client.post("/v1/chat/completions", json={})
    client.get("/v1/models/hermes-test")
    told = scraped(client)
    assert told["requests_total /v1/chat/completions 200"] == 1
    assert told["requests_total /v1/chat/completions 400"] == 1
    assert told["requests_total /v1/chat/completions 500"] == 1
    assert told["requests_total /v1/messages 200"] == 1
    assert told["requests_total /v1/models 200"] == 1
    n_prompt = first["prompt_tokens"]
    assert told["prompt_tokens_read_total"] >= n_prompt
    n_read = told["prompt_tokens_read_total"] + told["prompt_tokens_reused_total"]
    assert n_read == 3 * n_prompt
    assert told["tokens_written_total"] == 2 * first["completion_tokens"]
    assert told["prefill_seconds_total"] > 0
    assert told["answers_waiting"] == told["answers_active"] == 0
    assert told["requests_in_progress"] == 0
    assert told["model_loaded hermes-test"] == 1


def test_paths_that_anybody_may_invent_are_one_endpoint():
    client = metered()
    for path in ("/a", "/v1/b", '/"c'):
        client.get(path)
    told = scraped(client)
    assert told["requests_total other 404"] == 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "Bearer secret"}, 200),
    ],
)
def test_the_key_guards_the_metrics_too(headers, status):
    client = metered(key="secret")
    assert client.get("/metrics", headers=headers).status_code == status


def test_metrics_can_only_be_read():
    client = metered()
    head = client.head("/metrics")
    assert (head.status_code, head.content) == (200, b"")
    refused = client.post("/metrics")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    assert not any(name.startswith("requests_total") for name in scraped(client))


def test_without_the_option_there_are_none():
    app = create_app(ChatModel(ScriptedEngine()), model_id="x")
    assert TestClient(app).get("/metrics").status_code == 404


def test_a_name_with_quotes_is_still_one_label():
    name = 'a "model"\n\\of mine'
    figures = Figures(name, is_loaded=False, tally=Tally())
    told = read(exposition(figures, Requests(0, {})))
    assert told[f"model_loaded {name}"] == 0


def test_an_answer_waits_is_active_and_is_over():
    meter = Meter()
    answer = MeteredEngine(ScriptedEngine(["a b"]), meter).generate(QUESTION)
    assert (meter.tally().waiting, meter.tally().active) == (1, 0)
    next(answer)
    assert (meter.tally().waiting, meter.tally().active) == (0, 1)
    list(answer)
    answer.close()
    assert (meter.tally().waiting, meter.tally().active) == (0, 0)
    assert meter.tally().usage.completion_tokens == 3


@pytest.mark.parametrize("n_items", [0, 1, 4])
def test_an_answer_that_is_closed_is_counted_as_far_as_it_came(n_items):
    meter = Meter()
    answer = MeteredEngine(ScriptedEngine(["a b c d"]), meter).generate(QUESTION)
    for _ in range(n_items):
        next(answer)
    answer.close()
    tally = meter.tally()
    assert (tally.waiting, tally.active) == (0, 0)
    # Twice it tells how far the prompt is read; then come its words.
    assert tally.usage.prompt_tokens == (6 if n_items > 1 else 0)
    assert tally.usage.completion_tokens == max(n_items - 2, 0)


def test_an_answer_that_fails_or_is_forgotten_waits_no_more():
    meter = Meter()
    engine = MeteredEngine(ScriptedEngine([GenerationError("no"), "x"]), meter)
    with pytest.raises(GenerationError):
        list(engine.generate(QUESTION))
    forgotten = engine.generate(QUESTION)
    assert meter.tally().waiting == 1
    del forgotten
    gc.collect()
    assert (meter.tally().waiting, meter.tally().active) == (0, 0)


def test_counters_never_fall_when_a_process_comes_after_another():
    ledger = Ledger()
    first, second = ledger.open(), ledger.open()
    first.book(Tally(Usage(prompt_tokens=5), waiting=2, active=1))
    assert ledger.total(is_alive=True) == Tally(Usage(prompt_tokens=5))
    second.book(Tally(Usage(prompt_tokens=1), waiting=1))
    assert ledger.total(is_alive=True).usage.prompt_tokens == 6
    assert ledger.total(is_alive=True).waiting == 1
    assert ledger.total(is_alive=False).waiting == 0
    # What the first one did in its last second is told late.
    first.book(Tally(Usage(prompt_tokens=7)))
    assert ledger.total(is_alive=False).usage.prompt_tokens == 8


def from_front(served) -> dict[str, float]:
    with urllib.request.urlopen(f"{served.url}/metrics", timeout=5) as reply:
        return read(reply.read().decode())


def test_a_crash_loses_no_figures(front):
    served = front()
    served.ask("short")
    assert wait_for(lambda: from_front(served)["tokens_written_total"] == 1)
    with pytest.raises(openai.InternalServerError, match="SIGKILL"):
        served.ask("die SIGKILL")
    served.ask("short")
    assert wait_for(lambda: from_front(served)["tokens_written_total"] == 2)
    told = from_front(served)
    assert told["requests_total /v1/chat/completions 200"] == 2
    assert told["requests_total /v1/chat/completions 502"] == 1
    assert told["model_loaded hermes-test"] == 1


def test_answers_under_way_are_told_while_they_run(front):
    served = front()
    stream = served.ask("go on", stream=True)
    next(stream)
    assert wait_for(lambda: from_front(served)["answers_active"] == 1)
    assert from_front(served)["requests_in_progress"] == 1
    stream.close()
    assert wait_for(lambda: from_front(served)["answers_active"] == 0)
    assert from_front(served)["tokens_written_total"] > 0


def test_to_ask_for_metrics_wakes_no_model(front, tmp_path):
    served = front(unload_s=0.2)
    served.ask("short")
    assert wait_for(lambda: "unloaded" in "".join(served.output))
    told = from_front(served)
    assert told["model_loaded hermes-test"] == 0
    assert told["tokens_written_total"] == 1
    assert len(list(tmp_path.glob("opened-*"))) == 1
    served.process.send_signal(signal.SIGINT)
    served.ends()


@pytest.mark.parametrize("options", [[], ["--no-supervise"]])
def test_a_real_server_tells_what_its_model_did(tmp_path, options):
    with tiny_server(tmp_path, "--metrics", *options) as base_url:
        with client_of(base_url) as client:
            asked = {"model": "tiny", "max_tokens": 20, "messages": HELLO}
            usage = client.messages.create(**asked).usage

        def told() -> dict[str, float]:
            with urllib.request.urlopen(f"{base_url}/metrics", timeout=5) as reply:
                return read(reply.read().decode())

        assert wait_for(lambda: told()["tokens_written_total"] == usage.output_tokens)
        assert told()["prompt_tokens_read_total"] == usage.input_tokens
        assert told()["requests_total /v1/messages 200"] == 1
        assert told()["prefill_seconds_total"] > 0
        assert told()["model_loaded tiny"] == 1
