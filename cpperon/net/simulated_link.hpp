/// The way of datagrams from one simulated host to another: what can befall them there. Decides only; the simulated
/// network carries. Used by simulations and tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "cpperon/base/random.hpp"

namespace cpperon::net {

/// What a link does to datagrams. Without faults all arrive at once, in order. Rates are from 0 to 1. Without
/// reordering, each arrives no earlier than those sent before it, however delays are drawn.
struct LinkFaults {
    std::int64_t min_delay_ns = 0;
    std::int64_t max_delay_ns = 0;
    double loss_rate = 0;
    double duplication_rate = 0;  ///< the copy has a delay of its own
    double reordering_rate = 0;   ///< such a datagram is delayed further, while others overtake it
    std::int64_t max_reordering_delay_ns = 1'000'000;
    double corruption_rate = 0;               ///< flipped bits, missing or additional bytes, or nothing but garbage
    bool is_cut = false;                      ///< nothing passes
    std::int64_t bytes_per_second = 0;        ///< 0: without limit
    std::int64_t max_queue_length = 262'144;  ///< bytes that wait for the bandwidth; more is lost
};

/// What became of the datagrams of one link so far; `sent` is the sum of `lost`, `cut`, `queue_overflows` and those
/// that went on their way. Each of these, and each duplicate, ends as `delivered` or `buffer_overflows`, once for each
/// socket there that wants it, or as `undeliverable`.
struct LinkStatistics {
    std::uint64_t sent = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t lost = 0;
    std::uint64_t cut = 0;
    std::uint64_t queue_overflows = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    std::uint64_t corrupted = 0;
    std::uint64_t delivered = 0;         ///< into a socket's buffer
    std::uint64_t undeliverable = 0;     ///< no socket there wanted it
    std::uint64_t buffer_overflows = 0;  ///< the socket's buffer was full
};

/// When the copies of one datagram arrive: none of a lost one, two of a duplicated one.
struct Passage {
    struct Copy {
        std::int64_t arrival_ns = 0;
        bool is_corrupted = false;
    };
    std::array<Copy, 2> copies;
    std::size_t count = 0;
};

class SimulatedLink {
public:
    /// Sends a datagram of `length` bytes.
    [[nodiscard]] Passage pass(std::size_t length, std::int64_t now_ns, RandomSource& random);

    LinkFaults faults;
    LinkStatistics statistics;

private:
    [[nodiscard]] bool queue_overflows(std::size_t length, std::int64_t now_ns) const noexcept;
    [[nodiscard]] Passage::Copy travel(std::int64_t departure_ns, RandomSource& random);

    std::int64_t free_at_ns_ = 0;  ///< when the last byte that waits for bandwidth has left
    std::int64_t last_arrival_ns_ = 0;
};

/// Damages a datagram in one of many ways; it keeps at least one byte.
void corrupt(std::vector<std::byte>& datagram, RandomSource& random);

}  // namespace cpperon::net
