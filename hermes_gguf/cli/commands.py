"""The table of commands: name → where it lives, and its line in `--help`.

A command's module is imported when the command runs, not before, so that
`hermes-gguf --help` answers at once.
To add a command, write `cli/NAME.py` with a `typer.Typer` and add one line here.
"""

from __future__ import annotations

from dataclasses import dataclass

_TALK, _MODELS, _WORKSHOP = "Talk to a model", "Models on this machine", "Workshop"


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """Where a command lives.

    Attributes:
        target: `module:attribute` inside `hermes_gguf.cli`; the attribute is a
            `typer.Typer`. With one function it is a command, with more a group.
        help: One line for `--help`.
        panel: Heading under which `--help` lists it.
    """

    target: str
    help: str
    panel: str

    @property
    def module(self) -> str:
        """Full name of the module to import."""
        return "hermes_gguf.cli." + self.target.partition(":")[0]

    @property
    def attribute(self) -> str:
        """Name of the `typer.Typer` in the module."""
        return self.target.partition(":")[2]


COMMANDS: dict[str, CommandEntry] = {
    "chat": CommandEntry("chat:app", "Talk to a model in the terminal.", _TALK),
    "run": CommandEntry("run:app", "Ask one question; made for pipes.", _TALK),
    "serve": CommandEntry("serve:app", "Serve the OpenAI and Anthropic APIs.", _TALK),
    "models": CommandEntry("models:models_app", "List the models.", _MODELS),
    "pull": CommandEntry("pull:app", "Download a model.", _MODELS),
    "rm": CommandEntry("models:rm_app", "Delete a downloaded model.", _MODELS),
    "path": CommandEntry("models:path_app", "Print where a model lies.", _MODELS),
    "config": CommandEntry("config:app", "Show or change the settings.", _MODELS),
    "doctor": CommandEntry("doctor:app", "Tell what is wrong here.", _MODELS),
    "grammar": CommandEntry("grammar:app", "Turn a schema into a grammar.", _WORKSHOP),
    "eval": CommandEntry("eval:app", "Measure tool calls and JSON.", _WORKSHOP),
    "bench": CommandEntry("bench:app", "Measure speed on this machine.", _WORKSHOP),
    "cache": CommandEntry("cache:app", "Look after the prompt cache.", _WORKSHOP),
}
#: What people type who know other programs of this kind.
OTHER_NAMES = {"list": "models", "ls": "models", "download": "pull", "remove": "rm"}
