#include "cpperon/base/version.hpp"

#include <fmt/format.h>

#if !defined(CPPERON_COMMIT)
#define CPPERON_COMMIT "unknown"
#endif

namespace cpperon {

std::string_view build_commit() noexcept {
    return CPPERON_COMMIT;
}

std::string version_full() {
    return fmt::format("cpperon version={} commit={}", version_text, build_commit());
}

}  // namespace cpperon
