"""llama.cpp reads and computes what training did."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from hermes_gguf.engine import load_engine
from hermes_gguf.engine.llama.engine import LlamaEngine
from hermes_gguf.engine.llama.tokenizer import encode_prompt
from hermes_gguf.prompt import render_prompt
from scripts.tiny import dialogues

pytest.importorskip("tokenizers", reason="needs the extra `tiny`")
pytest.importorskip("torch", reason="needs the extra `tiny`")
jinja2 = pytest.importorskip("jinja2")

from scripts.tiny import check, encode, export  # noqa: E402
from scripts.tiny.model import Shape, TinyLlama  # noqa: E402
from scripts.tiny.tokenizer import TinyTokenizer  # noqa: E402

SHIPPED = Path("hermes_gguf/data/tiny.gguf")


@pytest.fixture(scope="module")
def tokenizer() -> TinyTokenizer:
    return export.read_tokenizer(SHIPPED)


@pytest.fixture(scope="module")
def network(tokenizer: TinyTokenizer) -> TinyLlama:
    import torch

    torch.manual_seed(7)
    shape = Shape(len(tokenizer.pieces), n_layers=2, n_embd=64, n_heads=2, n_ff=96)
    made = TinyLlama(shape).eval()
    with torch.no_grad():
        for weight in made.parameters():
            if weight.dim() == 2:
                weight.normal_(std=0.1)
    return made


def test_tokens_equal_llama_cpp_on_random_texts(tokenizer: TinyTokenizer) -> None:
    model = check.load(SHIPPED, vocab_only=True)
    try:
        found = check.differing_texts(model, tokenizer, count=500, seed=1)
        assert list(found) == []
    finally:
        model.close()


def test_the_engine_reads_the_prompts_of_every_kind_as_training_did(
    tokenizer: TinyTokenizer,
) -> None:
    with load_engine(SHIPPED) as engine:
        assert isinstance(engine, LlamaEngine)
        for seed in range(150):
            prompt, _ = encode.render_dialogue(dialogues.draw_dialogue(Random(seed)))
            read = encode_prompt(prompt, vocabulary=engine._vocabulary)
            assert read == tokenizer.encode_prompt(prompt), prompt.text


def test_tokens_turn_back_into_the_text(tokenizer: TinyTokenizer) -> None:
    rng = Random(2)
    for _ in range(200):
        text = check.random_text(rng, tokenizer)
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_a_dialogue_with_cut_words_is_the_same_text_in_more_tokens(
    tokenizer: TinyTokenizer,
) -> None:
    grew = 0
    for seed in range(40):
        dialogue = dialogues.drill(Random(seed), False)
        whole, _ = encode.encode_dialogue(tokenizer, dialogue)
        cut, marks = encode.encode_dialogue(tokenizer, dialogue, Random(seed))
        assert tokenizer.decode(cut) == tokenizer.decode(whole)
        assert len(marks) == len(cut) >= len(whole)
        grew += len(cut) > len(whole)
    assert grew > 15


def test_a_dialogue_that_is_too_long_stops_after_an_answer(
    tokenizer: TinyTokenizer,
) -> None:
    end = tokenizer.encode("<|im_end|>", markup=True)
    rows = encode.training_rows(tokenizer, Random(5), 400)
    for ids, marks in (next(rows) for _ in range(60)):
        assert len(ids) == len(marks) <= 400
        assert ids[-1:] == end
        assert marks[-1] >= encode.WRITTEN


def test_a_word_is_cut_alike_wherever_it_stands(tokenizer: TinyTokenizer) -> None:
    cuts = {"weather": (2,)}
    asked = tokenizer.encode("how is the weather?", cuts=cuts)
    named = tokenizer.encode('"get_weather"', cuts=cuts)
    pieces = tokenizer.encode("we") + tokenizer.encode("ather")
    for ids in (asked, named):
        text = " ".join(map(str, ids))
        assert " ".join(map(str, pieces)) in text


@pytest.mark.parametrize("quantize", [False, True])
def test_logits_equal_pytorch(
    tmp_path: Path, tokenizer: TinyTokenizer, network: TinyLlama, quantize: bool
) -> None:
    path = tmp_path / "model.gguf"
    weights = dict(network.named_parameters())
    export.write_gguf(
        path,
        shape=network.shape,
        weights={name: weight.detach() for name, weight in weights.items()},
        tokenizer=tokenizer,
        quantize=quantize,
    )
    dialogue = dialogues.one_call(Random(3), False, rounds=2)
    ids, _ = encode.encode_dialogue(tokenizer, dialogue)
    model = check.load(path, n_ctx=1024, logits_all=True)
    try:
        difference, equal = check.compare_logits(model, network, ids)
    finally:
        model.close()
    assert difference < (0.3 if quantize else 5e-3)
    assert equal > (0.9 if quantize else 0.999)


def test_a_completion_is_what_the_renderer_puts_into_the_history(
    tokenizer: TinyTokenizer,
) -> None:
    for seed in range(40):
        dialogue = dialogues.one_call(Random(seed), False, rounds=1)
        prompt, completion = encode.render_dialogue(dialogue)
        whole = render_prompt(
            dialogue.messages, tools=dialogue.tools, add_generation_prompt=False
        )
        assert whole.text.startswith(prompt.text + completion)


def test_the_tool_use_template_writes_what_the_package_renders() -> None:
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    environment.filters["tojson"] = lambda value: __import__("json").dumps(
        value, ensure_ascii=False
    )
    template = environment.from_string(export.TOOL_TEMPLATE.read_text(encoding="utf-8"))
    for seed in range(30):
        dialogue = dialogues.one_call(Random(seed), False)
        prompt, _ = encode.render_dialogue(dialogue)
        written = template.render(
            bos_token="",
            tools=[tool.to_json() for tool in dialogue.tools],
            messages=[_wire(message) for message in dialogue.messages[:-1]],
            add_generation_prompt=True,
        )
        assert written == prompt.text


def _wire(message: object) -> dict[str, object]:
    role, content = message.role, message.content  # type: ignore[attr-defined]
    calls = getattr(message, "tool_calls", ())
    wire: dict[str, object] = {"role": role, "content": content}
    if calls:
        wire["tool_calls"] = [
            {"function": {"name": c.name, "arguments": dict(c.arguments)}}
            for c in calls
        ]
    return wire
