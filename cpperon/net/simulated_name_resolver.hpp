/// Names for simulations and tests: a table that can change while a driver runs, so that re-resolution is seen.
/// spec: 04 §13.3
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "cpperon/net/name_resolver.hpp"

namespace cpperon::net {

class SimulatedNameResolver final : public NameResolver {
public:
    /// From now on `host` has this address; its port does not count.
    void set(std::string host, const SocketAddress& address);
    /// From now on `host` is unknown.
    void remove(std::string_view host);
    [[nodiscard]] std::uint64_t resolutions() const noexcept { return resolutions_; }
    [[nodiscard]] std::uint64_t re_resolutions() const noexcept { return re_resolutions_; }

    [[nodiscard]] std::string_view name() const noexcept override { return "simulated"; }
    [[nodiscard]] Result<SocketAddress> resolve(std::string_view key, std::string_view host,
                                                bool is_re_resolution) override;

private:
    std::map<std::string, SocketAddress, std::less<>> addresses_;
    std::uint64_t resolutions_ = 0;
    std::uint64_t re_resolutions_ = 0;
};

}  // namespace cpperon::net
