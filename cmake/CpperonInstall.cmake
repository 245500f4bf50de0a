# What is installed, in three components: runtime (shared libraries), development (headers, static libraries, files for
# CMake and pkg-config) and tools (programs, their man pages and the
# service). Nothing in it says where it was installed to.

include(CMakePackageConfigHelpers)
include(CpperonPublicHeaders)

foreach(header IN LISTS CPPERON_PUBLIC_HEADERS)
    cmake_path(GET header PARENT_PATH folder)
    install(FILES "${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/${folder}" COMPONENT development)
endforeach()

set(config_folder "${CMAKE_INSTALL_LIBDIR}/cmake/cpperon")
set(CPPERON_PRODUCTS "")
foreach(kind IN ITEMS static shared)
    string(TOUPPER ${kind} upper_kind)
    if(NOT CPPERON_BUILD_${upper_kind})
        continue()
    endif()
    set(targets cpperon_core cpperon_client cpperon_driver)
    if(kind STREQUAL "shared")
        list(TRANSFORM targets APPEND _shared)
    endif()
    list(APPEND CPPERON_PRODUCTS ${targets})
    install(
        TARGETS ${targets}
        EXPORT cpperon-${kind}
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
                COMPONENT runtime
                NAMELINK_COMPONENT development)
    install(EXPORT cpperon-${kind} FILE cpperon-${kind}-targets.cmake NAMESPACE cpperon::
            DESTINATION "${config_folder}" COMPONENT development)
endforeach()

configure_package_config_file(cmake/cpperon-config.cmake.in cpperon-config.cmake INSTALL_DESTINATION "${config_folder}"
                              NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(compatibility SameMinorVersion)
else()
    set(compatibility SameMajorVersion)
endif()
write_basic_package_version_file(cpperon-config-version.cmake COMPATIBILITY ${compatibility})
install(FILES "${PROJECT_BINARY_DIR}/cpperon-config.cmake" "${PROJECT_BINARY_DIR}/cpperon-config-version.cmake"
        DESTINATION "${config_folder}" COMPONENT development)

# pkg-config. Without shared libraries every program links the static ones, and what they need.
set(pkgconfig_folder "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
set(made_with "")
if(NOT CPPERON_BUILD_SHARED)
    set(made_with "Requires: fmt\n")
elseif(CPPERON_BUILD_STATIC)
    set(made_with "Requires.private: fmt\n")
endif()
set(link_too -pthread)
if(CPPERON_BACKTRACE)
    list(TRANSFORM CPPERON_BACKTRACE_LIBRARIES PREPEND -l OUTPUT_VARIABLE backtrace_flags)
    list(APPEND link_too ${backtrace_flags})
endif()
list(JOIN link_too " " link_too)
if(CPPERON_BUILD_SHARED)
    string(PREPEND link_too "\nLibs.private: ")
else()
    string(PREPEND link_too " ")
endif()
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
    set(prefix "${CMAKE_INSTALL_PREFIX}")
else()
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}/${pkgconfig_folder}"
               OUTPUT_VARIABLE up)
    set(prefix "\${pcfiledir}/${up}")
endif()
foreach(name IN ITEMS client driver)
    if(name STREQUAL "client")
        set(what "Aeron for modern C++: publish and subscribe")
    else()
        set(what "Aeron for modern C++: a media driver inside a program")
    endif()
    configure_file(cmake/cpperon.pc.in cpperon-${name}.pc @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/cpperon-${name}.pc" DESTINATION "${pkgconfig_folder}" COMPONENT development)
endforeach()

if(CPPERON_BUILD_TOOLS)
    list(APPEND CPPERON_PRODUCTS cpperond cpperon_tool)
    install(TARGETS cpperond cpperon_tool RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT tools)
    foreach(page IN ITEMS cpperon.1 cpperond.1)
        configure_file(docs/man/${page}.in ${page} @ONLY)
        install(FILES "${PROJECT_BINARY_DIR}/${page}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT tools)
    endforeach()

    # As a service, with the settings it starts from. The folders are systemd's, wherever libraries are.
    install(FILES packaging/cpperond.service DESTINATION lib/systemd/system COMPONENT tools)
    install(FILES packaging/cpperond.sysusers DESTINATION lib/sysusers.d RENAME cpperond.conf COMPONENT tools)
    install(FILES packaging/cpperond.properties DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/cpperon" COMPONENT tools)

    # Under the name of the reference driver, in a folder of its own: whoever wants it puts that into PATH.
    set(alias_folder "${CMAKE_INSTALL_LIBEXECDIR}/cpperon")
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}/${alias_folder}"
               OUTPUT_VARIABLE up)
    file(CREATE_LINK "${up}/${CMAKE_INSTALL_BINDIR}/cpperond" "${PROJECT_BINARY_DIR}/aeronmd" SYMBOLIC)
    install(FILES "${PROJECT_BINARY_DIR}/aeronmd" DESTINATION "${alias_folder}" COMPONENT tools)
endif()

# All that `cmake --install` wants to have been built.
add_custom_target(products DEPENDS ${CPPERON_PRODUCTS})
