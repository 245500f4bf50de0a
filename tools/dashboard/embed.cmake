# Puts the files of the dashboard into one page, and that into C++: cmake -D OUTPUT=dashboard_page.cpp -P embed.cmake
file(READ "${CMAKE_CURRENT_LIST_DIR}/dashboard.html" page)
foreach(file IN ITEMS uPlot-LICENSE uPlot.min.css dashboard.css uPlot.iife.min.js format.js series.js charts.js tables.js dashboard.js)
    file(READ "${CMAKE_CURRENT_LIST_DIR}/${file}" content)
    if(NOT page MATCHES "{{${file}}}")
        message(FATAL_ERROR "dashboard.html has no place for ${file}")
    endif()
    string(REPLACE "{{${file}}}" "${content}" page "${page}")
endforeach()

set(together "${OUTPUT}.html")
file(WRITE "${together}" "${page}")
file(READ "${together}" bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include \"tools/dashboard_page.hpp\"

namespace {
constexpr unsigned char page[] = {${bytes}};
}

std::string_view cpperon::tools::dashboard_page() noexcept {
    return {reinterpret_cast<const char*>(page), sizeof(page)};
}
")
