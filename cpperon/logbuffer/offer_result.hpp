/// What an offer or claim came to: a position, or the reason why nothing was taken. Public; handed out by publications.
/// spec: 03 §8, 07 §A.10
#pragma once

#include <cassert>
#include <cstdint>
#include <string_view>

#include "cpperon/base/error.hpp"

namespace cpperon {

/// Whether a message was taken, or why not.
enum class OfferStatus : std::int8_t {
    ok = 0,                      ///< taken
    not_connected = -1,          ///< not taken; no subscriber is known at this moment
    back_pressured = -2,         ///< not taken; subscribers are behind: idle, then offer again
    admin_action = -3,           ///< not taken; a term was being rotated: offer again at once
    closed = -4,                 ///< final; the publication is closed
    max_position_exceeded = -5,  ///< final; the stream is exhausted: close it and add a new publication
    message_too_long = -6,       ///< not taken; the caller's mistake
    invalid_argument = -7,       ///< not taken; the caller's mistake: a block that does not fit the stream
};

/// The name of a status in the words of the specification, for example `back_pressured`.
[[nodiscard]] std::string_view to_string(OfferStatus status) noexcept;

/// Eight bytes, returned in a register. Converts to true when the message was taken.
class [[nodiscard]] OfferResult {
public:
    /// `position`: 0 or above.
    [[nodiscard]] static constexpr OfferResult at(const std::int64_t position) noexcept {
        return OfferResult{position};
    }
    /// `reason`: any status but `ok`.
    constexpr OfferResult(const OfferStatus reason) noexcept  // NOLINT(google-explicit-constructor): a reason is one
        : value_(static_cast<std::int64_t>(reason)) {}

    [[nodiscard]] constexpr explicit operator bool() const noexcept { return value_ >= 0; }

    /// The position of the stream after the message, in bytes from its start. Only when the message was taken.
    [[nodiscard]] constexpr std::int64_t position() const noexcept {
        assert(value_ >= 0);
        return value_;
    }
    /// `ok` when the message was taken.
    [[nodiscard]] constexpr OfferStatus status() const noexcept {
        return value_ >= 0 ? OfferStatus::ok : static_cast<OfferStatus>(value_);
    }
    /// True if the same offer can succeed later: not connected, back pressured, or a term was being rotated.
    [[nodiscard]] constexpr bool is_retryable() const noexcept { return value_ < 0 && value_ >= -3; }

    /// True if the publication can take no more, ever: closed, or the stream is exhausted.
    [[nodiscard]] constexpr bool is_unrecoverable() const noexcept {
        return status() == OfferStatus::closed || status() == OfferStatus::max_position_exceeded;
    }

    /// The position, or -1 ... -6 as the reference clients return them. spec: 03 §8
    [[nodiscard]] constexpr std::int64_t raw() const noexcept { return value_ < -6 ? -6 : value_; }

    friend constexpr bool operator==(OfferResult, OfferResult) noexcept = default;

private:
    constexpr explicit OfferResult(const std::int64_t value) noexcept : value_(value) {}

    std::int64_t value_;
};
static_assert(sizeof(OfferResult) == 8);

/// A failed offer as an exception, for programs that want one: `throw cpperon::OfferError{result}`.
class OfferError : public Error {
public:
    /// `result`: of an offer that was not taken.
    explicit OfferError(OfferResult result);

    /// Why the message was not taken.
    [[nodiscard]] OfferStatus status() const noexcept { return status_; }
    /// As for the result.
    [[nodiscard]] bool is_retryable() const noexcept { return OfferResult{status_}.is_retryable(); }
    /// As for the result.
    [[nodiscard]] bool is_unrecoverable() const noexcept { return OfferResult{status_}.is_unrecoverable(); }

private:
    OfferStatus status_;
};

}  // namespace cpperon
