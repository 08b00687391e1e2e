"""Run Nous Research's Hermes models on your own machine.

The names below are the public API; they are imported when first used, so that the
command line answers at once.
"""

__version__ = "0.1.0"
