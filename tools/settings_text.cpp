#include "tools/settings_text.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/environment.hpp"
#include "cpperon/base/version.hpp"
#include "cpperon/driver/setting_rows.hpp"

namespace cpperon::tools {

namespace {

using driver::SettingKind;
using driver::SettingRow;

constexpr std::size_t line_length = 100;

std::vector<SettingRow> default_settings() {
    return driver::list_settings({});
}

std::string lower(const std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(),
                   [](const unsigned char character) { return static_cast<char>(std::tolower(character)); });
    return result;
}

std::string replaced(std::string text, const std::string_view what, const std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

/// Words in lines that all begin with `indent`.
std::string wrapped(std::string_view words, const std::string_view indent) {
    std::string text;
    std::string line;
    while (!words.empty()) {
        const std::string_view word = words.substr(0, words.find(' '));
        words.remove_prefix(std::min(word.size() + 1, words.size()));
        if (!line.empty() && indent.size() + line.size() + 1 + word.size() > line_length) {
            fmt::format_to(std::back_inserter(text), "{}{}\n", indent, line);
            line.clear();
        }
        line += line.empty() ? "" : " ";
        line += word;
    }
    fmt::format_to(std::back_inserter(text), "{}{}\n", indent, line);
    return text;
}

/// Calls `begin` with the title of each section before its first row, and `visit` with each row.
template <typename Begin, typename Visit>
void by_section(const std::vector<SettingRow>& rows, const Begin& begin, const Visit& visit) {
    std::string_view section;
    for (const SettingRow& row : rows) {
        if (row.section != section) {
            section = row.section;
            begin(section);
        }
        visit(row);
    }
}

struct Source {
    std::string where;  // for people
    std::string name;   // as it was written
    std::string given;  // as it was written
};

std::optional<Source> source_of(const SettingRow& row, const DriverConfiguration& configuration) {
    const std::string variable = environment_name(row.property);
    const auto& entries = configuration.properties.entries();
    if (const auto found = entries.find(variable); found != entries.end()) {
        return Source{.where = found->second.where, .name = found->second.name, .given = found->second.value};
    }
    auto value = process_environment()(variable);
    if (!value || value->empty()) {
        return std::nullopt;
    }
    return Source{.where = "environment", .name = variable, .given = *std::move(value)};
}

std::string capitalised(const std::string_view text) {
    std::string result{text};
    result.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(result.front())));
    return result;
}

/// What troff takes for itself.
std::string troff(const std::string_view text) {
    std::string result = replaced(replaced(std::string{text}, "\\", "\\e"), "-", "\\-");
    return result.starts_with('.') || result.starts_with('\'') ? "\\&" + result : result;
}

std::string effective_settings(const DriverContext& context, const DriverConfiguration& configuration) {
    std::string text = fmt::format("# The settings in effect, of cpperon {}, as a properties file\n", version_text);
    by_section(
        driver::list_settings(context),
        [&text](const std::string_view section) { fmt::format_to(std::back_inserter(text), "\n# {}\n\n", section); },
        [&](const SettingRow& row) {
            if (const auto source = source_of(row, configuration)) {
                fmt::format_to(std::back_inserter(text), "# {}: {}={}\n", source->where, source->name, source->given);
            }
            fmt::format_to(std::back_inserter(text), "{}={}\n", row.property, row.value);
        });
    return text;
}

std::string effective_settings_as_json(const DriverContext& context, const DriverConfiguration& configuration) {
    nlohmann::ordered_json settings;
    for (const SettingRow& row : driver::list_settings(context)) {
        nlohmann::ordered_json entry;
        if (row.kind == SettingKind::text) {
            entry["value"] = row.value;
        } else {
            entry["value"] = row.value.empty() ? nlohmann::ordered_json{} : nlohmann::ordered_json::parse(row.value);
        }
        const auto source = source_of(row, configuration);
        entry["source"] = source ? source->where : "default";
        if (source) {
            entry["given"] = source->given;
        }
        settings[row.property] = std::move(entry);
    }
    const nlohmann::ordered_json document{{"version", version_text}, {"settings", std::move(settings)}};
    return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string settings_overview() {
    std::string text;
    std::string names;
    const auto flush = [&] {
        if (!names.empty()) {
            text += wrapped(names, "  ");
            names.clear();
        }
    };
    by_section(
        default_settings(),
        [&](const std::string_view section) {
            flush();
            fmt::format_to(std::back_inserter(text), "\n{}:\n", section);
        },
        [&](const SettingRow& row) {
            names += names.empty() ? "" : " ";
            names += row.property;
        });
    flush();
    return text;
}

std::string explain_settings(const std::string_view filter) {
    const std::string wanted = lower(filter);
    std::vector<SettingRow> rows = default_settings();
    std::erase_if(rows, [&wanted](const SettingRow& row) {
        const std::string all = lower(
            fmt::format("{}\n{}\n{}\n{}", row.property, environment_name(row.property), row.section, row.meaning));
        return all.find(wanted) == std::string::npos;
    });
    std::string text;
    by_section(
        rows,
        [&text](const std::string_view section) {
            fmt::format_to(std::back_inserter(text), "{}{}\n", text.empty() ? "" : "\n", section);
        },
        [&text](const SettingRow& row) {
            fmt::format_to(std::back_inserter(text), "\n  {}\n  {}\n", row.property, environment_name(row.property));
            text += wrapped(capitalised(row.meaning) + ".", "      ");
            text += wrapped(fmt::format("Default: {}. Allowed: {}.",
                                        row.short_value.empty() ? "empty" : row.short_value, row.allowed),
                            "      ");
        });
    return text;
}

std::string settings_as_markdown() {
    std::string text;
    by_section(
        default_settings(),
        [&text](const std::string_view section) {
            fmt::format_to(std::back_inserter(text),
                           "{}### {}\n\n| Property, environment variable | Default | Allowed | Meaning |\n"
                           "| --- | --- | --- | --- |\n",
                           text.empty() ? "" : "\n", section);
        },
        [&text](const SettingRow& row) {
            const std::string value = row.short_value.empty() ? "" : fmt::format("`{}`", row.short_value);
            fmt::format_to(std::back_inserter(text), "| `{}` `{}` | {} | {} | {} |\n", row.property,
                           environment_name(row.property), value, replaced(row.allowed, "|", "\\|"),
                           replaced(capitalised(row.meaning), "|", "\\|"));
        });
    return text;
}

std::string settings_as_man_page() {
    std::string text;
    by_section(
        default_settings(),
        [&text](const std::string_view section) { fmt::format_to(std::back_inserter(text), ".SS {}\n", section); },
        [&text](const SettingRow& row) {
            const std::string value = row.short_value.empty() ? "" : fmt::format(" \" = {}\"", row.short_value);
            fmt::format_to(std::back_inserter(text), ".TP\n.BR {}{}\n{}.\n{}.\n", troff(row.property), troff(value),
                           troff(capitalised(row.allowed)), troff(capitalised(row.meaning)));
        });
    return text;
}

int print_configuration(const DriverConfiguration& configuration, const bool as_json) {
    configuration.warn_of_unknown_names();
    const DriverContext context = configuration.make_context();
    fmt::print("{}", as_json ? effective_settings_as_json(context, configuration)
                             : effective_settings(context, configuration));
    std::fflush(stdout);  // before a complaint
    validate(context);
    return 0;
}

}  // namespace cpperon::tools
