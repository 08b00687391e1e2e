"""A process that prints a line at its first token, then what it read and reused.

python -m scripts.bench.first_token MODEL STORE THREADS N_TOOLS QUESTION
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from hermes_gguf.chat.plan import LoadPlan
from hermes_gguf.engine.base import EngineFinish, GenerationRequest, Piece
from hermes_gguf.messages import UserMessage
from hermes_gguf.options import LoadOptions, SamplingOptions

from .cases import preamble_tools


def main() -> None:
    model, store, n_threads, n_tools, question = sys.argv[1:]
    options = LoadOptions(n_ctx=4096, n_threads=int(n_threads))
    plan = LoadPlan(path=Path(model), options=options, cache_dir=Path(store),
                    prompt={"dialect": "chatml"})  # fmt: skip
    with plan.load(on_warning=print_nothing) as chat:
        engine = chat.engine
        tools = preamble_tools(int(n_tools))
        prompt = chat.render([UserMessage(question)], tools=tools)
        request = GenerationRequest(
            prompt=prompt, max_tokens=4, sampling=SamplingOptions(temperature=0)
        )
        for item in engine.generate(request):
            if isinstance(item, Piece):
                print("first", flush=True)
                break
        else:
            print("nothing", flush=True)
        finish = engine.generate(request)
        usage = next(i.usage for i in finish if isinstance(i, EngineFinish))
        print(json.dumps(asdict(usage)), flush=True)


def print_nothing(line: str) -> None:
    """Warnings are not part of the measured output."""


if __name__ == "__main__":
    main()
