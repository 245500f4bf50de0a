/// The driver's settings as people read them: for printing the effective ones, for help and for the guides. Used by the
/// driver while it starts and by programs around it. spec: 06 §3.6
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cpperon/driver/context.hpp"

namespace cpperon::driver {

enum class SettingKind { text, flag, number };

struct SettingRow {
    std::string_view section;
    std::string property;
    std::string_view meaning;
    SettingKind kind = SettingKind::text;
    std::string value;        ///< in base units, empty where unset: a properties file with it gives the same setting
    std::string short_value;  ///< the same as people write it: `16m`, `100ms`
    std::string allowed;
};

/// One row per property, in the table's order.
[[nodiscard]] std::vector<SettingRow> list_settings(const DriverContext& context);

}  // namespace cpperon::driver
