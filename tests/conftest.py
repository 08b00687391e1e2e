"""What holds for all tests: repeatable examples in CI, and signals as in a terminal."""

from __future__ import annotations

import os
import signal
import sys

from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine's load than of the code.
settings.register_profile(
    "here", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# Whoever is started in the background of a script ignores Ctrl-C, and so do the
# programs that it starts; the tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# The same under nohup for a terminal that closes. A handler that does nothing keeps the
# tests alive, and programs that they start have the system's own again.
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)


def pytest_unconfigure() -> None:
    """Close what llama-cpp-python opens when it is imported, and never closes.

    Python would tell of it at its end: it still takes warnings for errors then.
    """
    utils = sys.modules.get("llama_cpp._utils")
    for name in ("outnull_file", "errnull_file"):
        if hasattr(utils, name):
            getattr(utils, name).close()
