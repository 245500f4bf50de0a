# Before 1.0 each minor version may break the binary interface.
if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(CPPERON_ABI_VERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
else()
    set(CPPERON_ABI_VERSION ${PROJECT_VERSION_MAJOR})
endif()

# A room is one folder below cpperon/. Its sources are compiled once, as an object library, and its tests, which stand
# beside the sources as *_test.cpp, become one program.

function(cpperon_room name)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/cpperon/${name}/*.cpp")
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    if(NOT sources)
        file(WRITE "${PROJECT_BINARY_DIR}/empty_${name}.cpp" "")
        set(sources "${PROJECT_BINARY_DIR}/empty_${name}.cpp")
    endif()
    add_library(cpperon_room_${name} OBJECT ${sources})
    target_link_libraries(cpperon_room_${name} PUBLIC cpperon_options Threads::Threads PRIVATE fmt::fmt)
endfunction()

# cpperon_library(<name> ROOMS ... [LINKS ...]) makes cpperon::<name> (static) and cpperon::<name>_shared, whichever are
# chosen; without the static one cpperon::<name> is the shared one.
function(cpperon_library name)
    cmake_parse_arguments(ARG "" "" "ROOMS;LINKS" ${ARGN})
    set(objects "")
    foreach(room IN LISTS ARG_ROOMS)
        list(APPEND objects $<TARGET_OBJECTS:cpperon_room_${room}>)
    endforeach()

    set(targets "")
    if(CPPERON_BUILD_STATIC)
        set(target cpperon_${name})
        add_library(${target} STATIC ${objects})
        set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
        # What it is made with, its users have to link.
        target_link_libraries(${target} PRIVATE fmt::fmt)
        list(APPEND targets ${target})
    endif()
    if(CPPERON_BUILD_SHARED)
        set(target cpperon_${name}_shared)
        add_library(${target} SHARED ${objects})
        add_library(cpperon::${name}_shared ALIAS ${target})
        set_target_properties(${target} PROPERTIES EXPORT_NAME ${name}_shared OUTPUT_NAME cpperon_${name}
                                                   VERSION ${PROJECT_VERSION} SOVERSION ${CPPERON_ABI_VERSION}
                                                   INSTALL_RPATH "$ORIGIN")
        # What it is made with, its users need not have.
        target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:fmt::fmt>)
        list(APPEND targets ${target})
    endif()
    list(GET targets 0 default)
    add_library(cpperon::${name} ALIAS ${default})

    foreach(target IN LISTS targets)
        set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
        target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
        target_compile_features(${target} PUBLIC cxx_std_20)
        target_link_libraries(${target} PUBLIC Threads::Threads PRIVATE $<BUILD_INTERFACE:cpperon_options>)
        foreach(link IN LISTS ARG_LINKS)
            string(REPLACE "cpperon_${name}" "cpperon_${link}" linked ${target})
            target_link_libraries(${target} PUBLIC ${linked})
        endforeach()
        if(name STREQUAL "core" AND CPPERON_BACKTRACE)
            target_link_libraries(${target} PRIVATE ${CPPERON_BACKTRACE_LIBRARIES})
        endif()
    endforeach()
endfunction()

# cpperon_test(<target> SOURCES ... LINKS ... [PRECOMPILE ...]) makes a GoogleTest program whose tests ctest runs one by
# one. Reading GoogleTest's headers takes a good part of the time to compile a test, so they are precompiled; a program
# with large sceneries may have those precompiled as well.
function(cpperon_test target)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRECOMPILE" ${ARGN})
    add_executable(${target} ${ARG_SOURCES})
    target_link_libraries(${target} PRIVATE cpperon_options ${ARG_LINKS} fmt::fmt GTest::gtest GTest::gmock
                                            GTest::gtest_main rapidcheck)
    # Most of the time to build everything goes into optimising assertions that run once.
    target_compile_options(${target} PRIVATE $<IF:$<CONFIG:Debug>,-O0,-O1>)
    target_compile_definitions(${target} PRIVATE CPPERON_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
                                                 CPPERON_BIN="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
    list(LENGTH ARG_SOURCES source_count)
    if(source_count GREATER 4)
        target_precompile_headers(${target} PRIVATE <gmock/gmock.h> <gtest/gtest.h> <fmt/format.h> ${ARG_PRECOMPILE})
        # GCC 12 forgets which precompiled headers are the system's, and warns of what std::string does inside.
        target_compile_options(${target} PRIVATE "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overflow;-Wno-restrict>")
    endif()
    gtest_discover_tests(${target} TEST_PREFIX "${target}/" DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
endfunction()

function(cpperon_room_tests name)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/cpperon/${name}/*_test.cpp")
    if(NOT sources)
        return()
    endif()
    set(library core)
    if(name STREQUAL "client")
        set(library client)
    elseif(name MATCHES "^(wire|net|driver)$")
        set(library driver)
    endif()
    set(precompiled "")
    if(name STREQUAL "driver")
        set(precompiled "${PROJECT_SOURCE_DIR}/cpperon/driver/conductor/conductor_fixture.hpp"
                        "${PROJECT_SOURCE_DIR}/cpperon/driver/receiver/receiver_scenery.hpp")
    endif()
    cpperon_test(${name}_test SOURCES ${sources} LINKS cpperon::${library} PRECOMPILE ${precompiled})
endfunction()
