/// How names in channels become addresses. The default asks the operating system; the driver has others. Called by the
/// agent that may block. spec: 04 §13, 05 §3.7, 06 §16
#pragma once

#include <string>
#include <string_view>

#include "cpperon/base/result.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/uri/endpoint.hpp"

namespace cpperon::net {

class NameResolver {
public:
    virtual ~NameResolver() = default;

    /// For error texts.
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;

    /// The `host:port` that `text`, the value of `key`, stands for; the text itself unless the resolver knows better.
    [[nodiscard]] virtual std::string lookup(std::string_view key, std::string_view text, bool is_re_resolution);

    /// The address of `host`, port 0. `key`: the parameter it comes from. Errors have the code `unknown_host` and
    /// contain `Unable to resolve host=(<host>)`. Literal addresses need not be understood: see `resolve_host_port`.
    [[nodiscard]] virtual Result<SocketAddress> resolve(std::string_view key, std::string_view host,
                                                        bool is_re_resolution) = 0;
};

/// The operating system's resolver, IPv4 before IPv6. Blocks.
class SystemNameResolver final : public NameResolver {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "default"; }
    [[nodiscard]] Result<SocketAddress> resolve(std::string_view key, std::string_view host,
                                                bool is_re_resolution) override;
};

/// Resolves the value of `key`: literal addresses directly, everything else by `resolver`; the port is always the
/// text's. Errors of unresolved names have the code `unknown_host` and contain
/// `Unresolved - <key>=<text>, name-and-port=<looked-up>`. spec: 04 §13.1, 05 §10
[[nodiscard]] Result<SocketAddress> resolve_host_port(NameResolver& resolver, std::string_view key,
                                                      std::string_view text, bool is_re_resolution);

/// The same for a text that has been looked up and taken apart.
[[nodiscard]] Result<SocketAddress> resolve_host_port(NameResolver& resolver, std::string_view key,
                                                      const uri::HostPort& host_port, bool is_re_resolution);

}  // namespace cpperon::net
