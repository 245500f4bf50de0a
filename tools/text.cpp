#include "tools/text.hpp"

#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cpperon::tools {

std::string local_time(const std::int64_t epoch_ms) {
    const std::tm time = fmt::localtime(static_cast<std::time_t>(epoch_ms / 1'000));
    return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03}{:%z}", time, epoch_ms % 1'000, time);
}

std::string with_separators(const std::int64_t number) {
    std::string text = fmt::format("{}", number);
    const std::size_t first = text.front() == '-' ? 1 : 0;
    for (std::size_t at = text.size(); at > first + 3;) {
        at -= 3;
        text.insert(at, 1, ',');
    }
    return text;
}

std::string printable(const std::string_view text, const std::string_view allowed) {
    constexpr char first_printable = ' ';
    constexpr char delete_character = '\x7f';
    std::string result{text};
    std::ranges::replace_if(
        result,
        [&](const char c) {
            const bool is_control = static_cast<unsigned char>(c) < first_printable || c == delete_character;
            return is_control && allowed.find(c) == std::string_view::npos;
        },
        '?');
    return result;
}

std::string_view cut_to_columns(const std::string_view line, const std::size_t columns) noexcept {
    constexpr auto continues = [](const char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    std::size_t used = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (!continues(line[at]) && ++used > columns) {
            return line.substr(0, at);
        }
    }
    return line;
}

std::string json_line(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace cpperon::tools
