"""One decode of a small quantized model, to be run in a child process.

`python -m hermes_gguf.engine.llama.amx_trial` exits 0 when it survived. The model is
written on the spot: quantized tensors are what takes the AMX path.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from .batch import Batch, DecodeStatus
from .context import LlamaContext
from .model import LlamaModel
from .trial_model import write_trial_model

_N_TOKENS = 40


def run_trial() -> bool:
    """Whether a prompt and one more token could be evaluated."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trial.gguf"
        write_trial_model(path)
        model = LlamaModel(
            str(path),
            n_gpu_layers=0,
            use_mmap=False,
            use_mlock=False,
            use_extra_buffers=True,
        )
        context = LlamaContext(
            model,
            n_cells=256,
            n_batch=64,
            n_sequences=1,
            max_outputs=1,
            n_threads=1,
            n_threads_batch=1,
            kv_type="f16",
        )
        done = [_decode(context, _N_TOKENS, 0), _decode(context, 1, _N_TOKENS)]
        context.close()
        model.close()
    return all(done)


def _decode(context: LlamaContext, n_tokens: int, position: int) -> bool:
    batch = Batch()
    batch.add(list(range(n_tokens)), sequence=0, position=position)
    batch.outputs.append(n_tokens - 1)
    return context.decode(batch) is DecodeStatus.DONE


if __name__ == "__main__":
    sys.exit(0 if run_trial() else 3)
