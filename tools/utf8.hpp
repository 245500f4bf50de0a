/// Text from a driver's files, for those who take nothing but UTF-8. The bytes of a label are whatever a client wrote.
#pragma once

#include <string>
#include <string_view>

namespace cpperon::tools {

/// `text` with U+FFFD for what is no UTF-8, and for control characters.
[[nodiscard]] std::string as_utf8(std::string_view text);

}  // namespace cpperon::tools
