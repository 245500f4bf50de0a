/// The subscribers of one publication or image: how far each has read, and which of them count. Conductor only.
/// spec: 03 §12.2, 06 §10.3, §10.4
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cpperon/driver/conductor/owned_counter.hpp"
#include "cpperon/driver/conductor/subscription_link.hpp"
#include "cpperon/driver/conductor/tether.hpp"
#include "cpperon/logbuffer/publication_limit.hpp"

namespace cpperon::driver {

/// One subscription reading one log.
struct SubscriberPosition {
    const SubscriptionLink* link = nullptr;  ///< outlives the position
    OwnedCounter counter;                    ///< freed once the tether is closed
    Tether tether;

    [[nodiscard]] bool counts() const noexcept { return tether.counts(); }
    [[nodiscard]] std::int64_t position() const noexcept { return counter.get(); }
};

class SubscriberPositions {
public:
    /// Adds a subscriber whose counter holds its join position.
    SubscriberPosition& add(const SubscriptionLink& link, OwnedCounter counter, std::int64_t now_ns);

    /// Forgets a subscriber and frees its counter. False if it is not here.
    bool remove(const SubscriptionLink& link);

    void clear() noexcept { positions_.clear(); }

    [[nodiscard]] bool contains(const SubscriptionLink& link) const noexcept;
    [[nodiscard]] bool has_working() const noexcept;

    /// How far those who count have read, nothing if nobody does. As the clients say: not checked. One pass.
    [[nodiscard]] std::optional<logbuffer::PositionRange> range() const noexcept;

    /// The same, held between `low` and `high` and to whole frames, as positions come from other processes.
    [[nodiscard]] std::optional<logbuffer::PositionRange> range_within(std::int64_t low,
                                                                       std::int64_t high) const noexcept;

    /// Where a subscriber joins: not beyond `reference`, nor beyond the slowest one that counts. spec: 06 §10.3
    [[nodiscard]] std::int64_t join_position(std::int64_t reference) const noexcept;

    /// True if everyone who has the image has read up to `position`. One who was told that it is gone reads no further,
    /// though he still holds the publisher back while he lingers. spec: 03 §12.6, 06 §9.2, §11.5
    [[nodiscard]] bool have_reached(std::int64_t position) const noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return positions_.size(); }
    [[nodiscard]] auto begin() noexcept { return positions_.begin(); }
    [[nodiscard]] auto end() noexcept { return positions_.end(); }

private:
    std::vector<SubscriberPosition> positions_;
};

}  // namespace cpperon::driver
