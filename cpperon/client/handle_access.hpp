/// The way from a handle to its conductor, for the library's own functions on handles. Used by whoever waits.
#pragma once

#include "cpperon/client/conductor_link.hpp"

namespace cpperon {
class Aeron;
}  // namespace cpperon

namespace cpperon::client {

/// Null for a default-constructed handle; otherwise valid as long as the handle is kept.
struct HandleAccess {
    [[nodiscard]] static ConductorLink* link(const Aeron& aeron) noexcept;
    template <typename Handle>
    [[nodiscard]] static ConductorLink* link(const Handle& handle) noexcept {
        return handle.state_ != nullptr ? &handle.state_->link() : nullptr;
    }
};

}  // namespace cpperon::client
