"""A front process above a test service.

`python -m tests.support.front SERVICE WAIT_S SILENCE_S UNLOAD_S`: SERVICE is an
expression that makes one, for example "BrokenService()"; requests wait WAIT_S for it; a
worker may be silent for SILENCE_S, and is ended when nobody asks for UNLOAD_S (0:
never). The first line of stdout is the port.
"""

from __future__ import annotations

import socket
import sys
from contextlib import nullcontext
from pathlib import Path

from hermes_gguf.server.listen import BrowserRules
from hermes_gguf.server.metrics.door import MetricsRules
from hermes_gguf.server.supervised.deaths import RestartPolicy
from hermes_gguf.server.supervised.run import run_supervised
from hermes_gguf.server.supervised.supervisor import Plan, Terminal
from tests.support.services import NAME, BrokenService, ScriptedService


def main() -> None:
    names = {"BrokenService": BrokenService, "ScriptedService": ScriptedService}
    service = eval(sys.argv[1], {**names, "Path": Path})
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    terminal = Terminal(
        loading=nullcontext,
        ready=lambda ready: print(f"ready {ready.backend}", flush=True),
        note=lambda line: print(line, flush=True),
    )
    policy = RestartPolicy(n_deaths=3, first_delay_s=0.05)
    wait_s, silence_s, unload_s = map(float, sys.argv[2:])
    plan = Plan(
        service=service,
        name=NAME,
        policy=policy,
        wait_s=wait_s,
        silence_s=silence_s,
        unload_after_s=unload_s or None,
    )
    try:
        rules = BrowserRules(origins=["https://page.example"])
        run_supervised(
            plan, listener, terminal=terminal, rules=rules, metrics=MetricsRules()
        )
    except Exception as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        print("cause:", error.__cause__, flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
