#include "cpperon/driver/context.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <initializer_list>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/base/parse_value.hpp"
#include "cpperon/driver/settings.hpp"

namespace cpperon {

namespace {

using driver::Bounds;
using std::chrono::nanoseconds;

bool allow_termination(std::span<const std::byte> /*token*/) {
    return true;
}

void warn_on_stderr(const std::string_view line) {
    fmt::print(stderr, "{}\n", line);
}

template <typename Value, std::size_t count>
using Names = std::array<std::pair<std::string_view, Value>, count>;

/// The first name of a value is the one that is printed.
constexpr Names<uri::FlowControlStrategy, 4> flow_control_names{{
    {"multicast_max", uri::FlowControlStrategy::max},
    {"unicast_max", uri::FlowControlStrategy::max},
    {"multicast_min", uri::FlowControlStrategy::min},
    {"multicast_tagged", uri::FlowControlStrategy::tagged},
}};
constexpr Names<CongestionControlSupplier, 3> congestion_control_names{{
    {"default", CongestionControlSupplier::by_channel},
    {"static", CongestionControlSupplier::static_window},
    {"cubic", CongestionControlSupplier::cubic},
}};

template <typename Value, std::size_t count>
std::string_view name_of(const Value value, const Names<Value, count>& names) {
    return std::find_if(names.begin(), names.end(), [value](const auto& entry) { return entry.second == value; })
        ->first;
}

/// What an idle setting must be for the driver to start.
void check_idle(const std::string_view property, const IdleSetting& setting) {
    try {
        static_cast<void>(make_idle_strategy(setting.name, setting.args));
    } catch (const InvalidArgumentError& error) {
        throw InvalidArgumentError(fmt::format("{}={}: {}", property, setting.name, error.what()));
    }
}

/// Overwrites the fields whose variables are set. spec: 06 §3.3
class EnvironmentReader {
public:
    EnvironmentReader(const EnvironmentLookup& lookup, const std::function<void(std::string_view)>& warn)
        : lookup_(lookup), warn_(warn) {}

    void text(const std::string_view property, std::string& field) const {
        if (auto value = find(property)) {
            field = *std::move(value);
        }
    }

    /// A prefix decides; anything else leaves the default without a warning.
    void flag(const std::string_view property, bool& field) const {
        const std::string value = find(property).value_or("");
        const auto begins_with_any = [&value](const std::initializer_list<std::string_view> prefixes) {
            return std::any_of(prefixes.begin(), prefixes.end(),
                               [&value](const std::string_view prefix) { return value.starts_with(prefix); });
        };
        if (begins_with_any({"1", "on", "true"})) {
            field = true;
        } else if (begins_with_any({"0", "off", "false"})) {
            field = false;
        }
    }

    void size(const std::string_view property, std::int64_t& field, const Bounds& bounds) const {
        number(property, field, bounds, [](const std::string_view value) -> Result<std::int64_t> {
            if (value.ends_with('b') || value.ends_with('B')) {
                return ErrorInfo{ErrorCode::invalid_argument, "a size ends in k, m or g"};
            }
            return try_parse_size(value);
        });
    }

    /// What does not fit into 32 bits is malformed rather than clamped. spec: 05 §17.1
    void integer(const std::string_view property, std::int32_t& field, const Bounds& bounds) const {
        std::int64_t wide = field;
        number(property, wide, bounds, [](const std::string_view value) {
            const Result<std::int32_t> parsed = try_parse_int32(value);
            return parsed ? Result<std::int64_t>{*parsed} : Result<std::int64_t>{parsed.error()};
        });
        field = static_cast<std::int32_t>(wide);
    }

    void duration(const std::string_view property, nanoseconds& field, const Bounds& bounds) const {
        std::int64_t count = field.count();
        number(property, count, bounds, try_parse_duration_ns);
        field = nanoseconds{count};
    }

    void optional_duration(const std::string_view property, std::optional<nanoseconds>& field,
                           const Bounds& bounds) const {
        nanoseconds value = field.value_or(nanoseconds{-1});
        duration(property, value, bounds);
        if (value.count() >= 0) {
            field = value;
        }
    }

    /// A plain number is in milliseconds; unlike the reference driver we also take a unit. spec: 06 §27 trap 23
    void milliseconds(const std::string_view property, std::chrono::milliseconds& field, const Bounds& bounds) const {
        std::int64_t count = field.count();
        number(property, count, bounds, [](const std::string_view value) -> Result<std::int64_t> {
            if (value.ends_with('s') || value.ends_with('S')) {
                auto duration_ns = try_parse_duration_ns(value);
                return duration_ns ? Result<std::int64_t>{*duration_ns / 1'000'000} : duration_ns;
            }
            return try_parse_int64(value);
        });
        field = std::chrono::milliseconds{count};
    }

