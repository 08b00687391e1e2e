"""The program `hermes-gguf`: how it begins, and one funnel for how it ends.

It knows no command and imports nothing slow: from its first moment on, Ctrl-C ends it
without a word, also while libraries are being imported.
"""

from __future__ import annotations

import atexit
import errno
import os
import signal
import sys

from .ending_signals import INTERRUPTED, ends_by
from .suspending import shows_cursor_when_stopped

TYPE_CHECKING = False  # without `typing`, as in the package's own file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code.

    0: done; 1: failed; 2: wrong usage; 130: stopped with Ctrl-C. A signal that ends the
    program does so when the terminal is as it was, and temporary files are gone.
    `--debug` may stand anywhere.

    Args:
        argv: Arguments without the program's name; None takes this process's.
    """
    try:
        with ends_by("SIGTERM", "SIGHUP"), shows_cursor_when_stopped():
            _run(list(sys.argv[1:] if argv is None else argv))
    except BrokenPipeError:
        sys.exit(1)  # the reader left (`| head`)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        _drop_unwritten()
        # Nothing is open any more: a Ctrl-C while Python takes itself apart would
        # only be reported as a traceback.
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_DFL)
    sys.exit(0)


def _drop_unwritten() -> None:
    """Leave nothing on stdout that Python would try to write again, and complain."""
    try:
        if sys.stdout is not None and not sys.stdout.closed:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(args: list[str]) -> None:
    """Answer, or leave with the code of the error.

    Raises:
        SystemExit: typer's way to end, or the error was reported.
    """
    from .errors import report_error
    from .terminal import prepare_streams

    prepare_streams()
    options = args[: args.index("--")] if "--" in args else args
    debug = "--debug" in options
    if debug:
        args.remove("--debug")
    try:
        if not _answer_quickly(args):
            from .program import run_program

            sys.exit(run_program(args))
    # Every error ends here: ours with its hint, anything else as our bug.
    except Exception as error:
        if _reader_left(error):
            raise BrokenPipeError from error
        sys.exit(report_error(error, debug=debug))


def _reader_left(error: Exception) -> bool:
    """Whether nobody reads our output any more; Windows calls that a bad argument."""
    if isinstance(error, BrokenPipeError):
        return True
    said = (error.errno, error.filename) if isinstance(error, OSError) else None
    return said == (errno.EINVAL, None) and sys.platform == "win32"


def _answer_quickly(args: list[str]) -> bool:
    """Answer a plain `models` at once; typer's option parsing takes 0.1 s more."""
    flags = set(args[1:])
    if args[:1] != ["models"] or flags - {"--json", "--downloaded", "-d"}:
        return False
    from .model_table import print_models

    print_models(downloaded=bool(flags - {"--json"}), as_json="--json" in flags)
    return True
