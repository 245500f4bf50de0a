# What can be chosen (docs/building.md has the table), and the language level, warnings and instrumentation that hold for
# every target of the project. Inside another project only the libraries are made, without a word.

option(CPPERON_BUILD_STATIC "Build the static libraries" ON)
option(CPPERON_BUILD_SHARED "Build the shared libraries" ${PROJECT_IS_TOP_LEVEL})
option(CPPERON_BUILD_TOOLS "Build the programs: cpperond, cpperon" ${PROJECT_IS_TOP_LEVEL})
option(CPPERON_BUILD_SAMPLES "Build the samples" ${PROJECT_IS_TOP_LEVEL})
option(CPPERON_BUILD_BENCHMARKS "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(CPPERON_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(CPPERON_INSTALL "Make rules to install and to package" ${PROJECT_IS_TOP_LEVEL})
option(CPPERON_WARNINGS_AS_ERRORS "Let no warning pass" ${PROJECT_IS_TOP_LEVEL})
option(CPPERON_BACKTRACE "Let errors carry their stack; needs backward-cpp and libdw" OFF)
option(CPPERON_EXTRA_LOGGING "Write a line to stderr for each client, publication, subscription, image and counter that comes or goes" OFF)
option(CPPERON_INTEROP_TESTS "Test against the reference clients and drivers, fetched from their registries" OFF)
option(CPPERON_INSTALL_TESTS "Test what is installed and packaged" OFF)
set(CPPERON_SANITIZERS "" CACHE STRING "Sanitizers to build with, as for -fsanitize=, for example address,undefined")
option(CPPERON_COVERAGE "Build with coverage counters" OFF)

# libFuzzer comes with clang.
if(CPPERON_SANITIZERS MATCHES address AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    set(CPPERON_FUZZERS ON)
endif()

if(NOT CPPERON_BUILD_STATIC AND NOT CPPERON_BUILD_SHARED)
    message(FATAL_ERROR "cpperon: CPPERON_BUILD_STATIC and CPPERON_BUILD_SHARED are both OFF, which leaves nothing to build: switch one on")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(PROJECT_IS_TOP_LEVEL)
    set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
    set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
    set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
    set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
    find_program(CCACHE ccache)
    if(CCACHE)
        set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
    endif()
endif()

add_library(cpperon_options INTERFACE)
target_include_directories(cpperon_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(
    cpperon_options
    INTERFACE -Wall
              -Wextra
              -Wpedantic
              $<$<BOOL:${CPPERON_WARNINGS_AS_ERRORS}>:-Werror>
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

# CPPERON_BACKTRACE: what the file that takes the stack needs, and what programs then link.
if(CPPERON_BACKTRACE OR CPPERON_BUILD_TESTS)
    find_path(CPPERON_BACKWARD_INCLUDE_DIR backward.hpp)
    find_library(CPPERON_DW_LIBRARY dw)
    mark_as_advanced(CPPERON_BACKWARD_INCLUDE_DIR CPPERON_DW_LIBRARY)
    if(NOT CPPERON_BACKWARD_INCLUDE_DIR OR NOT CPPERON_DW_LIBRARY)
        message(FATAL_ERROR "cpperon: backward.hpp or libdw was not found. CPPERON_BACKTRACE and the tests need them: install libbackward-cpp-dev and libdw-dev, or switch both off")
    endif()
endif()
set(CPPERON_BACKTRACE_DEFINITIONS CPPERON_BACKTRACE BACKWARD_HAS_DW=1)
set(CPPERON_BACKTRACE_LIBRARIES dw)
