#include "cpperon/base/version.hpp"

#if !defined(CPPERON_COMMIT)
#define CPPERON_COMMIT "unknown"
#endif

namespace cpperon {

std::string_view build_commit() noexcept {
    return CPPERON_COMMIT;
}

}  // namespace cpperon
