/// The log of a publication as the conductor handles it: where its producers are, and what clients are told in its
/// metadata. Conductor only. spec: 03 §12.6
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/atomic_byte.hpp"
#include "cpperon/driver/conductor/owned_log.hpp"
#include "cpperon/logbuffer/blocked_watch.hpp"
#include "cpperon/logbuffer/tail.hpp"

namespace cpperon::driver {

class PublicationLog {
public:
    PublicationLog(OwnedLog log, const std::int64_t start_position) noexcept
        : log_(std::move(log)), start_position_(start_position) {}

    [[nodiscard]] const logbuffer::LogView& view() const noexcept { return log_.file().view(); }
    [[nodiscard]] const std::string& file_name() const noexcept { return log_.file().path(); }
    [[nodiscard]] std::int64_t start_position() const noexcept { return start_position_; }

    /// Never before the start, whatever clients have written.
    [[nodiscard]] std::int64_t producer_position() const noexcept {
        return std::max(start_position_, logbuffer::producer_position(view()));
    }
    /// For the watch over blocked producers.
    [[nodiscard]] logbuffer::StreamProgress progress(const std::int64_t consumer_position,
                                                     const std::int64_t producer_position) const noexcept {
        return {.consumer_position = consumer_position,
                .producer_position = producer_position,
                // acquire [term-rotation] <- publishers.
                .active_term_count = load_acquire(view().metadata().active_term_count),
                .position_bits_to_shift = view().position_bits_to_shift()};
    }

    [[nodiscard]] bool is_revoked() const noexcept {
        // acquire [publication-revoked] <- revoke(), by this agent: everyone else only reads it.
        return load_acquire(view().metadata().is_publication_revoked) != 0;
    }
    void revoke() noexcept {
        // release [publication-revoked] -> clients, ours or a peer's, and the sender.
        store_release(view().metadata().is_publication_revoked, 1);
    }

    void end_stream_at(const std::int64_t position) noexcept {
        // release [end-of-stream] -> subscribers, ours or a peer's.
        store_release(view().metadata().end_of_stream_position, position);
    }

    [[nodiscard]] bool is_connected() const noexcept {
        // acquire [is-connected] <- set_connected, by this agent, or the sender.
        return load_acquire(view().metadata().is_connected) != 0;
    }
    void set_connected(const bool is_connected) noexcept {
        // release [is-connected] -> publishers, ours or a peer's.
        store_release(view().metadata().is_connected, is_connected ? 1 : 0);
    }

private:
    OwnedLog log_;
    std::int64_t start_position_;
};

}  // namespace cpperon::driver
