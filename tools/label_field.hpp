/// What the labels of some counters say behind their name: `client-heartbeat: id=4 name=orders version=1.2 commit=ab`.
/// spec: 06 §18, §19.6
#pragma once

#include <string_view>

namespace cpperon::tools {

/// The value of `key` in such a label, up to the next of the fields that may follow, so that it may contain blanks;
/// empty where there is none. `key`: without `=`.
[[nodiscard]] std::string_view label_field(std::string_view label, std::string_view key) noexcept;

}  // namespace cpperon::tools
