"""The child process that tries llama.cpp: it may crash, which is what is asked.

python -m hermes_gguf.doctor.trial: a line of JSON for each thing that worked, the last
one for an answer of the embedded model.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from ..catalog import embedded_file
from ..engine import load_engine
from ..engine.base import EngineFinish, GenerationRequest
from ..engine.llama import library
from ..errors import HermesError
from ..options import LoadOptions, SamplingOptions
from ..prompt.rendered import Prompt

_N_TOKENS = 32


def main() -> None:
    """Load the library, then a model, then answer."""
    try:
        library.load_library()
        devices = [asdict(device) for device in library.gpu_devices()]
        _tell(system_info=library.system_info(), devices=devices)
        _tell(tokens_per_s=_tokens_per_s())
    except HermesError as error:
        _tell(error=error.message, hint=error.hint)
        sys.exit(1)


def _tokens_per_s() -> float:
    """How fast the embedded model writes, on the processor alone."""
    options = LoadOptions(n_ctx=512, gpu_layers=0, disk_cache=False)
    request = GenerationRequest(
        prompt=Prompt("Once upon a time"),
        max_tokens=_N_TOKENS,
        sampling=SamplingOptions(temperature=0),
    )
    file = embedded_file("tiny.gguf")
    with load_engine(file, options=options, on_warning=_warn) as engine:
        *_, finish = engine.generate(request)
    assert isinstance(finish, EngineFinish)
    return finish.usage.tokens_per_s


def _warn(line: str) -> None:
    _tell(warning=line)


def _tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - for the process that asks


if __name__ == "__main__":
    main()
