/// The version of this library. A test holds it equal to the project's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cpperon {

inline constexpr std::int32_t version_major = 0;
inline constexpr std::int32_t version_minor = 1;
inline constexpr std::int32_t version_patch = 0;
inline constexpr std::string_view version_text = "0.1.0";

/// The commit this library was configured from, as labels of counters and `cpperond -v` show it; `unknown` where it was
/// built outside a checkout.
[[nodiscard]] std::string_view build_commit() noexcept;

/// `cpperon version=<version> commit=<commit>`.
[[nodiscard]] std::string version_full();

}  // namespace cpperon
