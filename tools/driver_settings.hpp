/// The options with which a program says how a driver is to run: `-D` and properties files, over the environment.
/// spec: 06 §3.1
#pragma once

#include <string>
#include <vector>

#include "cpperon/base/environment.hpp"
#include "cpperon/driver/context.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): that of CLI11
class App;
}

namespace cpperon::tools {

struct DriverSettings {
    std::vector<std::string> definitions{};  ///< `name=value`
    std::vector<std::string> files{};        ///< paths

    /// `-D`. The object must outlive the parsing and the command, here and below.
    void add_definitions_to(CLI::App& command);
    /// The properties files, as arguments without a name.
    void add_files_to(CLI::App& command);

    /// `beneath`, then `-D`, then files; a later one wins. Throws as `Properties` does.
    [[nodiscard]] EnvironmentLookup over(EnvironmentLookup beneath) const;

    /// What a driver with these settings in this environment is to be; not validated yet.
    [[nodiscard]] DriverContext context() const;
};

}  // namespace cpperon::tools
