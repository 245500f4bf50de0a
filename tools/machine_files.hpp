/// Facts of a machine that stand in files below `/proc` and `/sys`. Reading only; what is not there is left empty.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/machine_facts.hpp"

namespace cpperon::tools {

/// `root`: where `proc` and `sys` are, `/` but in tests. `facts.allowed_processors` must be known.
void read_machine_files(const std::string& root, MachineFacts& facts);

/// `0-2,5` as the kernel lists processors. Pure; anything else is left out.
[[nodiscard]] std::vector<int> parse_processor_list(std::string_view text);

}  // namespace cpperon::tools
