#include "cpperon/uri/subscription_params.hpp"

#include "cpperon/uri/keys.hpp"
#include "cpperon/uri/parameter_reader.hpp"
#include "cpperon/uri/untethered_timeouts.hpp"

namespace cpperon::uri {

Result<SubscriptionParams> try_parse_subscription_params(const ChannelUri& uri, const ChannelDefaults& defaults) {
    ParameterReader reader(uri);
    SubscriptionParams params;
    params.is_response = uri.has_control_mode_response();
    params.is_reliable = reader.boolean(key::reliable).value_or(defaults.is_reliable);
    params.is_sparse = reader.boolean(key::sparse).value_or(defaults.is_sparse);
    params.is_tether = reader.boolean(key::tether).value_or(defaults.is_tether);
    params.is_rejoin = reader.boolean(key::rejoin).value_or(defaults.is_rejoin);
    const auto group = reader.text(key::group);
    params.group = group ? parse_group(*group) : defaults.group;
    if (const std::optional<std::int32_t> session_id = reader.int32(key::session_id)) {
        params.session_id = SessionId{*session_id};
    }
    const std::int64_t stated_window = reader.size(key::receiver_window).value_or(0);
    params.receiver_window_length = stated_window == 0 ? defaults.receiver_window_length : stated_window;
    const UntetheredTimeouts timeouts = read_untethered_timeouts(reader, defaults);
    params.untethered_window_limit_timeout_ns = timeouts.window_limit_ns;
    params.untethered_linger_timeout_ns = timeouts.linger_ns;
    params.untethered_resting_timeout_ns = timeouts.resting_ns;
    if (!reader.is_ok()) {
        return *reader.error();
    }
    return params;
}

Result<std::optional<std::int64_t>> try_parse_group_tag(const ChannelUri& uri, const ChannelDefaults& defaults) {
    ParameterReader reader(uri);
    const std::optional<std::int64_t> tag = reader.int64(key::group_tag);
    if (!reader.is_ok()) {
        return *reader.error();
    }
    return tag ? tag : defaults.group_tag;
}

Result<ImageParams> try_parse_image_params(const ChannelUri& uri, const ChannelDefaults& defaults) {
    ParameterReader reader(uri);
    ImageParams params{.congestion_control = defaults.congestion_control};
    if (const auto control = reader.text(key::congestion_control)) {
        params.congestion_control =
            reader.take(try_parse_congestion_control(*control)).value_or(params.congestion_control);
    }
    params.nak_delay_ns = reader.duration_ns(key::nak_delay).value_or(defaults.nak_delay_ns);
    if (!reader.is_ok()) {
        return *reader.error();
    }
    return params;
}

}  // namespace cpperon::uri
