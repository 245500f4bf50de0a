#include "cpperon/driver/context.hpp"

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/driver/driver_idle_strategy.hpp"
#include "cpperon/driver/setting_rows.hpp"
#include "cpperon/driver/settings.hpp"

namespace cpperon {

namespace {

using driver::Bounds;
using driver::Setting;
using std::chrono::nanoseconds;

void warn_on_stderr(const std::string_view line) {
    fmt::print(stderr, "{}\n", line);
}

/// What an idle setting must be for the driver to start.
void check_idle(const std::string_view property, const IdleSetting& setting) {
    try {
        driver::check_idle_strategy(setting);
    } catch (const InvalidArgumentError& error) {
        throw InvalidArgumentError(fmt::format("{}={}: {}", property, setting.name, error.what()));
    }
}

/// Overwrites the fields whose variables are set. spec: 06 §3.3
class EnvironmentReader {
public:
    EnvironmentReader(const EnvironmentLookup& lookup, const std::function<void(std::string_view)>& warn)
        : lookup_(lookup), warn_(warn) {}

    void section(std::string_view /*title*/) const {}

    void text(const Setting& setting, std::string& field) const {
        if (auto value = find(setting.property)) {
            field = *std::move(value);
        }
    }

    /// A prefix decides; anything else leaves the default without a warning.
    void flag(const Setting& setting, bool& field) const {
        const std::string value = find(setting.property).value_or("");
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

    void size(const Setting& setting, std::int64_t& field, const Bounds& bounds) const {
        const Words words{.default_value = format_size(field), .allowed = driver::allowed_sizes(bounds)};
        number(setting, field, bounds, words, [](const std::string_view value) -> Result<std::int64_t> {
            if (value.ends_with('b') || value.ends_with('B')) {
                return ErrorInfo{ErrorCode::invalid_argument, "a size ends in k, m or g"};
            }
            return try_parse_size(value);
        });
    }

    /// What does not fit into 32 bits is malformed rather than clamped. spec: 05 §17.1
    void integer(const Setting& setting, std::int32_t& field, const Bounds& bounds) const {
        std::int64_t wide = field;
        number(setting, wide, bounds, integers(field, bounds), [](const std::string_view value) {
            const Result<std::int32_t> parsed = try_parse_int32(value);
            return parsed ? Result<std::int64_t>{*parsed} : Result<std::int64_t>{parsed.error()};
        });
        field = static_cast<std::int32_t>(wide);
    }

    void duration(const Setting& setting, nanoseconds& field, const Bounds& bounds) const {
        std::int64_t count = field.count();
        number(setting, count, bounds, durations(count, bounds), try_parse_duration_ns);
        field = nanoseconds{count};
    }

    void optional_duration(const Setting& setting, std::optional<nanoseconds>& field, const Bounds& bounds) const {
        std::int64_t count = 0;
        const Words words{.default_value = "none", .allowed = driver::allowed_durations(bounds)};
        if (number(setting, count, bounds, words, try_parse_duration_ns)) {
            field = nanoseconds{count};
        }
    }

    /// A plain number is in milliseconds; unlike the reference driver we also take a unit. spec: 06 §27 trap 23
    void milliseconds(const Setting& setting, std::chrono::milliseconds& field, const Bounds& bounds) const {
        std::int64_t count = field.count();
        const Words words{.default_value = fmt::to_string(count), .allowed = driver::allowed_milliseconds(bounds)};
        number(setting, count, bounds, words, [](const std::string_view value) -> Result<std::int64_t> {
            if (value.ends_with('s') || value.ends_with('S')) {
                auto duration_ns = try_parse_duration_ns(value);
                return duration_ns ? Result<std::int64_t>{*duration_ns / 1'000'000} : duration_ns;
            }
            return try_parse_int64(value);
        });
        field = std::chrono::milliseconds{count};
    }

    void mode(const Setting& setting, std::optional<ThreadingMode>& field) const {
        if (const auto value = find(setting.property)) {
            for (const ThreadingMode mode : {ThreadingMode::dedicated, ThreadingMode::shared_network,
                                             ThreadingMode::shared, ThreadingMode::invoker}) {
                if (*value == to_string(mode)) {
                    field = mode;
                    return;
                }
            }
            warn_invalid(setting, *value,
                         {.default_value = std::string{to_string(field.value_or(ThreadingMode::dedicated))},
                          .allowed = std::string{driver::allowed_modes}});
        }
    }

    void naming(const Setting& setting, ThreadNaming& field) const {
        if (const auto value = find(setting.property)) {
            if (*value == "classic" || *value == "new") {
                field = *value == "new" ? ThreadNaming::aeron_md : ThreadNaming::classic;
            } else {
                warn_invalid(setting, *value,
                             {.default_value = std::string{driver::name_of(field)},
                              .allowed = std::string{driver::allowed_namings}});
            }
        }
    }

    /// A strategy that is named explicitly has no arguments but those that are given with it. spec: 06 §2.4
    void idle(const Setting& setting, IdleSetting& field) const {
        const auto name = find(setting.property);
        const auto args = find(std::string{setting.property} + ".init.args");
        if (name) {
            field = {.name = *name, .args = args.value_or("")};
        } else if (args) {
            field.args = *args;
        }
        check_idle(environment_name(setting.property), field);
    }

    void whole(const Setting& setting, std::int64_t& field, const Bounds& bounds) const {
        number(setting, field, bounds, integers(field, bounds), try_parse_int64);
    }

    void optional_long(const Setting& setting, std::optional<std::int64_t>& field, const Bounds& bounds) const {
        std::int64_t value = 0;
        const Words words{.default_value = "none", .allowed = driver::allowed_integers(bounds)};
        if (number(setting, value, bounds, words, try_parse_int64)) {
            field = value;
        }
    }

    /// Whatever is neither true nor infer is false. spec: 06 §3.3
    void group(const Setting& setting, GroupConsideration& field) const {
        if (const auto value = find(setting.property)) {
            field = uri::parse_group(*value);
        }
    }

    void flow_control(const Setting& setting, uri::FlowControlStrategy& field) const {
        if (const auto value = find(setting.property)) {
            field = named(setting, *value, driver::flow_control_named(*value), driver::allowed_flow_controls);
        }
    }

    void congestion_control(const Setting& setting, CongestionControlSupplier& field) const {
        if (const auto value = find(setting.property)) {
            field =
                named(setting, *value, driver::congestion_control_named(*value), driver::allowed_congestion_controls);
        }
    }

    /// `low high`. spec: 06 §3.3
    void ports(const Setting& setting, net::PortRange& field) const {
        if (const auto value = find(setting.property)) {
            const Result<net::PortRange> range = driver::try_parse_port_range(*value);
            if (!range) {
                throw InvalidArgumentError(
                    fmt::format("{}={}: {}", environment_name(setting.property), *value, range.error().message));
            }
            field = *range;
        }
    }

    void validator(const Setting& setting, TerminationValidator& field) const {
        if (const auto value = find(setting.property)) {
            if (*value == "allow") {
                field = driver::allow_termination;
            } else if (*value == "deny") {
                field = nullptr;
            } else {
                throw InvalidArgumentError(fmt::format("{}={}: this termination validator is unknown; allowed: {}",
                                                       environment_name(setting.property), *value,
                                                       driver::allowed_validators));
            }
        }
    }

private:
    /// For who wrote something else.
    struct Words {
        std::string default_value;
        std::string allowed;
    };
    [[nodiscard]] static Words integers(const std::int64_t default_value, const Bounds& bounds) {
        return {.default_value = fmt::to_string(default_value), .allowed = driver::allowed_integers(bounds)};
    }
    [[nodiscard]] static Words durations(const std::int64_t default_ns, const Bounds& bounds) {
        return {.default_value = format_duration(default_ns), .allowed = driver::allowed_durations(bounds)};
    }

    /// The value of a variable; an empty one counts as unset.
    [[nodiscard]] std::optional<std::string> find(const std::string_view property) const {
        auto value = lookup_(environment_name(property));
        return value && value->empty() ? std::nullopt : value;
    }

    /// Whether there is a value that can be read.
    template <typename Parse>
    bool number(const Setting& setting, std::int64_t& field, const Bounds& bounds, const Words& words,
                const Parse& parse) const {
        const auto value = find(setting.property);
        if (!value) {
            return false;
        }
        const Result<std::int64_t> parsed = parse(std::string_view{*value});
        if (!parsed) {
            warn_invalid(setting, *value, words);
            return false;
        }
        field = std::clamp(*parsed, bounds.low, bounds.high);
        return true;
    }

    /// The value that `name` stands for; a name that stands for nothing fails the start. spec: 06 §3.3
    template <typename Value>
    [[nodiscard]] static Value named(const Setting& setting, const std::string_view name,
                                     const std::optional<Value>& value, const std::string_view allowed) {
        if (!value) {
            throw InvalidArgumentError(fmt::format("{}={}: this name is unknown; allowed: {}",
                                                   environment_name(setting.property), name, allowed));
        }
        return *value;
    }

    void warn_invalid(const Setting& setting, const std::string_view value, const Words& words) const {
        warn_(fmt::format("WARNING: {}={} is invalid, using default {}; allowed: {}",
                          environment_name(setting.property), value, words.default_value, words.allowed));
    }

    const EnvironmentLookup& lookup_;
    const std::function<void(std::string_view)>& warn_;
};

}  // namespace

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
    std::string lines = "    aeron.cnc.version=0.2.0\n";
    for (const driver::SettingRow& row : driver::list_settings(context)) {
        fmt::format_to(std::back_inserter(lines), "    {}={}\n", row.property, row.value);
    }
    return "cpperon driver configuration {\n" + lines + "}\n";
}

}  // namespace cpperon
