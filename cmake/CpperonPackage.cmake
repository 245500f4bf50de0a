# Debian packages and a tarball of what is installed: cpack --config build/release/CPackConfig.cmake, or `make package`.
#   libcpperon0.1    shared libraries
#   libcpperon-dev   headers, static libraries, files for CMake and pkg-config
#   cpperon-tools    cpperond with its service, cpperon, and their man pages; needs neither of the others

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME cpperon)
set(CPACK_PACKAGE_VENDOR "The cpperon project")
set(CPACK_PACKAGE_CONTACT "The cpperon project")
set(CPACK_PACKAGE_DESCRIPTION "cpperon is an independent implementation of Aeron: messages between threads, processes and hosts, reliable and in order, at the limit of the machine. It is compatible with Aeron on the wire and in shared memory.")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_STRIP_FILES ON)
set(CPACK_OUTPUT_FILE_PREFIX "${PROJECT_BINARY_DIR}/packages")
set(CPACK_COMPONENTS_ALL development)
if(CPPERON_BUILD_SHARED)
    list(APPEND CPACK_COMPONENTS_ALL runtime)
endif()
if(CPPERON_BUILD_TOOLS)
    list(APPEND CPACK_COMPONENTS_ALL tools)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libcpperon${CPPERON_ABI_VERSION})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libcpperon-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME cpperon-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION net)
set(CPACK_DEBIAN_TOOLS_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/packaging/debian/postinst"
                                             "${PROJECT_SOURCE_DIR}/packaging/debian/prerm"
                                             "${PROJECT_SOURCE_DIR}/packaging/debian/postrm")
set(CPACK_DEBIAN_TOOLS_PACKAGE_SUGGESTS gnuplot-nox)  # for --plot

set(needed "")
if(CPPERON_BUILD_STATIC)
    list(APPEND needed libfmt-dev)
    if(CPPERON_BACKTRACE)
        list(APPEND needed libdw-dev)
    endif()
endif()
if(CPPERON_BUILD_SHARED)
    list(APPEND needed "${CPACK_DEBIAN_RUNTIME_PACKAGE_NAME} (= ${PROJECT_VERSION})")
endif()
list(JOIN needed ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} upper_component)
    install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/${CPACK_DEBIAN_${upper_component}_PACKAGE_NAME}"
            RENAME copyright COMPONENT ${component})
endforeach()

include(CPack)
cpack_add_component(runtime DISPLAY_NAME "Shared libraries"
                    DESCRIPTION "The shared libraries of cpperon, Aeron for modern C++.")
cpack_add_component(development DISPLAY_NAME "Development files"
                    DESCRIPTION "Headers and static libraries of cpperon, Aeron for modern C++.")
cpack_add_component(tools DISPLAY_NAME "Programs"
                    DESCRIPTION "A media driver as a program of its own, for Aeron clients on this machine.")