    void mode(const std::string_view property, std::optional<ThreadingMode>& field) const {
        if (const auto value = find(property)) {
            for (const ThreadingMode mode : {ThreadingMode::dedicated, ThreadingMode::shared_network,
                                             ThreadingMode::shared, ThreadingMode::invoker}) {
                if (*value == to_string(mode)) {
                    field = mode;
                    return;
                }
            }
            warn_invalid(property, *value);
        }
    }

    void naming(const std::string_view property, ThreadNaming& field) const {
        if (const auto value = find(property)) {
            if (*value == "classic" || *value == "new") {
                field = *value == "new" ? ThreadNaming::aeron_md : ThreadNaming::classic;
            } else {
                warn_invalid(property, *value);
            }
        }
    }

    /// A strategy that is named explicitly has no arguments but those that are given with it. spec: 06 §2.4
    void idle(const std::string_view property, IdleSetting& field) const {
        const auto name = find(property);
        const auto args = find(std::string{property} + ".init.args");
        if (name) {
            field = {.name = *name, .args = args.value_or("")};
        } else if (args) {
            field.args = *args;
        }
        check_idle(environment_name(property), field);
    }

    void whole(const std::string_view property, std::int64_t& field, const Bounds& bounds) const {
        number(property, field, bounds, try_parse_int64);
    }

    void optional_long(const std::string_view property, std::optional<std::int64_t>& field,
                       const Bounds& bounds) const {
        if (find(property)) {
            std::int64_t value = 0;
            if (number(property, value, bounds, try_parse_int64)) {
                field = value;
            }
        }
    }

    /// Whatever is neither true nor infer is false. spec: 06 §3.3
    void group(const std::string_view property, GroupConsideration& field) const {
        if (const auto value = find(property)) {
            field = uri::parse_group(*value);
        }
    }

    void flow_control(const std::string_view property, uri::FlowControlStrategy& field) const {
        if (const auto value = find(property)) {
            field = named(property, *value, flow_control_names);
        }
    }

    void congestion_control(const std::string_view property, CongestionControlSupplier& field) const {
        if (const auto value = find(property)) {
            field = named(property, *value, congestion_control_names);
        }
    }

    /// `low high`. spec: 06 §3.3
    void ports(const std::string_view property, net::PortRange& field) const {
        if (const auto value = find(property)) {
            const Result<net::PortRange> range = driver::try_parse_port_range(*value);
            if (!range) {
                throw InvalidArgumentError(
                    fmt::format("{}={}: {}", environment_name(property), *value, range.error().message));
            }
            field = *range;
        }
    }

    void validator(const std::string_view property, TerminationValidator& field) const {
        if (const auto value = find(property)) {
            if (*value == "allow") {
                field = allow_termination;
            } else if (*value == "deny") {
                field = nullptr;
            } else {
                throw InvalidArgumentError(
                    fmt::format("{}={}: this termination validator is unknown; allowed are allow and deny",
                                environment_name(property), *value));
            }
        }
    }

private:
    /// The value of a variable; an empty one counts as unset.
    [[nodiscard]] std::optional<std::string> find(const std::string_view property) const {
        auto value = lookup_(environment_name(property));
        return value && value->empty() ? std::nullopt : value;
    }

    /// Whether there is a value that can be read.
    template <typename Parse>
    bool number(const std::string_view property, std::int64_t& field, const Bounds& bounds, const Parse& parse) const {
        const auto value = find(property);
        if (!value) {
            return false;
        }
        const Result<std::int64_t> parsed = parse(std::string_view{*value});
        if (!parsed) {
            warn_invalid(property, *value);
            return false;
        }
        field = std::clamp(*parsed, bounds.low, bounds.high);
        return true;
    }

    /// The value that `name` stands for; a name that stands for nothing fails the start. spec: 06 §3.3
    template <typename Value, std::size_t count>
    [[nodiscard]] static Value named(const std::string_view property, const std::string_view name,
                                     const Names<Value, count>& names) {
        for (const auto& [known, value] : names) {
            if (known == name) {
                return value;
            }
        }
        std::string allowed;
        for (const auto& [known, value] : names) {
            fmt::format_to(std::back_inserter(allowed), "{}{}", allowed.empty() ? "" : ", ", known);
        }
        throw InvalidArgumentError(
            fmt::format("{}={}: this name is unknown; allowed are {}", environment_name(property), name, allowed));
    }

    void warn_invalid(const std::string_view property, const std::string_view value) const {
        warn_(fmt::format("WARNING: {}={} is invalid, using default", environment_name(property), value));
    }

