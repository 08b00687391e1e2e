"""The validator in a process of its own, which ends when its time is up.

A pattern that is more than regular may keep Python's `re` busy for ever, references
that branch at each step the whole validator, and neither can be stopped from inside.
It does not know what is checked, nor whose schema it is.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import pickle
import subprocess
import sys
import threading
from typing import Any

from ..errors import SchemaBudgetError

#: Others wait: each may keep a core busy, and fill some hundred megabytes.
_turns = threading.BoundedSemaphore(2)
#: Seconds that a check gets; the start of the process is a small part of it.
LIMIT_S = 5.0
# The same modules as here are found, and none in the folder where it is started.
_BOOT = (
    "import sys; limit_s, *sys.path[:] = sys.argv[1:];"
    "from hermes_gguf.chat.apart import main; main(float(limit_s))"
)


def find_problem_apart(value: Any, schema: Any) -> str:
    """As `validator.find_problem`, within `LIMIT_S` seconds.

    Raises:
        SchemaBudgetError: it takes longer; the error names the keyword that does.
        SchemaError: as there.
    """
    try:
        said = _ask(json.dumps([value, schema], default=dict))
    except RecursionError as error:
        raise SchemaBudgetError.too_deep() from error
    except OSError as error:
        problem = f"no process can be started that checks by it: {error}"
        raise SchemaBudgetError(problem, pointer="", keyword="schema") from error
    match said:
        case [*_, str(problem)]:
            return problem
        case [*_, Exception() as raised]:
            raise raised
    # Its time was up: what it said last is what it was at.
    pointer, keyword = said[-1] if said else ("", "schema")
    raise SchemaBudgetError(
        f"no answer can be checked by it within {LIMIT_S:.0f} s",
        pointer=pointer,
        keyword=keyword,
        hint="leave it out, or say it in a simpler way",
    )


def _ask(question: str) -> list[Any]:
    """What the process says, to its end."""
    try:
        with _turns:
            done = subprocess.run(
                [sys.executable, "-P", "-c", _BOOT, str(LIMIT_S), *sys.path],
                input=question.encode(),
                stdout=subprocess.PIPE,
                # It ends by itself before, unless the whole system is stuck.
                timeout=3 * LIMIT_S,
                check=False,
                # Ctrl-C is for this process, which then ends that one.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
    except subprocess.TimeoutExpired:
        return []
    said, left = [], io.BytesIO(done.stdout)
    # The last one is cut where its time was up as it spoke.
    with contextlib.suppress(EOFError, pickle.UnpicklingError):
        while True:
            said.append(pickle.load(left))
    return said


def main(limit_s: float) -> None:
    """Check what stands on stdin; stdout is a row of pickles.

    First the keywords that may take long, each before it does; then what was found, or
    the error.
    """
    # A thread that waits for no Python code, on every system.
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(limit_s, exit=True, file=nowhere)
        value, schema = json.load(sys.stdin)
        _say(_outcome(value, schema))
        faulthandler.cancel_dump_traceback_later()


def _outcome(value: Any, schema: Any) -> str | Exception:
    from .validator import find_problem

    told: tuple[str, str] | None = None

    def tell(pointer: str, keyword: str) -> None:
        nonlocal told
        if (pointer, keyword) != told:
            told = (pointer, keyword)
            _say(told)

    try:
        return find_problem(value, schema, on_slow=tell)
    except Exception as error:  # a bug of ours, too, ends where it was asked from
        return error


def _say(what: object) -> None:
    # At once: this process may not get to say anything else.
    os.write(1, pickle.dumps(what))
