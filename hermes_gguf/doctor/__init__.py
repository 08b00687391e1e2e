"""What stands between this machine and a model that runs well, and what to do about it.

Each file looks at one thing and yields findings. Nothing is changed, and nothing that
is broken ends the looking: llama.cpp is tried in a process of its own.
"""

from .examine import Patient, examine
from .finding import Finding, Verdict

__all__ = ["Finding", "Patient", "Verdict", "examine"]
