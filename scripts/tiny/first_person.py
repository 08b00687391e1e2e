"""Sentences about somebody, told by that person: "{s} lives in {}", "I live in {}"."""

from __future__ import annotations

import re

_VERBS = {"is": "am", "has": "have", "does": "do", "goes": "go", "lies": "lie"}
#: They end like a verb of the third person, and are none.
_KEPT = {"was", "does", "always", "this", "his", "its", "as"}
_ADVERBS = {"never", "still", "last", "also", "always", "now", "once", "just", "often"}
_SUBJECT = re.compile(r"(?:\{s\}|\b[Hh]e\b|\b[Ss]he\b)( \w+)?( \w+)?")
_OWN = re.compile(r"\{s\}'s|\b(?:his|her)\b(?= \w)")
_POSSESSED = re.compile(r"\bthe (\w+) of \{s\}")
_OBJECT = re.compile(r"(?<=\w )\{s\}|\b(?:him|her)\b")


def in_first_person(text: str) -> str:
    """The sentence as its subject says it; `{}` stays where the value goes."""
    text = _POSSESSED.sub(r"my \1", _OWN.sub("my", text))
    is_behind = "{s}" in text and not text.startswith("{s}")
    text = _OBJECT.sub("me", text) if is_behind else text
    return _SUBJECT.sub(_said_by_me, text)


def _said_by_me(match: re.Match[str]) -> str:
    first, second = (match[1] or "").strip(), (match[2] or "").strip()
    if first in _ADVERBS:
        words = ["I", first, _conjugated(second)]
    else:
        words = ["I", _conjugated(first), second]
    return " ".join(word for word in words if word)


def _conjugated(verb: str) -> str:
    """The verb as it follows "I"; "lives" is "live", what is past stays."""
    if verb in _VERBS:
        return _VERBS[verb]
    if verb in _KEPT or not verb.endswith("s") or verb.endswith("ss"):
        return verb
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if verb.endswith(("shes", "ches", "sses", "xes")):
        return verb[:-2]
    return verb[:-1]
