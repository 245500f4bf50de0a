/// The HTTP server of `export`: `/metrics` for Prometheus, `/` a page for people, `/api/snapshot` what that page draws,
/// `/healthz` whether the driver is alive. Each request looks at the driver anew, and nothing is kept between requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace cpperon::tools {

/// Serves from its construction to its end, on threads of its own.
class Exporter {
public:
    struct Settings {
        std::string directory;   ///< of the driver; empty: what `AERON_DIR` names, else the user's own
        std::string host;        ///< an address of this machine, or a name of one
        std::uint16_t port = 0;  ///< 0: any that is free
        std::size_t max_streams = 0;
    };

    /// Binds. Throws `Error` with `io_error` where it cannot: the port is in use, the address is not of this machine.
    explicit Exporter(Settings settings);
    ~Exporter();
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

    /// The one that was bound.
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// False once the system took the listening socket away.
    [[nodiscard]] bool is_serving() const noexcept;

private:
    struct Server;

    void add_routes();

    // Constant after construction.
    Settings settings_;
    std::uint16_t port_ = 0;

    std::unique_ptr<Server> server_;
    std::thread thread_;
};

}  // namespace cpperon::tools
