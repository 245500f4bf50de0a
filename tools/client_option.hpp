/// The options of commands that are clients: of a driver that runs, or of one that they bring.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cpperon/client/aeron.hpp"
#include "cpperon/driver/embedded_driver.hpp"
#include "tools/driver_settings.hpp"

namespace CLI {
class App;
}

namespace cpperon::tools {

/// A client, and the driver that goes with it if it was asked for.
struct Client {
    std::optional<EmbeddedDriver> driver;  // outlives its client
    Aeron aeron;
};

struct ClientOption {
    std::string directory{};  ///< empty: what `AERON_DIR` names, else the user's; with `is_embedded`, one of its own
    bool is_embedded = false;
    DriverSettings driver{};                                       ///< with `is_embedded`
    std::chrono::nanoseconds patience = std::chrono::seconds{10};  ///< with a driver, and with the other end

    /// The object must outlive the parsing and the command.
    void add_to(CLI::App& command);

    /// Throws as `EmbeddedDriver` and `Aeron::connect` do.
    [[nodiscard]] Client connect(const std::string& client_name) const;
};

}  // namespace cpperon::tools
