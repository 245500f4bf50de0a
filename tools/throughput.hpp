/// The two ends of a stream that is run as fast as it goes, or at a rate: one that publishes numbered messages, one
/// that counts them. Each runs on the thread that calls it, until it is done or told that it is over.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/client/subscription.hpp"
#include "cpperon/cpperon.hpp"
#include "tools/stream_sequence.hpp"

namespace cpperon::tools {

/// A number that one thread counts and others show. relaxed everywhere: nothing but the value is handed over.
class SharedCount {
public:
    void add(const std::int64_t number) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + number, std::memory_order_relaxed);
    }
    void set(const std::int64_t number) noexcept { value_.store(number, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

struct PublisherCounts {
    SharedCount messages;
    SharedCount bytes;
    SharedCount back_pressured;  ///< offers that were refused, as the next two
    SharedCount admin_actions;
    SharedCount not_connected;
};

struct SubscriberCounts {
    SharedCount messages;
    SharedCount bytes;
    SharedCount missing;   ///< numbers that were jumped over
    SharedCount first_ns;  ///< when the first message came; 0: none did
    SharedCount last_ns;
    std::optional<std::int64_t> numbered_missing{};  ///< after the end; nothing where messages had no numbers
    std::int64_t next_own = 0;                       ///< after the end; behind the last one of our publisher
};

/// What is published.
struct Traffic {
    std::int64_t run_id = 0;
    std::int64_t shortest = 32;  ///< bytes; lengths are spread evenly, always in the same way
    std::int64_t longest = 32;
    std::optional<std::int64_t> rate{};      ///< messages per second
    std::optional<std::int64_t> messages{};  ///< how many
};

/// Lengths that are repeated again and again. Pure.
[[nodiscard]] std::vector<std::size_t> spread_lengths(std::int64_t shortest, std::int64_t longest);

/// Publishes until it is over, until it was all, or until the client has ended. Throws `OfferError` where the stream
/// takes no more.
template <AnyPublication Publication>
void publish(const Publication& publication, const Traffic& traffic, IdleStrategy& idle, PublisherCounts& counts,
             const std::atomic<bool>& is_over);

/// Counts until it is over, until `messages` came, or until those who published have gone, or the client has ended.
void receive(const Subscription& subscription, const Traffic& traffic, int fragment_limit, IdleStrategy& idle,
             SubscriberCounts& counts, const std::atomic<bool>& is_over);

}  // namespace cpperon::tools
