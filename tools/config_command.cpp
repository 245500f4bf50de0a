/// `cpperon config`: the settings that a driver would have, were it started in this environment. spec: 06 §3.1, §3.6
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/properties.hpp"
#include "cpperon/driver/context.hpp"
#include "tools/command.hpp"
#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

struct Options {
    std::vector<std::string> definitions;
    std::vector<std::string> files;
    bool is_json = false;
};

/// `name=value` per line, as `describe` writes it.
nlohmann::json settings_as_json(const std::string& description) {
    nlohmann::json settings = nlohmann::json::object();
    std::istringstream lines{description};
    for (std::string line; std::getline(lines, line);) {
        const std::size_t begin = line.find_first_not_of(' ');
        const std::size_t equals = line.find('=');
        if (equals != std::string::npos) {
            settings[line.substr(begin, equals - begin)] = line.substr(equals + 1);
        }
    }
    return settings;
}

int run(const Options& options) {
    Properties properties;
    for (const std::string& definition : options.definitions) {
        properties.set(definition);
    }
    for (const std::string& file : options.files) {
        properties.load_file(file);
    }
    const DriverContext context = DriverContext::from_environment(properties.over(process_environment()));
    const std::string description = describe(context);
    fmt::print("{}", options.is_json ? json_line(settings_as_json(description)) + '\n' : description);
    validate(context);
    return 0;
}

}  // namespace

Action add_config(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    command.add_option("-D", options->definitions, "Set a property, as -Daeron.dir=/dev/shm/orders")
        ->type_name("name=value")
        ->allow_extra_args(false);
    command.add_option("files", options->files, "Properties files, as cpperond takes them")->type_name("path");
    command.add_flag("--json", options->is_json, "As one JSON object");
    command.footer("Exit status: 1 for settings with which no driver would start; the reason comes after them.");
    return [options] { return run(*options); };
}

}  // namespace cpperon::tools
