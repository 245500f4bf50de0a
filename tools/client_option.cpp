#include "tools/client_option.hpp"

#include <CLI/CLI.hpp>

#include "tools/arguments.hpp"

namespace cpperon::tools {

void ClientOption::add_to(CLI::App& command) {
    command
        .add_option("-d,--directory", directory,
                    "Directory of the driver (default: AERON_DIR, or the user's own; with --embedded one that goes "
                    "with the command)")
        ->type_name("path");
    CLI::Option* const embedded = command.add_flag(
        "--embedded", is_embedded, "Bring a driver rather than look for one: of one thread unless -D says otherwise");
    driver.add_definitions_to(command);
    add_duration(command, "--wait", patience, "How long to wait for the driver, and for the other end");
    command.get_option("-D")->needs(embedded);
}

Client ClientOption::connect(const std::string& client_name) const {
    Client client;
    Context context{.client_name = client_name};
    if (is_embedded) {
        DriverContext driver_context = driver.context();
        // AERON_DIR names the directory of the driver that runs already.
        const auto defined = driver.over([](std::string_view) { return std::nullopt; })("AERON_DIR");
        driver_context.directory = directory.empty() ? defined.value_or("") : directory;
        client.driver.emplace(driver_context);
        context.directory = client.driver->directory();
    } else if (!directory.empty()) {
        context.directory = directory;
    }
    client.aeron = Aeron::connect(context, patience);
    return client;
}

}  // namespace cpperon::tools
