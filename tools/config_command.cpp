/// `cpperon config`: the settings that a driver would have, were it started in this environment, and where each comes
/// from. spec: 06 §3.1, §3.6
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/command.hpp"
#include "tools/driver_settings.hpp"
#include "tools/settings_text.hpp"

namespace cpperon::tools {

namespace {

struct Options {
    DriverSettings settings;
    bool is_json = false;
};

}  // namespace

Action add_config(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    options->settings.add_definitions_to(command);
    options->settings.add_files_to(command);
    command.add_flag("--json", options->is_json, "As one JSON object");
    command.footer("Exit status: 1 for settings with which no driver would start; the reason comes after them.");
    return [options] { return print_configuration(options->settings.configuration(), options->is_json); };
}

}  // namespace cpperon::tools
