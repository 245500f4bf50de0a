/// Space in a stream to write a message in place, without copying. Public; given out by `try_claim` of publications.
/// spec: 03 §11, 07 §A.1
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "cpperon/logbuffer/frame_claim.hpp"
#include "cpperon/logbuffer/log_file.hpp"
#include "cpperon/logbuffer/offer_result.hpp"

namespace cpperon {

/// Converts to true while there is something to fill. Until it is committed or aborted every subscriber waits at it, so
/// its destructor aborts; it may outlive its publication and its client, whose mapping it keeps until it goes away.
/// Threads: the one that claimed, or another one it was moved to. Nothing throws, waits or allocates.
class BufferClaim {
public:
    /// Claims nothing.
    BufferClaim() noexcept = default;

    BufferClaim(BufferClaim&& other) noexcept
        : result_(other.result_), claim_(std::exchange(other.claim_, {})), log_(std::move(other.log_)) {}
    BufferClaim& operator=(BufferClaim&& other) noexcept {
        if (this != &other) {
            abort();
            result_ = other.result_;
            claim_ = std::exchange(other.claim_, {});
            log_ = std::move(other.log_);
        }
        return *this;
    }
    BufferClaim(const BufferClaim&) = delete;
    BufferClaim& operator=(const BufferClaim&) = delete;
    ~BufferClaim() { abort(); }

    /// True from a successful `try_claim` until commit, abort or move.
    [[nodiscard]] explicit operator bool() const noexcept { return claim_.is_active(); }

    /// The position of the stream after the message, or why there is no claim.
    [[nodiscard]] OfferResult result() const noexcept { return result_; }

    /// The position of the stream after the message; 0 where nothing was claimed. Stays after commit and abort.
    [[nodiscard]] std::int64_t position() const noexcept { return result_ ? result_.position() : 0; }

    /// The bytes to fill, as many as were asked for; empty when there is nothing to fill. Valid until commit or abort.
    [[nodiscard]] std::span<std::byte> data() const noexcept {
        return claim_.is_active() ? claim_.payload() : std::span<std::byte>{};
    }

    /// How many they are.
    [[nodiscard]] std::size_t length() const noexcept { return data().size(); }

    // What readers will see in the header; 0 when there is nothing to fill.

    /// The value that travels with the message untouched.
    [[nodiscard]] std::int64_t reserved_value() const noexcept {
        return claim_.is_active() ? claim_.reserved_value() : 0;
    }
    /// `logbuffer::frame_flag` bits.
    [[nodiscard]] std::uint8_t flags() const noexcept { return claim_.is_active() ? claim_.flags() : std::uint8_t{0}; }
    /// Of the frame.
    [[nodiscard]] std::int16_t type() const noexcept { return claim_.is_active() ? claim_.type() : std::int16_t{0}; }

    // The same, if it is not to be the default: before the commit only, otherwise without effect.

    /// Default 0.
    void set_reserved_value(const std::int64_t value) noexcept {
        if (claim_.is_active()) {
            claim_.set_reserved_value(value);
        }
    }
    /// `logbuffer::frame_flag` bits; default: begin and end.
    void set_flags(const std::uint8_t flags) noexcept {
        if (claim_.is_active()) {
            claim_.set_flags(flags);
        }
    }
    /// Default data; readers skip padding (0) and deliver everything else.
    void set_type(const std::int16_t type) noexcept {
        if (claim_.is_active()) {
            claim_.set_type(type);
        }
    }

    /// Makes the message readable. `closed`, and no effect, when there is nothing to commit.
    OfferStatus commit() noexcept {
        if (!claim_.is_active()) {
            return OfferStatus::closed;
        }
        claim_.commit();
        claim_ = {};
        return OfferStatus::ok;
    }

    /// Gives the message up: readers step over its space. No effect when there is nothing to abort.
    void abort() noexcept {
        if (claim_.is_active()) {
            claim_.abort();
            claim_ = {};
        }
    }

    // For publications, when there is nothing to fill.

    /// Not claimed, for this reason.
    void refuse(const OfferResult refusal) noexcept { result_ = refusal; }
    /// `claim` lies in `log` and ends at the position in `result`. The log that was kept before is kept on where it is
    /// the same: counting its users means two locked instructions, which wait for all that was written before.
    void renew(const OfferResult result, const logbuffer::FrameClaim& claim,
               const std::shared_ptr<const logbuffer::LogFile>& log) noexcept {
        result_ = result;
        claim_ = claim;
        if (log_ != log) {
            log_ = log;
        }
    }

private:
    OfferResult result_ = OfferStatus::closed;
    logbuffer::FrameClaim claim_;
    std::shared_ptr<const logbuffer::LogFile> log_;
};

}  // namespace cpperon
