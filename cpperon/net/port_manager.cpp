#include "cpperon/net/port_manager.hpp"

#include <fmt/format.h>

namespace cpperon::net {

Result<SocketAddress> PortManager::take(const SocketAddress& wanted) {
    if (wanted.port() != 0) {
        taken_.insert(wanted.port());
        return wanted;
    }
    if (!range_.is_set()) {
        return wanted;
    }
    const std::uint32_t count = std::uint32_t{range_.high} - range_.low + 1;
    for (std::uint32_t tried = 0; tried < count; ++tried) {
        const auto port = static_cast<std::uint16_t>(next_);
        next_ = next_ == range_.high ? range_.low : next_ + 1;
        if (port != 0 && !taken_.contains(port)) {
            taken_.insert(port);
            return wanted.with_port(port);
        }
    }
    return ErrorInfo{.code = ErrorCode::generic_error,
                     .message = fmt::format("no available ports in range {} {}; close channels or widen the range",
                                            range_.low, range_.high)};
}

void PortManager::give_back(const SocketAddress& bound) noexcept {
    if (const auto taken = taken_.find(bound.port()); taken != taken_.end()) {
        taken_.erase(taken);
    }
}

}  // namespace cpperon::net
