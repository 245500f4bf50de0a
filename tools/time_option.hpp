/// Moments as people name them on a command line.
#pragma once

#include <cstdint>
#include <string>

namespace cpperon::tools {

/// Epoch ms of `2024-05-01 10:11:12.345+0000`, as the commands print it, with time, fraction and zone as far as they
/// are there (without a zone: local time); of `90s`, `15min`, `2h` or `1d`, which is so long before `now_ms`; or of a
/// plain number, which is epoch ms. Throws `InvalidArgumentError`.
[[nodiscard]] std::int64_t parse_moment(const std::string& text, std::int64_t now_ms);

}  // namespace cpperon::tools
