#include "cpperon/driver/conductor/subscriber_positions.hpp"

#include <algorithm>
#include <utility>

namespace cpperon::driver {

SubscriberPosition& SubscriberPositions::add(const SubscriptionLink& link, OwnedCounter counter,
                                             const std::int64_t now_ns) {
    return positions_.emplace_back(
        SubscriberPosition{.link = &link,
                           .counter = std::move(counter),
                           .tether = Tether{link.params.is_tether, link.params.is_rejoin, now_ns}});
}

bool SubscriberPositions::remove(const SubscriptionLink& link) {
    return std::erase_if(positions_, [&link](const SubscriberPosition& position) { return position.link == &link; }) >
           0;
}

bool SubscriberPositions::contains(const SubscriptionLink& link) const noexcept {
    return std::any_of(positions_.begin(), positions_.end(),
                       [&link](const SubscriberPosition& position) { return position.link == &link; });
}

bool SubscriberPositions::has_working() const noexcept {
    return std::any_of(positions_.begin(), positions_.end(),
                       [](const SubscriberPosition& position) { return position.counts(); });
}

std::optional<logbuffer::PositionRange> SubscriberPositions::range() const noexcept {
    std::optional<logbuffer::PositionRange> range;
    for (const SubscriberPosition& subscriber : positions_) {
        if (!subscriber.counts()) {
            continue;
        }
        const std::int64_t position = subscriber.position();
        range = range ? logbuffer::PositionRange{.min = std::min(range->min, position),
                                                 .max = std::max(range->max, position)}
                      : logbuffer::PositionRange{.min = position, .max = position};
    }
    return range;
}

std::optional<logbuffer::PositionRange> SubscriberPositions::range_within(const std::int64_t low,
                                                                          const std::int64_t high) const noexcept {
    const auto plausible = [&](const std::int64_t position) {
        return std::clamp(position, low, high) & ~std::int64_t{logbuffer::frame_alignment - 1};
    };
    const std::optional<logbuffer::PositionRange> claimed = range();
    if (!claimed) {
        return std::nullopt;
    }
    return logbuffer::PositionRange{.min = plausible(claimed->min), .max = plausible(claimed->max)};
}

std::int64_t SubscriberPositions::join_position(const std::int64_t reference) const noexcept {
    const std::optional<logbuffer::PositionRange> working = range();
    return working ? std::min(reference, working->min) : reference;
}

bool SubscriberPositions::have_reached(const std::int64_t position) const noexcept {
    return std::all_of(positions_.begin(), positions_.end(), [position](const SubscriberPosition& subscriber) {
        return !subscriber.tether.is_available() || subscriber.position() >= position;
    });
}

}  // namespace cpperon::driver
