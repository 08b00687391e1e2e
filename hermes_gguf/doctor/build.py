"""llama.cpp as it is installed: whether it runs, and what of the processor it uses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from ..engine.llama.hardware import cpu_name, usable_cores
from ..machine import render_bytes
from ..server.supervised.deaths import describe_exit
from .finding import Finding
from .processor import cpu_flags, unused_features, used_features

_TIMEOUT_S = 120
_REBUILD = (
    "CMAKE_ARGS=-DGGML_NATIVE=on pip install --force-reinstall --no-deps"
    " --no-cache-dir --no-binary llama-cpp-python llama-cpp-python   (compiles it for"
    " this machine)"
)


def look_at_build() -> Iterator[Finding]:
    """Try llama.cpp, and compare it with the processor."""
    told, problem = _try()
    system_info = told.get("system_info", "")
    package = f"llama-cpp-python {_version()}"
    if problem is None:
        speed = told["tokens_per_s"]
        text = f"{package} answers: {speed:.0f} tokens/s with the embedded model"
        yield Finding("llama.cpp", "ok", text)
    else:
        yield problem
    for warning in told["warnings"]:
        yield Finding("llama.cpp", "note", warning)
    if system_info:
        yield _look_at_processor(system_info)
    for device in told.get("devices", ()):
        free = render_bytes(device["free_bytes"])
        text = f"{device['name']}, {free} of its memory can be taken"
        yield Finding("GPU", "ok", text)


def _look_at_processor(system_info: str) -> Finding:
    n_cores = usable_cores()
    cores = "1 core is" if n_cores == 1 else f"{n_cores} cores are"
    text = f"{cpu_name()}; {cores} used"
    flags = cpu_flags()
    if flags is None:
        return Finding("processor", "ok", text)
    if unused := unused_features(system_info, flags):
        text += f"; llama.cpp was built without its {', '.join(unused)}"
        return Finding("processor", "note", text, _REBUILD)
    names = ", ".join(used_features(system_info))
    return Finding("processor", "ok", f"{text}, with its {names}")


def _try() -> tuple[dict[str, Any], Finding | None]:
    """What the trial told, and what is wrong if it did not come to its end."""
    told: dict[str, Any] = {"warnings": []}
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"{__package__}.trial"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        text = f"the embedded model gives no answer within {_TIMEOUT_S} s"
        return told, Finding("llama.cpp", "wrong", text, _REBUILD)
    for line in done.stdout.splitlines():
        what = json.loads(line)
        if "warning" in what:
            told["warnings"].append(what["warning"])
        told |= what
    if done.returncode == 0:
        return told, None
    if "error" in told:
        return told, Finding("llama.cpp", "wrong", told["error"], told["hint"])
    return told, _crash(done.returncode, done.stderr, started="system_info" in told)


def _crash(returncode: int, stderr: str, *, started: bool) -> Finding:
    when = "at the first answer" if started else "when it is loaded"
    text = f"llama-cpp-python {_version()} crashes {when} ({describe_exit(returncode)})"
    hint = _REBUILD
    if returncode == 1 and stderr.strip():
        # Python's own: nothing that another build of llama.cpp would mend.
        text += f": {stderr.strip().splitlines()[-1]}"
        hint = "hermes-gguf --debug run --model tiny hello   shows where"
    return Finding("llama.cpp", "wrong", text, hint)


def _version() -> str:
    try:
        return metadata.version("llama-cpp-python")
    except metadata.PackageNotFoundError:
        return "(none)"