    const EnvironmentLookup& lookup_;
    const std::function<void(std::string_view)>& warn_;
};

/// Prints `name=value` lines in base units. spec: 06 §3.6
class Printer {
public:
    void text(const std::string_view property, const std::string& value) { line(property, value); }
    void flag(const std::string_view property, const bool value) { line(property, value); }
    void size(const std::string_view property, const std::int64_t value, const Bounds& /*bounds*/) {
        line(property, value);
    }
    void integer(const std::string_view property, const std::int32_t value, const Bounds& /*bounds*/) {
        line(property, value);
    }
    void duration(const std::string_view property, const nanoseconds value, const Bounds& /*bounds*/) {
        line(property, value.count());
    }
    void optional_duration(const std::string_view property, const std::optional<nanoseconds>& value,
                           const Bounds& /*bounds*/) {
        line(property, value ? fmt::to_string(value->count()) : "as aeron.untethered.window.limit.timeout");
    }
    void whole(const std::string_view property, const std::int64_t value, const Bounds& /*bounds*/) {
        line(property, value);
    }
    void optional_long(const std::string_view property, const std::optional<std::int64_t>& value,
                       const Bounds& /*bounds*/) {
        line(property, value ? fmt::to_string(*value) : "");
    }
    void group(const std::string_view property, const GroupConsideration value) { line(property, to_string(value)); }
    void flow_control(const std::string_view property, const uri::FlowControlStrategy value) {
        line(property, name_of(value, flow_control_names));
    }
    void congestion_control(const std::string_view property, const CongestionControlSupplier value) {
        line(property, name_of(value, congestion_control_names));
    }
    void ports(const std::string_view property, const net::PortRange& value) {
        line(property, fmt::format("{} {}", value.low, value.high));
    }
    void milliseconds(const std::string_view property, const std::chrono::milliseconds value,
                      const Bounds& /*bounds*/) {
        line(property, value.count());
    }
    void mode(const std::string_view property, const std::optional<ThreadingMode>& value) {
        line(property, to_string(value.value_or(ThreadingMode::dedicated)));
    }
    void naming(const std::string_view property, const ThreadNaming value) {
        line(property, value == ThreadNaming::classic ? "classic" : "new");
    }
    void idle(const std::string_view property, const IdleSetting& value) {
        line(property, value.name);
        line(std::string{property} + ".init.args", value.args);
    }
    void validator(const std::string_view property, const TerminationValidator& value) {
        const auto* const function = value.target<bool (*)(std::span<const std::byte>)>();
        const bool is_allow = function != nullptr && *function == allow_termination;
        line(property, !value ? "deny" : is_allow ? "allow" : "set by the program");
    }

    template <typename Value>
    void line(const std::string_view property, const Value& value) {
        fmt::format_to(std::back_inserter(lines_), "    {}={}\n", property, value);
    }

    [[nodiscard]] const std::string& lines() const noexcept { return lines_; }

private:
    std::string lines_;
};

}  // namespace

namespace driver {

Result<net::PortRange> try_parse_port_range(const std::string_view text) {
    const auto refused = [] {
        return ErrorInfo{ErrorCode::invalid_argument,
                         "a port range is two numbers from 0 to 65535, `low high`, the second not below the first; "
                         "`0 0` lets the system choose"};
    };
    std::istringstream words{std::string{text}};
    std::string low_text;
    std::string high_text;
    std::string rest;
    if (!(words >> low_text >> high_text) || words >> rest) {
        return refused();
    }
    const Result<std::int64_t> low = try_parse_int64(low_text);
    const Result<std::int64_t> high = try_parse_int64(high_text);
    constexpr std::int64_t max_port = 65'535;
    if (!low || !high || *low < 0 || *low > *high || *high > max_port) {
        return refused();
    }
    return net::PortRange{.low = static_cast<std::uint16_t>(*low), .high = static_cast<std::uint16_t>(*high)};
}

}  // namespace driver

std::string_view to_string(const ThreadingMode mode) noexcept {
    switch (mode) {
        case ThreadingMode::dedicated: return "DEDICATED";
        case ThreadingMode::shared_network: return "SHARED_NETWORK";
        case ThreadingMode::shared: return "SHARED";
        case ThreadingMode::invoker: return "INVOKER";
    }
    return "UNKNOWN";
}

DriverContext DriverContext::from_environment(const EnvironmentLookup& environment,
                                              std::function<void(std::string_view)> warning_handler) {
    DriverContext context;
    context.warning_handler = warning_handler ? std::move(warning_handler) : warn_on_stderr;
    const EnvironmentReader reader{environment, context.warning_handler};
    driver::visit_settings(context, reader);
    return context;
}

std::string describe(const DriverContext& context) {
    Printer printer;
    printer.line("aeron.cnc.version", "0.2.0");
    driver::visit_settings(context, printer);
    return "cpperon driver configuration {\n" + printer.lines() + "}\n";
}

}  // namespace cpperon
