#include "tools/throughput.hpp"

#include <cstring>
#include <random>
#include <span>

#include "tools/ping_schedule.hpp"

namespace cpperon::tools {

std::vector<std::size_t> spread_lengths(const std::int64_t shortest, const std::int64_t longest) {
    constexpr std::size_t count = 1'024;
    std::vector<std::size_t> lengths;
    lengths.reserve(count);
    const auto width = static_cast<std::uint64_t>(longest - shortest + 1);
    std::mt19937_64 random{1};
    for (std::size_t i = 0; i < count; ++i) {
        lengths.push_back(static_cast<std::size_t>(shortest) + static_cast<std::size_t>(random() % width));
    }
    return lengths;
}

template <AnyPublication Publication>
void publish(const Publication& publication, const Traffic& traffic, IdleStrategy& idle, PublisherCounts& counts,
             const std::atomic<bool>& is_over) {
    const std::vector<std::size_t> lengths = spread_lengths(traffic.shortest, traffic.longest);
    std::vector<std::byte> message(static_cast<std::size_t>(traffic.longest));
    SystemNanoClock& clock = SystemNanoClock::instance();
    PingSchedule schedule{clock.nano_time(), traffic.rate};
    SequenceHeader header{.run_id = traffic.run_id};
    while (!is_over.load(std::memory_order_relaxed) && (!traffic.messages || header.sequence < *traffic.messages)) {
        if (traffic.rate && !schedule.due(clock.nano_time(), 0)) {
            idle.idle(0);
            continue;
        }
        std::memcpy(message.data(), &header, sizeof(header));
        const std::size_t length = lengths[static_cast<std::size_t>(header.sequence) % lengths.size()];
        const OfferResult result = publication.offer(std::span<const std::byte>{message.data(), length});
        if (result) {
            ++header.sequence;
            schedule.on_sent();
            counts.messages.set(header.sequence);
            counts.bytes.add(static_cast<std::int64_t>(length));
            continue;
        }
        switch (result.status()) {
            case OfferStatus::back_pressured: counts.back_pressured.add(1); break;
            case OfferStatus::admin_action: counts.admin_actions.add(1); break;
            case OfferStatus::not_connected: counts.not_connected.add(1); break;
            case OfferStatus::closed: return;
            default: throw OfferError{result};
        }
        idle.idle(0);
    }
}

template void publish(const Publication&, const Traffic&, IdleStrategy&, PublisherCounts&, const std::atomic<bool>&);
template void publish(const ExclusivePublication&, const Traffic&, IdleStrategy&, PublisherCounts&,
                      const std::atomic<bool>&);

void receive(const Subscription& subscription, const Traffic& traffic, const int fragment_limit, IdleStrategy& idle,
             SubscriberCounts& counts, const std::atomic<bool>& is_over) {
    SystemNanoClock& clock = SystemNanoClock::instance();
    SequenceTracker tracker;
    std::int64_t messages = 0;
    FragmentAssembler assembler{[&](const std::span<const std::byte> message, const Header&) {
        tracker.on_message(message);
        ++messages;
        counts.bytes.add(static_cast<std::int64_t>(message.size()));
    }};
    while (!is_over.load(std::memory_order_relaxed) && (!traffic.messages || messages < *traffic.messages)) {
        const int fragments = subscription.poll(assembler, fragment_limit);
        if (fragments > 0) {
            const std::int64_t now_ns = clock.nano_time();
            if (counts.first_ns.get() == 0) {
                counts.first_ns.set(now_ns);
            }
            counts.last_ns.set(now_ns);
            counts.messages.set(messages);
            counts.missing.set(tracker.missing().value_or(0));
        } else if (!subscription.is_connected()) {
            break;
        }
        idle.idle(fragments);
    }
    counts.numbered_missing = tracker.missing();
    counts.next_own = tracker.next_of(traffic.run_id);
}

}  // namespace cpperon::tools
