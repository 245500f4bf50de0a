#include "cpperon/driver/setting_names.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cpperon/base/environment.hpp"
#include "cpperon/driver/setting_rows.hpp"

namespace cpperon::driver {

namespace {

/// Of others, which may stand in the same file or environment.
constexpr std::array<std::string_view, 5> foreign_prefixes{
    "aeron.archive.", "aeron.cluster.", "aeron.event.archive.", "aeron.event.cluster.", "aeron.sample.",
};
constexpr std::array<std::string_view, 6> client_names{
    "aeron.client.name",
    "aeron.client.idle.sleep.duration",
    "aeron.client.resource.linger.duration",
    "aeron.client.close.linger.duration",
    "aeron.client.pre.touch.mapped.memory",
    "aeron.pre.touch.mapped.memory",
};

/// Of other drivers, and why this one does without.
constexpr std::string_view java_only = "only the Java driver reads it";
constexpr std::string_view embedded_only =
    "only programs that embed the driver can ask for it; for losses on purpose there are interceptors";
constexpr std::string_view sockets_only = "datagrams go through the system's UDP sockets";
constexpr std::array<std::pair<std::string_view, std::string_view>, 27> names_without_effect{{
    {"aeron.driver.dynamic.libraries", "shared libraries are not loaded"},
    {"aeron.agent.on.start.function",
     "functions are not looked up by name; a program that embeds the driver sets on_agent_start"},
    {"aeron.enable.experimental.features", "no feature is experimental"},
    {"aeron.udp.channel.transport.bindings.media", sockets_only},
    {"aeron.conductor.udp.channel.transport.bindings.media", sockets_only},
    {"aeron.debug.send.data.loss.rate", embedded_only},
    {"aeron.debug.send.data.loss.seed", embedded_only},
    {"aeron.debug.send.control.loss.rate", embedded_only},
    {"aeron.debug.send.control.loss.seed", embedded_only},
    {"aeron.debug.receive.data.loss.rate", embedded_only},
    {"aeron.debug.receive.data.loss.seed", embedded_only},
    {"aeron.debug.receive.control.loss.rate", embedded_only},
    {"aeron.debug.receive.control.loss.seed", embedded_only},
    {"aeron.name.resolver.threshold", "the name here is aeron.driver.name.resolver.threshold"},
    {"aeron.use.windows.high.res.timer", java_only},
    {"aeron.sendchannelendpoint.supplier", java_only},
    {"aeron.receivechannelendpoint.supplier", java_only},
    {"aeron.unicast.flow.control.strategy", "the name here is aeron.unicast.flowcontrol.supplier"},
    {"aeron.multicast.flow.control.strategy", "the name here is aeron.multicast.flowcontrol.supplier"},
    {"aeron.flow.control.sm.applicationspecificfeedback", java_only},
    {"aeron.preferredmulticastflowcontrol.asf", "the name here is aeron.flow.control.group.tag"},
    {"aeron.debug.timeout", java_only},
    {"aeron.fallback.logger", java_only},
    {"aeron.secure.random.algorithm", java_only},
    {"aeron.event.buffer.length", java_only},
    {"aeron.event.log.reader.classname", java_only},
    {"aeron.event.log.render.data", java_only},
}};

/// What it costs to make the right one of the left: 2 for each character that is replaced or taken out, and 1 for each
/// that is put in, for people leave out more than they add.
std::size_t distance(const std::string_view left, const std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], 2 * (i + 1));
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 2);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 2, replaced});
        }
    }
    return row.back();
}

std::string_view without_prefix(const std::string_view environment_name) {
    return environment_name.substr(environment_name.find('_') + 1);
}

/// The driver's name that is nearest, if more of it is right than wrong.
std::optional<std::string> nearest(const std::string_view environment_name, const std::vector<SettingRow>& rows) {
    const std::string_view wanted = without_prefix(environment_name);
    std::size_t least = 2 + wanted.size();
    std::optional<std::string> found;
    for (const SettingRow& row : rows) {
        const std::string candidate = cpperon::environment_name(row.property);
        const std::size_t here = distance(wanted, without_prefix(candidate));
        if (here < least) {
            least = here;
            found = row.property;
        }
    }
    return found;
}

}  // namespace

std::optional<std::string> complaint_about(const std::string_view name) {
    const std::string variable = environment_name(name);
    const auto is_same = [&variable](const std::string_view property) {
        return variable == environment_name(property);
    };

    const std::vector<SettingRow> rows = list_settings({});
    if (std::any_of(rows.begin(), rows.end(), [&](const SettingRow& row) { return is_same(row.property); }) ||
        std::any_of(client_names.begin(), client_names.end(), is_same) ||
        std::any_of(foreign_prefixes.begin(), foreign_prefixes.end(), [&variable](const std::string_view prefix) {
            return variable.starts_with(environment_name(prefix));
        })) {
        return std::nullopt;
    }
    for (const auto& [property, reason] : names_without_effect) {
        if (is_same(property)) {
            return fmt::format("the setting '{}' has no effect: {}", name, reason);
        }
    }
    if (!variable.starts_with("AERON_") && !variable.starts_with("CPPERON_")) {
        return fmt::format("unknown setting '{}': the names of settings begin with aeron. or cpperon.", name);
    }
    const std::optional<std::string> near = nearest(variable, rows);
    if (!near) {
        return fmt::format("unknown setting '{}'; `cpperond --help-settings` lists those that there are", name);
    }
    const bool is_variable = name.find('.') == std::string_view::npos;
    return fmt::format("unknown setting '{}'; did you mean {}?", name, is_variable ? environment_name(*near) : *near);
}

}  // namespace cpperon::driver
