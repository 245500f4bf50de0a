# Makes the API reference of the public headers in build/docs/html: `cmake -P cmake/CpperonDocs.cmake`, which needs
# doxygen alone. A warning fails it.

cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/CpperonPublicHeaders.cmake")
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH source)
set(output "${source}/build/docs")

# These are installed because templates in other headers need them; there is nothing in them for users.
list(FILTER CPPERON_PUBLIC_HEADERS EXCLUDE REGEX "/base/(align|atomic|exchange|field)\\.hpp$")
list(FILTER CPPERON_PUBLIC_HEADERS EXCLUDE REGEX "/client/(conductor_link|handle_access|image_list|poll_guard)\\.hpp$")
list(FILTER CPPERON_PUBLIC_HEADERS EXCLUDE REGEX
     "/logbuffer/(buffer_builder|.*_appender|copy_bytes|exclusive_use|frame_claim|frame_writer|image_reader|log_file|log_view|position|publisher_limit|tail)\\.hpp$")

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
if(failed)
    message(FATAL_ERROR "cpperon: doxygen has something to say about the docstrings, see above")
endif()
message(STATUS "The API reference is at ${output}/html/index.html")
