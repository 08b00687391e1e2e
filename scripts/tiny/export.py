"""Checkpoint → GGUF: the weights, the vocabulary, and what the file says of itself.

Writes architecture `llama` with tied embeddings. Matrices become Q8_0 (or stay f32
for the equality test), norms f32. RoPE pairs are interleaved in training, so nothing
is permuted.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
import torch

from hermes_gguf import tags

from .model import Shape
from .tokenizer import CONTROL, TinyTokenizer

#: Source: tokenizer_config.json of NousResearch/Hermes-2-Pro-Llama-3-8B.
CHATML_TEMPLATE = (
    "{{bos_token}}{% for message in messages %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content']"
    " + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
#: Ours: the wording of the prompt style "hermes-2-pro".
TOOL_TEMPLATE = Path(__file__).with_name("tool_use.jinja")
DESCRIPTION = (
    "A demonstration model of {millions:.1f} million parameters, trained on synthetic"
    " dialogues; it knows tool calling, JSON mode and small talk, not the world."
)
_NAMES = {
    "attn_norm.weight": "attn_norm.weight", "ffn_norm.weight": "ffn_norm.weight",
    "q.weight": "attn_q.weight", "k.weight": "attn_k.weight",
    "v.weight": "attn_v.weight", "o.weight": "attn_output.weight",
    "gate.weight": "ffn_gate.weight",
    "up.weight": "ffn_up.weight", "down.weight": "ffn_down.weight",
}  # fmt: skip


def gguf_name(name: str) -> str:
    """A weight's name in a GGUF file."""
    if name == "embed.weight":
        return "token_embd.weight"
    if name == "norm.weight":
        return "output_norm.weight"
    _, block, rest = name.split(".", 2)
    return f"blk.{block}.{_NAMES[rest]}"


def write_gguf(
    path: Path,
    *,
    shape: Shape,
    weights: Mapping[str, torch.Tensor],
    tokenizer: TinyTokenizer,
    quantize: bool = True,
) -> None:
    """Write the model file."""
    writer = gguf.GGUFWriter(str(path), "llama")
    n_params = sum(weight.numel() for weight in weights.values())
    _write_about(writer, shape, n_params, quantize)
    _write_vocabulary(writer, tokenizer)
    for name, weight in weights.items():
        array = weight.float().numpy()
        if quantize and array.ndim == 2:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(
                gguf_name(name), gguf.quantize(array, kind), raw_dtype=kind
            )
        else:
            writer.add_tensor(gguf_name(name), array.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_about(
    writer: gguf.GGUFWriter, shape: Shape, n_params: int, quantize: bool
) -> None:
    writer.add_name("Tiny Hermes")
    writer.add_description(DESCRIPTION.format(millions=n_params / 1e6))
    writer.add_license("mit")
    writer.add_author("hermes-gguf")
    writer.add_languages(["en"])
    writer.add_context_length(shape.n_ctx)
    writer.add_embedding_length(shape.n_embd)
    writer.add_block_count(shape.n_layers)
    writer.add_feed_forward_length(shape.n_ff)
    writer.add_head_count(shape.n_heads)
    writer.add_head_count_kv(shape.n_heads)
    writer.add_layer_norm_rms_eps(shape.norm_eps)
    writer.add_rope_dimension_count(shape.head_dim)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_vocab_size(shape.n_vocab)
    writer.add_file_type(
        gguf.LlamaFileType.MOSTLY_Q8_0 if quantize else gguf.LlamaFileType.ALL_F32
    )
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def _write_vocabulary(writer: gguf.GGUFWriter, tokenizer: TinyTokenizer) -> None:
    kinds = [gguf.TokenType.NORMAL] * tokenizer.n_plain
    kinds += [gguf.TokenType.CONTROL] * len(CONTROL)
    kinds += [gguf.TokenType.USER_DEFINED] * (len(tokenizer.pieces) - len(kinds))
    end = tokenizer.ids[tags.IM_END]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(list(tokenizer.pieces))
    writer.add_token_types(kinds)
    writer.add_token_merges(list(tokenizer.merges))
    writer.add_bos_token_id(tokenizer.ids[tags.BEGIN_OF_TEXT])
    writer.add_eos_token_id(end)
    writer.add_eot_token_id(end)
    writer.add_pad_token_id(tokenizer.ids[tags.END_OF_TEXT])
    writer.add_add_bos_token(True)
    tool_use = TOOL_TEMPLATE.read_text(encoding="utf-8")
    templates = [
        {"name": "default", "template": CHATML_TEMPLATE},
        {"name": "tool_use", "template": tool_use},
    ]
    writer.add_chat_template(templates)


def read_tokenizer(path: Path) -> TinyTokenizer:
    """The tokenizer that is inside a model file which `write_gguf` wrote."""
    fields = gguf.GGUFReader(path).fields
    kinds = fields["tokenizer.ggml.token_type"].contents()
    return TinyTokenizer(
        tuple(fields["tokenizer.ggml.tokens"].contents()),
        tuple(fields["tokenizer.ggml.merges"].contents()),
        kinds.count(int(gguf.TokenType.NORMAL)),
    )


def load_checkpoint(path: Path) -> tuple[Shape, dict[str, torch.Tensor]]:
    """Sizes and f32 weights of a training run."""
    state = torch.load(path)
    return Shape(**state["shape"]), state["weights"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/tiny"))
    parser.add_argument("--out", type=Path, default=Path("hermes_gguf/data/tiny.gguf"))
    parser.add_argument("--f32", action="store_true", help="do not quantize")
    parser.add_argument(
        "--tool-template", type=Path, help="the tool_use chat template to embed"
    )
    options = parser.parse_args()
    shape, weights = load_checkpoint(options.work / "checkpoint.pt")
    tokenizer = TinyTokenizer.load(options.work / "tokenizer.json")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_gguf(
        options.out,
        shape=shape,
        weights=weights,
        tokenizer=tokenizer,
        quantize=not options.f32,
    )
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
