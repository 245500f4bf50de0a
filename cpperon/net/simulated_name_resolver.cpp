#include "cpperon/net/simulated_name_resolver.hpp"

#include <utility>

#include <fmt/format.h>

namespace cpperon::net {

void SimulatedNameResolver::set(std::string host, const SocketAddress& address) {
    addresses_.insert_or_assign(std::move(host), address.with_port(0));
}

void SimulatedNameResolver::remove(const std::string_view host) {
    if (const auto found = addresses_.find(host); found != addresses_.end()) {
        addresses_.erase(found);
    }
}

Result<SocketAddress> SimulatedNameResolver::resolve(const std::string_view key, const std::string_view host,
                                                     const bool is_re_resolution) {
    ++(is_re_resolution ? re_resolutions_ : resolutions_);
    if (const auto found = addresses_.find(host); found != addresses_.end()) {
        return found->second;
    }
    return ErrorInfo{.code = ErrorCode::unknown_host,
                     .message = fmt::format("Unable to resolve host=({}) for {}: not in the table", host, key)};
}

}  // namespace cpperon::net
