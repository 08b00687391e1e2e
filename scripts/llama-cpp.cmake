# Read by CMake before llama-cpp-python's own project file: leaves out llama.cpp's
# command-line helpers (`common`), a third of the build, which Python never loads.
set(LLAMA_BUILD_COMMON OFF)
