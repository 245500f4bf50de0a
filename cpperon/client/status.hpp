/// Where a handle stands, in one word for displays, and what turns a row of such words into news. Public.
/// spec: 07 §A.9
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cpperon/logbuffer/offer_result.hpp"

namespace cpperon {

/// What `status()` of a publication or subscription answers; back pressure shows only in what offers come to.
enum class Status : std::uint8_t { disconnected, connected, back_pressured, closed };

/// The name of a status, for example `back_pressured`.
[[nodiscard]] std::string_view to_string(Status status) noexcept;

/// What an offer says about its publication; nothing where it says nothing, as after a message that was too long.
[[nodiscard]] constexpr std::optional<Status> to_status(const OfferStatus status) noexcept {
    switch (status) {
        case OfferStatus::ok: return Status::connected;
        case OfferStatus::not_connected: return Status::disconnected;
        case OfferStatus::back_pressured: return Status::back_pressured;
        case OfferStatus::closed: return Status::closed;
        case OfferStatus::admin_action:
        case OfferStatus::max_position_exceeded:
        case OfferStatus::message_too_long:
        case OfferStatus::invalid_argument: return std::nullopt;
    }
    return std::nullopt;
}

/// Tells changes from repetitions: `if (const auto news = tracker.observe(publication.status())) { log(*news); }`.
/// A plain value, one thread at a time.
class StatusTracker {
public:
    /// The status if it is the first one or not the one before, otherwise nothing.
    constexpr std::optional<Status> observe(const Status status) noexcept {
        if (last_ == status) {
            return std::nullopt;
        }
        last_ = status;
        return status;
    }

    /// The same for what an offer came to; nothing where that says nothing about the status.
    constexpr std::optional<Status> observe(const OfferResult result) noexcept {
        const std::optional<Status> status = to_status(result.status());
        return status ? observe(*status) : std::nullopt;
    }

    /// Nothing before the first observation.
    [[nodiscard]] constexpr std::optional<Status> last_status() const noexcept { return last_; }

    /// The next observation is the first one again.
    constexpr void reset() noexcept { last_.reset(); }

private:
    std::optional<Status> last_;
};

}  // namespace cpperon
