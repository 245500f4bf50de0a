# Language level, warnings and instrumentation that hold for every target of the project.

option(CPPERON_BUILD_TESTS "Build the tests" ON)
option(CPPERON_INTEROP_TESTS "Test against the reference clients and drivers, fetched from their registries" OFF)
set(CPPERON_SANITIZERS "" CACHE STRING "Sanitizers to build with, as for -fsanitize=, for example address,undefined")
option(CPPERON_COVERAGE "Build with coverage counters" OFF)

# libFuzzer comes with clang.
if(CPPERON_SANITIZERS MATCHES address AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    set(CPPERON_FUZZERS ON)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(cpperon_options INTERFACE)
target_include_directories(cpperon_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(
    cpperon_options
    INTERFACE -Wall
              -Wextra
              -Wpedantic
              -Werror
              -Wconversion
              -Wsign-conversion
              -Wshadow
              -Wold-style-cast
              -Wnon-virtual-dtor
              -Woverloaded-virtual
              -Wcast-align
              -Wunused
              -Wformat=2
              -fno-semantic-interposition
              # std::atomic_ref on a packed shared field is checked by our own static_asserts; designated
              # initialisers leave out what has a default.
              -Wno-missing-field-initializers)
if(CPPERON_SANITIZERS)
    target_compile_options(cpperon_options INTERFACE -fsanitize=${CPPERON_SANITIZERS} -fno-omit-frame-pointer
                                                     -fno-sanitize-recover=all)
    target_link_options(cpperon_options INTERFACE -fsanitize=${CPPERON_SANITIZERS})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # With the tool's own code in between, the compiler takes the unused members of a std::variant for used ones.
        target_compile_options(cpperon_options INTERFACE -Wno-maybe-uninitialized)
    endif()
    if(CPPERON_FUZZERS)
        target_compile_options(cpperon_options INTERFACE -fsanitize=fuzzer-no-link)
    endif()
    if(CPPERON_SANITIZERS MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # The tool does not model fences; every fence of ours stands beside an atomic operation that it does model.
        target_compile_options(cpperon_options INTERFACE -Wno-tsan)
    endif()
endif()
if(CPPERON_COVERAGE)
    target_compile_options(cpperon_options INTERFACE --coverage)
    target_link_options(cpperon_options INTERFACE --coverage)
endif()
