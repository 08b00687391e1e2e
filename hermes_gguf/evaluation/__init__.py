"""How good a model is at tool calls and JSON, with the grammar and without it.

The questions ship with the package; the answers come through the same doors as in
`chat`. It prints nothing.
"""

from .cases import Case, load_cases
from .report import EvaluationReport
from .run import run_evaluation
from .score import ROWS, Row, score
from .tally import Tally

__all__ = [
    "ROWS",
    "Case",
    "EvaluationReport",
    "Row",
    "Tally",
    "load_cases",
    "run_evaluation",
    "score",
]
