"""Python functions and files of them → tools that a model can call."""
