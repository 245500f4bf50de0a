/// The driver's sequence of session ids for publications that bring none of their own. Used by the conductor.
/// spec: 06 §8.1, §8.2
#pragma once

#include <concepts>
#include <cstdint>

#include "cpperon/base/ids.hpp"

namespace cpperon::driver {

/// Session ids that the driver never hands out, both ends included: applications assign them in URIs.
struct ReservedSessionIds {
    std::int32_t low = -1;
    std::int32_t high = 1000;

    [[nodiscard]] constexpr bool contains(const std::int32_t session_id) const noexcept {
        return low <= session_id && session_id <= high;
    }
};

/// Counts upwards from a random start, wrapping, around the reserved range. Nothing is reserved for whoever asks:
/// callers differ only because the sequence has moved on.
class SessionIds {
public:
    constexpr SessionIds(const std::int32_t start, const ReservedSessionIds reserved) noexcept
        : next_(start), reserved_(reserved) {}

    /// Takes the next id for which `is_in_use(SessionId)` is false. `is_in_use` must leave an id free outside the
    /// reserved range; it looks at live publications, of which there are far fewer than ids.
    template <std::predicate<SessionId> InUse>
    [[nodiscard]] SessionId take(InUse&& is_in_use) {
        std::int32_t session_id = skip_reserved(next_);
        while (is_in_use(SessionId{session_id})) {
            session_id = skip_reserved(successor(session_id));
        }
        next_ = successor(session_id);
        return SessionId{session_id};
    }

private:
    [[nodiscard]] static constexpr std::int32_t successor(const std::int32_t session_id) noexcept {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(session_id) + 1U);
    }
    [[nodiscard]] constexpr std::int32_t skip_reserved(const std::int32_t session_id) const noexcept {
        return reserved_.contains(session_id) ? successor(reserved_.high) : session_id;
    }

    std::int32_t next_;
    ReservedSessionIds reserved_;
};

}  // namespace cpperon::driver
