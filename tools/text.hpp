/// How the commands write times and numbers for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace cpperon::tools {

/// `2024-05-01 10:11:12.345+0000`, in local time. spec: 06 §24
[[nodiscard]] std::string local_time(std::int64_t epoch_ms);

/// `-1,234,567`: whatever the locale is.
[[nodiscard]] std::string with_separators(std::int64_t number);

/// Text from a driver's files as a terminal may have it: control characters become `?`, so that a label cannot move the
/// cursor. `allowed`: those that may stay.
[[nodiscard]] std::string printable(std::string_view text, std::string_view allowed = {});

/// The beginning of a line of UTF-8 that fits into so many columns, each character taken for one.
[[nodiscard]] std::string_view cut_to_columns(std::string_view line, std::size_t columns) noexcept;

/// On one line; bytes of labels and channels that are no UTF-8 are replaced.
[[nodiscard]] std::string json_line(const nlohmann::json& json);

}  // namespace cpperon::tools
