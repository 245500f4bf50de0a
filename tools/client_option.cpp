#include "tools/client_option.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cpperon/client/waiting.hpp"
#include "tools/arguments.hpp"

namespace cpperon::tools {

bool Client::has_driver() const {
    constexpr std::chrono::seconds usual_silence{2};  // drivers give a sign of life each second
    if (aeron.is_closed()) {
        return false;
    }
    if (driver || cnc->is_driver_active(usual_silence)) {
        return true;
    }
    const std::int64_t last_ms = cnc->driver_heartbeat_ms();
    return await(
        aeron, [&] { return cnc->driver_heartbeat_ms() > last_ms; }, *aeron.context().driver_timeout);
}

DriverTimeoutError Client::driver_gone_error() const {
    return DriverTimeoutError(
        fmt::format("the driver in '{}' went away: it gave no sign of life any more, or has given this client up",
                    *aeron.context().directory));
}

void ClientOption::add_to(CLI::App& command) {
    driver.add_to(command);
    CLI::Option* const embedded = command.add_flag(
        "--embedded", is_embedded,
        "Bring a driver, in -d or a directory of its own, rather than look for one; of one thread unless -D says "
        "otherwise");
    settings.add_definitions_to(command);
    add_duration(command, "--wait", patience, "How long to wait for the other end");
    command.get_option("-D")->needs(embedded);
}

Client ClientOption::connect(const std::string& client_name) const {
    Client client;
    Context context{.client_name = client_name};
    if (is_embedded) {
        const DriverConfiguration configuration = settings.configuration();
        DriverContext driver_context = configuration.make_context();
        // AERON_DIR names the directory of the driver that runs already.
        const auto defined = configuration.properties.over([](std::string_view) { return std::nullopt; })("AERON_DIR");
        driver_context.directory = driver.directory.empty() ? defined.value_or("") : driver.directory;
        client.driver.emplace(driver_context);
        context.directory = client.driver->directory();
    } else {
        client.cnc = driver.open();
        context.directory = client.cnc->directory();
    }
    client.aeron = Aeron::connect(context);
    return client;
}

}  // namespace cpperon::tools
