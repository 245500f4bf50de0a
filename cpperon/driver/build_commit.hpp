/// The commit this library was built from, as the labels of system counters and `cpperond -v` show it. A build that
/// knows it defines `CPPERON_COMMIT`.
#pragma once

#include <string_view>

namespace cpperon::driver {

#if defined(CPPERON_COMMIT)
inline constexpr std::string_view build_commit = CPPERON_COMMIT;
#else
inline constexpr std::string_view build_commit = "unknown";
#endif

}  // namespace cpperon::driver
