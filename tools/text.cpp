#include "tools/text.hpp"

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

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

}  // namespace cpperon::tools
