# Makes the API reference of the public headers in build/docs/html: `cmake -P cmake/CpperonDocs.cmake`, which needs
# doxygen and python3. It fails on a warning, and for a type or function that is not documented; fields, constants,
# operators and constructors may go without where their names say it all.

cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/CpperonPublicHeaders.cmake")
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH source)
set(output "${source}/build/docs")

# These are installed because templates in other headers need them; there is nothing in them for users.
list(FILTER CPPERON_PUBLIC_HEADERS EXCLUDE REGEX "/base/(align|atomic|exchange|field)\\.hpp$")
list(FILTER CPPERON_PUBLIC_HEADERS EXCLUDE REGEX "/client/(conductor_link|handle_access|image_list|poll_guard)\\.hpp$")
list(FILTER CPPERON_PUBLIC_HEADERS EXCLUDE REGEX
     "/logbuffer/(buffer_builder|.*_appender|copy_bytes|exclusive_use|frame_claim|frame_writer|image_reader|log_file|log_view|position|publisher_limit|tail)\\.hpp$")
# And these because the settings of a driver let tests and simulations replace its network.
list(FILTER CPPERON_PUBLIC_HEADERS EXCLUDE REGEX "/net/(filtered_transport|socket_address|udp_transport)\\.hpp$")

file(STRINGS "${source}/CMakeLists.txt" project REGEX "^project\\(cpperon VERSION ")
string(REGEX REPLACE ".* VERSION ([0-9.]+) .*" "\\1" version "${project}")
list(TRANSFORM CPPERON_PUBLIC_HEADERS PREPEND "\"${source}/" OUTPUT_VARIABLE headers)
list(TRANSFORM headers APPEND "\"")
list(JOIN headers " " headers)

find_program(DOXYGEN doxygen REQUIRED)
file(REMOVE_RECURSE "${output}")
file(MAKE_DIRECTORY "${output}")
configure_file("${source}/docs/Doxyfile.in" "${output}/Doxyfile" @ONLY)
execute_process(COMMAND "${DOXYGEN}" "${output}/Doxyfile" RESULT_VARIABLE failed)
file(STRINGS "${output}/warnings.txt" warnings)
list(FILTER warnings EXCLUDE REGEX "warning: Member .* \\((variable|friend)\\) of .* is not documented")
list(FILTER warnings EXCLUDE REGEX "warning: Member operator.* is not documented")
# Constructors: a function of the name of its class, or of the base it is taken over from.
list(FILTER warnings EXCLUDE REGEX "warning: Member [A-Z][A-Za-z]*\\(.* is not documented")
if(failed OR warnings)
    list(JOIN warnings "\n" warnings)
    message(FATAL_ERROR "cpperon: doxygen has this to say about the docstrings:\n${warnings}")
endif()
message(STATUS "The API reference is at ${output}/html/index.html")
