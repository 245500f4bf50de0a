#include "cpperon/uri/untethered_timeouts.hpp"

#include "cpperon/uri/keys.hpp"

namespace cpperon::uri {

UntetheredTimeouts read_untethered_timeouts(ParameterReader& reader, const ChannelDefaults& defaults) {
    UntetheredTimeouts timeouts{};
    timeouts.window_limit_ns =
        reader.duration_ns(key::untethered_window_limit_timeout).value_or(defaults.untethered_window_limit_timeout_ns);
    timeouts.linger_ns = reader.duration_ns(key::untethered_linger_timeout).value_or(0);
    if (timeouts.linger_ns == 0) {
        timeouts.linger_ns = defaults.untethered_linger_timeout_ns.value_or(timeouts.window_limit_ns);
    }
    timeouts.resting_ns =
        reader.duration_ns(key::untethered_resting_timeout).value_or(defaults.untethered_resting_timeout_ns);
    return timeouts;
}

}  // namespace cpperon::uri
