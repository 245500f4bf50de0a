#include "cpperon/driver/setting_rows.hpp"

#include <utility>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/driver/settings.hpp"

namespace cpperon::driver {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

class RowMaker {
public:
    void section(const std::string_view title) { section_ = title; }

    void text(const Setting& setting, const std::string& value) { add(setting, {.value = value, .allowed = "text"}); }
    void flag(const Setting& setting, const bool value) {
        add(setting,
            {.kind = SettingKind::flag, .value = fmt::to_string(value), .allowed = std::string{allowed_flags}});
    }
    void size(const Setting& setting, const std::int64_t value, const Bounds& bounds) {
        add_number(setting, value, format_size(value), allowed_sizes(bounds));
    }
    void integer(const Setting& setting, const std::int32_t value, const Bounds& bounds) {
        whole(setting, value, bounds);
    }
    void whole(const Setting& setting, const std::int64_t value, const Bounds& bounds) {
        add_number(setting, value, fmt::to_string(value), allowed_integers(bounds));
    }
    void optional_long(const Setting& setting, const std::optional<std::int64_t>& value, const Bounds& bounds) {
        if (value) {
            whole(setting, *value, bounds);
        } else {
            add(setting, {.kind = SettingKind::number, .allowed = allowed_integers(bounds)});
        }
    }
    void duration(const Setting& setting, const nanoseconds value, const Bounds& bounds) {
        add_number(setting, value.count(), value.count() == 0 ? "0" : format_duration(value.count()),
                   allowed_durations(bounds));
    }
    void optional_duration(const Setting& setting, const std::optional<nanoseconds>& value, const Bounds& bounds) {
        if (value) {
            duration(setting, *value, bounds);
        } else {
            add(setting, {.kind = SettingKind::number, .allowed = allowed_durations(bounds)});
        }
    }
    void milliseconds(const Setting& setting, const std::chrono::milliseconds value, const Bounds& bounds) {
        add_number(setting, value.count(), fmt::to_string(value.count()), allowed_milliseconds(bounds));
    }
    void mode(const Setting& setting, const std::optional<ThreadingMode>& value) {
        add_name(setting, to_string(value.value_or(ThreadingMode::dedicated)), allowed_modes);
    }
    void naming(const Setting& setting, const ThreadNaming value) {
        add_name(setting, name_of(value), allowed_namings);
    }
    void idle(const Setting& setting, const IdleSetting& value) {
        add_name(setting, value.name, allowed_idle_strategies);
        const std::string args = std::string{setting.property} + ".init.args";
        add({args, "its arguments: of backoff, spins-yields-shortest-longest pause; of sleep-ns, a duration"},
            {.value = value.args, .allowed = "10-20-1us-1ms, for example, or 1ms"});
    }
    void group(const Setting& setting, const GroupConsideration value) {
        add_name(setting, to_string(value), allowed_groups);
    }
    void flow_control(const Setting& setting, const uri::FlowControlStrategy value) {
        add_name(setting, name_of(value), allowed_flow_controls);
    }
    void congestion_control(const Setting& setting, const CongestionControlSupplier value) {
        add_name(setting, name_of(value), allowed_congestion_controls);
    }
    void ports(const Setting& setting, const net::PortRange& value) {
        add(setting, {.value = fmt::format("{} {}", value.low, value.high), .allowed = std::string{allowed_ports}});
    }
    void validator(const Setting& setting, const TerminationValidator& value) {
        const auto* const function = value.target<bool (*)(std::span<const std::byte>)>();
        const bool is_allow = function != nullptr && *function == allow_termination;
        add_name(setting, !value ? "deny" : is_allow ? "allow" : "set by the program", allowed_validators);
    }

    [[nodiscard]] std::vector<SettingRow> take() noexcept { return std::move(rows_); }

private:
    void add_number(const Setting& setting, const std::int64_t value, std::string short_value, std::string allowed) {
        add(setting, {.kind = SettingKind::number,
                      .value = fmt::to_string(value),
                      .short_value = std::move(short_value),
                      .allowed = std::move(allowed)});
    }
    void add_name(const Setting& setting, const std::string_view value, const std::string_view allowed) {
        add(setting, {.value = std::string{value}, .allowed = std::string{allowed}});
    }
    void add(const Setting& setting, SettingRow row) {
        row.section = section_;
        row.property = setting.property;
        row.meaning = setting.meaning;
        if (row.short_value.empty()) {
            row.short_value = row.value;
        }
        rows_.push_back(std::move(row));
    }

    std::string_view section_;
    std::vector<SettingRow> rows_;
};

}  // namespace

std::vector<SettingRow> list_settings(const DriverContext& context) {
    RowMaker maker;
    visit_settings(context, maker);
    return maker.take();
}

}  // namespace cpperon::driver
