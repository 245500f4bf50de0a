/// The checks of a driver's settings at start, all before the directory is touched. spec: 06 §3.4, §3.5
#include <limits>

#include <fmt/format.h>

#include "cpperon/base/align.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/driver/context.hpp"
#include "cpperon/driver/driver_idle_strategy.hpp"
#include "cpperon/driver/settings.hpp"

namespace cpperon {

namespace {

using driver::Bounds;
using driver::max_int32;
using driver::Setting;
using std::chrono::nanoseconds;

[[noreturn]] void refuse(const std::string_view property, const std::string_view value,
                         const std::string_view allowed) {
    throw InvalidArgumentError(fmt::format("{}={} {}", property, value, allowed));
}

void require(const bool holds, const std::string_view property, const std::int64_t value,
             const std::string_view allowed) {
    if (!holds) {
        refuse(property, fmt::to_string(value), allowed);
    }
}

/// Each setting for itself. spec: 06 §3.4, §3.5.1
class BoundsChecker {
public:
    void section(std::string_view /*title*/) {}
    void text(const Setting& setting, const std::string& value) {
        constexpr std::size_t max_length = 4'095;
        if (value.size() > max_length) {
            throw InvalidArgumentError(fmt::format("{} has {} characters, at most {} are allowed; use a shorter one",
                                                   setting.property, value.size(), max_length));
        }
    }
    void flag(const Setting& /*setting*/, const bool /*value*/) {}
    void size(const Setting& setting, const std::int64_t value, const Bounds& bounds) {
        check(setting, value, bounds, "", driver::allowed_sizes(bounds));
    }
    void integer(const Setting& setting, const std::int32_t value, const Bounds& bounds) {
        check(setting, value, bounds, "", driver::allowed_integers(bounds));
    }
    void duration(const Setting& setting, const nanoseconds value, const Bounds& bounds) {
        check(setting, value.count(), bounds, "ns", driver::allowed_durations(bounds));
    }
    void optional_duration(const Setting& setting, const std::optional<nanoseconds>& value, const Bounds& bounds) {
        if (value) {
            duration(setting, *value, bounds);
        }
    }
    void whole(const Setting& setting, const std::int64_t value, const Bounds& bounds) {
        check(setting, value, bounds, "", driver::allowed_integers(bounds));
    }
    void optional_long(const Setting& /*setting*/, const std::optional<std::int64_t>& /*value*/,
                       const Bounds& /*bounds*/) {}
    void group(const Setting& /*setting*/, const GroupConsideration /*value*/) {}
    void flow_control(const Setting& /*setting*/, const uri::FlowControlStrategy /*value*/) {}
    void congestion_control(const Setting& /*setting*/, const CongestionControlSupplier /*value*/) {}
    void ports(const Setting& setting, const net::PortRange& value) {
        if (value.low > value.high) {
            refuse(setting.property, fmt::format("{} {}", value.low, value.high),
                   "is no range: the first is above the second");
        }
    }
    void milliseconds(const Setting& setting, const std::chrono::milliseconds value, const Bounds& bounds) {
        check(setting, value.count(), bounds, "ms", driver::allowed_milliseconds(bounds));
    }
    void mode(const Setting& /*setting*/, const std::optional<ThreadingMode>& /*value*/) {}
    void naming(const Setting& /*setting*/, const ThreadNaming /*value*/) {}
    void idle(const Setting& setting, const IdleSetting& value) {
        try {
            driver::check_idle_strategy(value);
        } catch (const InvalidArgumentError& error) {
            refuse(setting.property, value.name, error.what());
        }
    }
    void validator(const Setting& /*setting*/, const TerminationValidator& /*value*/) {}

private:
    static void check(const Setting& setting, const std::int64_t value, const Bounds& bounds,
                      const std::string_view unit, const std::string_view allowed) {
        if (!driver::is_allowed(value, bounds)) {
            refuse(setting.property, fmt::format("{}{}", value, unit),
                   fmt::format("is not allowed: set it to {}", allowed));
        }
    }
};

/// spec: 06 §3.5.5
void validate_cnc_length(const DriverContext& context) {
    const std::int64_t cnc_length = align_up(128 + context.to_driver_buffer_length + context.to_clients_buffer_length +
                                                 5 * context.counters_buffer_length + context.error_buffer_length,
                                             context.file_page_size);
    if (cnc_length > max_int32) {
        throw InvalidArgumentError(
            fmt::format("the CnC file would have {} bytes, at most {} are allowed: make aeron.counters.buffer.length "
                        "(counted five times), aeron.error.buffer.length, aeron.conductor.buffer.length or "
                        "aeron.clients.buffer.length smaller",
                        cnc_length, max_int32));
    }
}

struct NamedDuration {
    std::string_view property;
    nanoseconds value;
};

void require_above(const NamedDuration& longer, const NamedDuration& shorter) {
    if (longer.value <= shorter.value) {
        throw InvalidArgumentError(fmt::format("{}={} ns must be above {}={} ns: raise the one or lower the other",
                                               longer.property, longer.value.count(), shorter.property,
                                               shorter.value.count()));
    }
}

/// spec: 06 §3.5.3, §3.5.4
void validate_timeouts(const DriverContext& context) {
    const NamedDuration timer{"aeron.timer.interval", context.timer_interval};
    const NamedDuration liveness{"aeron.client.liveness.timeout", context.client_liveness_timeout};

    require_above({"aeron.publication.unblock.timeout", context.publication_unblock_timeout}, liveness);
    require_above(liveness, timer);
    require_above({"aeron.untethered.window.limit.timeout", context.untethered_window_limit_timeout}, timer);
    require_above({"aeron.untethered.resting.timeout", context.untethered_resting_timeout}, timer);
    if (context.untethered_linger_timeout) {
        require_above({"aeron.untethered.linger.timeout", *context.untethered_linger_timeout}, timer);
    }
}

/// What receivers and senders are told to do, beyond bounds. spec: 06 §3.4, §3.5.6
void validate_network(const DriverContext& context) {
    require(context.receiver_window_length >= context.mtu_length, "aeron.rcv.initial.window.length",
            context.receiver_window_length,
            fmt::format("is less than one datagram: it must be at least aeron.mtu.length={}", context.mtu_length));
    require(context.nak_unicast_retry_delay_ratio <=
                std::numeric_limits<std::int64_t>::max() / context.nak_unicast_delay.count(),
            "aeron.nak.unicast.retry.delay.ratio", context.nak_unicast_retry_delay_ratio,
            fmt::format("times aeron.nak.unicast.delay={} ns is beyond all time: lower one of them",
                        context.nak_unicast_delay.count()));
}

/// spec: 04 §13.2, 06 §3.4, §16
void validate_names(const DriverContext& context) {
    const std::string& supplier = context.name_resolver_supplier;
    if (supplier != "default" && supplier != "csv_table" && supplier != "driver") {
        refuse("aeron.name.resolver.supplier", supplier, "is unknown: allowed are default, csv_table and driver");
    }
    if (!context.resolver_interface.empty() && context.resolver_name.empty()) {
        refuse("aeron.driver.resolver.interface", context.resolver_interface,
               "is set without aeron.driver.resolver.name: give this driver the name by which others know it");
    }
    if (supplier == "driver" && context.resolver_interface.empty()) {
        refuse("aeron.name.resolver.supplier", supplier,
               "needs aeron.driver.resolver.interface, for example 0.0.0.0:8050, and aeron.driver.resolver.name");
    }
    if (supplier == "csv_table" && context.name_resolver_args.empty()) {
        refuse("aeron.name.resolver.supplier", supplier,
               "needs aeron.name.resolver.init.args: rows of name,host,host-after-re-resolution, separated by |");
    }
}

/// spec: 06 §3.5.6
void validate_reserved_session_ids(const DriverContext& context) {
    const std::int64_t low = context.reserved_session_id_low;
    const std::int64_t high = context.reserved_session_id_high;
    if (low > high || high - low > max_int32) {
        throw InvalidArgumentError(
            fmt::format("the reserved session ids {} ... {} are no range: aeron.publication.reserved.session.id.low "
                        "must not be above .high, and they may be at most {} apart",
                        low, high, max_int32));
    }
}

}  // namespace

void validate(const DriverContext& context) {
    BoundsChecker checker;
    driver::visit_settings(context, checker);
    validate_cnc_length(context);
    validate_timeouts(context);
    validate_reserved_session_ids(context);
    validate_network(context);
    validate_names(context);
}

}  // namespace cpperon
