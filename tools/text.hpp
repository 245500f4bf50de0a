/// How the commands write times and numbers for people.
#pragma once

#include <cstdint>
#include <string>

namespace cpperon::tools {

/// `2024-05-01 10:11:12.345+0000`, in local time. spec: 06 §24
[[nodiscard]] std::string local_time(std::int64_t epoch_ms);

/// `-1,234,567`: whatever the locale is.
[[nodiscard]] std::string with_separators(std::int64_t number);

}  // namespace cpperon::tools
