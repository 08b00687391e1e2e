"""`python -m hermes_gguf` is the command `hermes-gguf`."""

from .cli.app import main

if __name__ == "__main__":
    main()
