#include "tools/driver_settings.hpp"

#include <CLI/CLI.hpp>

namespace cpperon::tools {

void DriverSettings::add_definitions_to(CLI::App& command) {
    command
        .add_option("-D", definitions,
                    "Set a property of the driver, as -Daeron.dir=/dev/shm/orders; goes before the environment "
                    "(AERON_DIR)")
        ->type_name("name=value")
        ->allow_extra_args(false);
}

void DriverSettings::add_files_to(CLI::App& command) {
    command
        .add_option("files", files, "Properties files, name=value per line; each goes before -D and those before it")
        ->type_name("path, file:// or http:// URL");
}

}  // namespace cpperon::tools
