"""Counts of a run, and the ratchet: counts that may only become better.

A count is made per group (a file of the official suite, a source of maskbench), in
test documents, so that no gain in one place can hide a loss in another.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .corpora import DRAFTS, Case, read_maskbench, read_suite, suite_registry
from .verdicts import Verdict, judge

RATCHET = Path(__file__).resolve().parents[2] / "grammar" / "conformance.json"
#: Every so many schemas of maskbench make the sample that the tests run.
SAMPLE_EVERY = 60


@dataclass(slots=True)
class Counts:
    """How many documents (or schemas) fell into each category."""

    correct: int = 0
    refused: int = 0
    over: int = 0
    under: int = 0

    def add_documents(self, verdict: Verdict) -> None:
        """Count the documents of one schema."""
        if verdict.refusal is not None:
            self.refused += verdict.n_documents
            return
        wrong = len(verdict.rejected) + len(verdict.accepted)
        self.over += len(verdict.rejected)
        self.under += len(verdict.accepted)
        self.correct += verdict.n_documents - wrong

    def add_schema(self, verdict: Verdict) -> None:
        """Count one schema as a whole."""
        name = "correct" if verdict.passes else verdict.kind
        setattr(self, name, getattr(self, name) + 1)

    @property
    def total(self) -> int:
        """All of them."""
        return self.correct + self.refused + self.over + self.under

    def losses(self, before: Counts) -> list[str]:
        """In which counts this run is worse than the one before."""
        worse = []
        if self.correct < before.correct:
            worse.append(f"correct {self.correct} < {before.correct}")
        for name in ("over", "under"):
            now, then = getattr(self, name), getattr(before, name)
            if now > then:
                worse.append(f"{name} {now} > {then}")
        return worse


@dataclass(slots=True)
class Run:
    """One corpus, judged.

    Attributes:
        groups: Counts per group.
        schemas: Counts of schemas as a whole.
        verdicts: Each case with its verdict.
    """

    groups: dict[str, Counts] = field(default_factory=dict)
    schemas: Counts = field(default_factory=Counts)
    verdicts: list[tuple[Case, Verdict]] = field(default_factory=list)

    def add(self, case: Case, verdict: Verdict) -> None:
        """Count one case."""
        self.groups.setdefault(case.group, Counts()).add_documents(verdict)
        self.schemas.add_schema(verdict)
        self.verdicts.append((case, verdict))

    @property
    def documents(self) -> Counts:
        """Counts of documents over all groups."""
        total = Counts()
        for counts in self.groups.values():
            for name, number in asdict(counts).items():
                setattr(total, name, getattr(total, name) + number)
        return total

    def losses(self, recorded: dict[str, Any]) -> list[str]:
        """Where this run is worse than the recorded one."""
        found = []
        for group, numbers in recorded["groups"].items():
            now = self.groups.get(group, Counts())
            found += [f"{group}: {x}" for x in now.losses(Counts(**numbers))]
        return found

    def to_json(self) -> dict[str, Any]:
        """What the ratchet keeps."""
        groups = {name: asdict(counts) for name, counts in sorted(self.groups.items())}
        return {"schemas": asdict(self.schemas), "groups": groups}


def run_cases(
    cases: Iterable[Case],
    *,
    registry: Callable[[str], Any] | None = None,
    asserts_formats: bool = True,
) -> Run:
    """Judge all the cases."""
    run = Run()
    for case in cases:
        # What the judge of the case before left behind is none of the compiler's
        # business.
        gc.collect(1)
        verdict = judge(
            case.schema,
            case.documents,
            registry=registry,
            asserts_formats=asserts_formats,
        )
        run.add(case, verdict)
    return run


def run_suite(path: Path, name: str) -> Run:
    """Judge one draft of the official suite; `<draft>/format` is its optional part.

    Formats are annotations in the required tests and assertions in the optional ones,
    as the suite itself has it.
    """
    draft, _, part = name.partition("/")
    cases = read_suite(path, draft, formats=bool(part))
    return run_cases(cases, registry=suite_registry(path), asserts_formats=bool(part))


def suite_names() -> Iterator[str]:
    """The parts of the official suite that are run."""
    yield from DRAFTS
    yield "draft7/format"
    yield "draft2020-12/format"


def sample(path: Path, every: int = SAMPLE_EVERY) -> Iterator[Case]:
    """A fixed sample of maskbench."""
    for i, case in enumerate(read_maskbench(path)):
        if i % every == 0:
            yield case


def load_ratchet() -> dict[str, Any]:
    """What earlier runs reached."""
    if not RATCHET.exists():
        return {}
    loaded = json.loads(RATCHET.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def save_ratchet(ratchet: dict[str, Any]) -> None:
    """Write the ratchet, sorted, so that a difference is easy to read."""
    text = json.dumps(ratchet, indent=1, sort_keys=True) + "\n"
    RATCHET.write_text(text, encoding="utf-8")
