/// The options of commands that are clients: of a driver that runs, or of one that they bring.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cpperon/base/error.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/driver/embedded_driver.hpp"
#include "tools/driver_option.hpp"
#include "tools/driver_settings.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): that of CLI11
class App;
}

namespace cpperon::tools {

/// A client, and the driver that goes with it if it was asked for.
struct Client {
    std::optional<EmbeddedDriver> driver;  // outlives its client
    std::optional<CncFile> cnc;            // of another driver
    Aeron aeron;

    /// Whether the driver is there, for its client. Of one that has been silent lately this takes until its next sign
    /// of life, or until the driver timeout is over.
    [[nodiscard]] bool has_driver() const;
    /// What to throw where it is not.
    [[nodiscard]] DriverTimeoutError driver_gone_error() const;
};

struct ClientOption {
    DriverOption driver{};  ///< with `is_embedded`: where it is; empty: in a directory of its own, which goes with it
    bool is_embedded = false;
    DriverSettings settings{};                                     ///< with `is_embedded`
    std::chrono::nanoseconds patience = std::chrono::seconds{10};  ///< with the other end

    /// The object must outlive the parsing and the command.
    void add_to(CLI::App& command);

    /// Throws as `DriverOption::open`, `EmbeddedDriver` and `Aeron::connect` do.
    [[nodiscard]] Client connect(const std::string& client_name) const;
};

}  // namespace cpperon::tools
