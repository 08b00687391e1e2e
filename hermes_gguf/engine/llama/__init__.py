"""The engine on llama.cpp's C API.

Pure rooms, which never import llama_cpp: `scheduler`, `slots`, `answer`,
`constrained`, `jump`, `stop_text`, `vocabulary`, `gguf_file`, `turned`, `amx`. The
others touch the shared library.
"""
