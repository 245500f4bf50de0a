/// The checks of a driver's settings at start, all before the directory is touched. spec: 06 §3.4, §3.5
#include <limits>

#include <fmt/format.h>

#include "cpperon/base/align.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/driver/context.hpp"
#include "cpperon/driver/settings.hpp"

namespace cpperon {

namespace {

using driver::Bounds;
using driver::gibibyte;
using driver::kibibyte;
using driver::max_int32;
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

/// Each setting for itself. spec: 06 §3.4
class BoundsChecker {
public:
    void text(const std::string_view property, const std::string& value) {
        constexpr std::size_t max_path_length = 4'095;
        if (value.size() > max_path_length) {
            throw InvalidArgumentError(fmt::format("{} has {} characters, at most {} are allowed; use a shorter path",
                                                   property, value.size(), max_path_length));
        }
    }
    void flag(const std::string_view /*property*/, const bool /*value*/) {}
    void size(const std::string_view property, const std::int64_t value, const Bounds& bounds) {
        check(property, value, bounds, " bytes");
    }
    void integer(const std::string_view property, const std::int32_t value, const Bounds& bounds) {
        check(property, value, bounds, "");
    }
    void duration(const std::string_view property, const nanoseconds value, const Bounds& bounds) {
        check(property, value.count(), bounds, " ns");
    }
    void optional_duration(const std::string_view property, const std::optional<nanoseconds>& value,
                           const Bounds& bounds) {
        if (value) {
            duration(property, *value, bounds);
        }
    }
    void whole(const std::string_view property, const std::int64_t value, const Bounds& bounds) {
        check(property, value, bounds, "");
    }
    void optional_long(const std::string_view /*property*/, const std::optional<std::int64_t>& /*value*/,
                       const Bounds& /*bounds*/) {}
    void group(const std::string_view /*property*/, const GroupConsideration /*value*/) {}
    void flow_control(const std::string_view /*property*/, const uri::FlowControlStrategy /*value*/) {}
    void congestion_control(const std::string_view /*property*/, const CongestionControlSupplier /*value*/) {}
    void ports(const std::string_view property, const net::PortRange& value) {
        if (value.low > value.high) {
            refuse(property, fmt::format("{} {}", value.low, value.high), "is no range: the first is above the second");
        }
    }
    void milliseconds(const std::string_view property, const std::chrono::milliseconds value, const Bounds& bounds) {
        check(property, value.count(), bounds, " ms");
    }
    void mode(const std::string_view /*property*/, const std::optional<ThreadingMode>& /*value*/) {}
    void naming(const std::string_view /*property*/, const ThreadNaming /*value*/) {}
    void idle(const std::string_view property, const IdleSetting& value) {
        try {
            static_cast<void>(make_idle_strategy(value.name, value.args));
        } catch (const InvalidArgumentError& error) {
            refuse(property, value.name, error.what());
        }
    }
    void validator(const std::string_view /*property*/, const TerminationValidator& /*value*/) {}

private:
    static void check(const std::string_view property, const std::int64_t value, const Bounds& bounds,
                      const std::string_view unit) {
        if (value < bounds.low || value > bounds.high) {
            refuse(property, fmt::format("{}{}", value, unit),
                   fmt::format("is out of range: set it to {} ... {}{}", bounds.low, bounds.high, unit));
        }
    }
};

void validate_term_length(const std::string_view property, const std::int64_t length) {
    require(is_power_of_two(length) && length >= 64 * kibibyte && length <= gibibyte, property, length,
            "is no term length: it must be a power of two from 65536 to 1073741824");
}

void validate_mtu_length(const std::string_view property, const std::int64_t length) {
    require(length > 32 && length % 32 == 0, property, length,
            "is no MTU: it must be a multiple of 32 from 64 to 65504");
}

/// Lengths that must be of a certain form within their bounds. spec: 06 §3.5.1
void validate_lengths(const DriverContext& context) {
    require(is_power_of_two(context.to_driver_buffer_length - 768), "aeron.conductor.buffer.length",
            context.to_driver_buffer_length,
            "is no ring buffer: it must be a power of two + 768, for example 1049344 or 2097920");
    require(is_power_of_two(context.to_clients_buffer_length - 128), "aeron.clients.buffer.length",
            context.to_clients_buffer_length,
            "is no broadcast buffer: it must be a power of two + 128, for example 1048704 or 2097280");
    require(context.counters_buffer_length % 128 == 0, "aeron.counters.buffer.length", context.counters_buffer_length,
            "is no whole number of counters: it must be a multiple of 128");
    require(context.error_buffer_length % 8 == 0, "aeron.error.buffer.length", context.error_buffer_length,
            "is unaligned: it must be a multiple of 8");
    require(is_power_of_two(context.file_page_size), "aeron.file.page.size", context.file_page_size,
            "must be a power of two from 4096 to 1073741824");
    validate_term_length("aeron.term.buffer.length", context.term_length);
    validate_term_length("aeron.ipc.term.buffer.length", context.ipc_term_length);
    validate_mtu_length("aeron.mtu.length", context.mtu_length);
    validate_mtu_length("aeron.ipc.mtu.length", context.ipc_mtu_length);

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
    validate_lengths(context);
    validate_timeouts(context);
    validate_reserved_session_ids(context);
    validate_network(context);
    validate_names(context);
}

}  // namespace cpperon
