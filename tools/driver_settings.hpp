/// The options with which a program says how a driver is to run: `-D` and properties files, over the environment.
/// spec: 06 §3.1, §4
#pragma once

#include <string>
#include <vector>

#include "tools/driver_configuration.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): that of CLI11
class App;
}

namespace cpperon::tools {

struct DriverSettings {
    std::vector<std::string> definitions{};  ///< `name=value`
    std::vector<std::string> files{};        ///< paths, or URLs that begin with `file://` or `http://`

    /// `-D`. The object must outlive the parsing and the command, here and below.
    void add_definitions_to(CLI::App& command);
    /// The properties files, as arguments without a name.
    void add_files_to(CLI::App& command);

    /// Reads the files. Throws as `DriverConfiguration::load`.
    [[nodiscard]] DriverConfiguration configuration() const { return DriverConfiguration::load(definitions, files); }
};

}  // namespace cpperon::tools
