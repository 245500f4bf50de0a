#include "tools/utf8.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace cpperon::tools {

namespace {

bool is_control(const char byte) noexcept {
    return (byte >= 0 && byte < ' ') || byte == '\x7f';
}

}  // namespace

std::string as_utf8(const std::string_view text) {
    std::string result{text};
    if (std::all_of(text.begin(), text.end(), [](const char byte) { return byte >= ' ' && byte < '\x7f'; })) {
        return result;
    }
    std::replace_if(result.begin(), result.end(), is_control, '\xff');
    // The way through JSON replaces what is malformed.
    using nlohmann::json;
    return json::parse(json(result).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

}  // namespace cpperon::tools
