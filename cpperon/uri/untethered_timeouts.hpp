/// The three timeouts of subscribers that may be left behind, which publications and subscriptions read alike. Internal
/// to the uri room. spec: 05 §4.3
#pragma once

#include <cstdint>

#include "cpperon/uri/defaults.hpp"
#include "cpperon/uri/parameter_reader.hpp"

namespace cpperon::uri {

struct UntetheredTimeouts {
    std::int64_t window_limit_ns;
    std::int64_t linger_ns;  ///< unstated, or 0: the setting; without one, the effective window limit timeout
    std::int64_t resting_ns;
};

[[nodiscard]] UntetheredTimeouts read_untethered_timeouts(ParameterReader& reader, const ChannelDefaults& defaults);

}  // namespace cpperon::uri
