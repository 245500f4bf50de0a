/// The limit that publishers are held to, and what they are told there. Used by both appenders. spec: 03 §8
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "cpperon/base/atomic.hpp"
#include "cpperon/logbuffer/layout.hpp"
#include "cpperon/logbuffer/offer_result.hpp"

namespace cpperon::logbuffer {

/// The position from which on nothing is taken: that of the `pub-lmt` counter, until the publication is closed; then
/// one that is always reached. So the offers of an open publication need no test for the close. Threads: any.
class PublisherLimit {
public:
    /// `counter` is borrowed and must outlive this object.
    explicit PublisherLimit(const std::int64_t& counter) noexcept : limit_(&counter) {}

    [[nodiscard]] std::int64_t get() const noexcept {
        // acquire [publication-closed] <- close: who sees it closed sees what the closer did before.
        // acquire [publication-limit] <- the driver's conductor, ours or a peer's: below the limit terms are clean.
        return load_acquire(*limit_.load(std::memory_order_acquire));
    }

    void close() noexcept {
        // release [publication-closed] -> get, is_closed.
        limit_.store(&always_reached, std::memory_order_release);
    }
    [[nodiscard]] bool is_closed() const noexcept {
        // acquire [publication-closed] <- close.
        return limit_.load(std::memory_order_acquire) == &always_reached;
    }

private:
    static constexpr std::int64_t always_reached = std::numeric_limits<std::int64_t>::min();

    std::atomic<const std::int64_t*> limit_;
};

/// Why a message of `length` bytes cannot be taken at `position`, which is not below the limit: the stream ends here,
/// the subscribers are behind, or there are none.
[[nodiscard, gnu::cold, gnu::noinline]] OfferStatus status_at_limit(const LogMetadata& metadata, std::int64_t position,
                                                                    std::size_t length,
                                                                    std::int32_t term_length) noexcept;

/// Whether the driver says that a subscriber is connected. Any value but 1 is no.
[[nodiscard]] bool is_connected(const LogMetadata& metadata) noexcept;

}  // namespace cpperon::logbuffer
