"""How fast a model is on this machine: measurements that any loaded model allows.

It measures through the same doors as a program that chats, and prints nothing.
"""

from .plot import render_plot
from .report import BenchReport, Measurement
from .run import run_bench

__all__ = ["BenchReport", "Measurement", "render_plot", "run_bench"]
