"""A model in a process of its own, so that its crash is not the server's end.

The process that a person started is the *front*: it owns the listening socket, has no
llama.cpp in it, and passes requests on to the *worker*, which runs the whole app. The
seam is HTTP over a local socket, not `Engine` over a pipe: constraints (automata with
caches) and events would have to travel there, while HTTP is already the form in which
all of this travels, with cancellation by hanging up. Handing the listening socket to
the worker would cost less, but then a crash could not be told to its clients.
"""
