"""The dialect of an unknown file, from its chat template."""

from __future__ import annotations

import pytest

from hermes_gguf.errors import OptionError
from hermes_gguf.prompt import detect_dialect, matches_known_template

CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>"
LLAMA3 = "<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content }}<|im_end|>"
HERMES_2_PRO = (
    "{{bos_token}}{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n"
    "' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
HERMES_3 = (
    "{{bos_token}}{% for message in messages %}"
    "{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' +"
    " '\\n'}}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


@pytest.mark.parametrize(
    ("template", "tokens", "dialect"),
    [
        (CHATML, (), "chatml"),
        (LLAMA3, (), "llama3"),
        (HERMES_2_PRO, (), "chatml"),
        (None, ("<|im_start|>", "<|start_header_id|>"), "chatml"),
        (None, ("<|start_header_id|>",), "llama3"),
    ],
)
def test_detected(template: str | None, tokens: tuple[str, ...], dialect: str) -> None:
    assert detect_dialect(template, tokens=tokens) == dialect


@pytest.mark.parametrize("template", ["[INST] {{ m }} [/INST]", None, ""])
def test_neither_dialect_is_refused_with_what_to_type(template: str | None) -> None:
    with pytest.raises(OptionError) as caught:
        detect_dialect(template)
    assert "--dialect" in (caught.value.hint or "")


def test_published_templates_are_known_with_their_default_text() -> None:
    known = matches_known_template(HERMES_2_PRO)
    assert known is not None
    assert known.default_system is None
    known = matches_known_template(HERMES_3)
    assert known is not None
    assert known.default_system == "You are a helpful assistant."
    assert matches_known_template(CHATML) is None
