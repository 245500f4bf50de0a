#include "cpperon/logbuffer/offer_result.hpp"

#include <string>

namespace cpperon {

namespace {

ErrorCode code_of(const OfferStatus status) noexcept {
    switch (status) {
        case OfferStatus::closed: return ErrorCode::closed;
        case OfferStatus::message_too_long:
        case OfferStatus::invalid_argument: return ErrorCode::invalid_argument;
        case OfferStatus::not_connected:
        case OfferStatus::back_pressured:
        case OfferStatus::admin_action: return ErrorCode::resource_temporarily_unavailable;
        default: return ErrorCode::generic_error;
    }
}

std::string_view advice_for(const OfferStatus status) noexcept {
    switch (status) {
        case OfferStatus::ok: return "the message was taken";
        case OfferStatus::not_connected: return "no subscriber is connected; offer again when there is one";
        case OfferStatus::back_pressured: return "subscribers are behind; idle, then offer again";
        case OfferStatus::admin_action: return "a term was being rotated; offer again at once";
        case OfferStatus::closed: return "the publication is closed";
        case OfferStatus::max_position_exceeded: return "the stream is exhausted; close it and add a new publication";
        case OfferStatus::message_too_long: return "the message exceeds what this publication takes; split it";
        case OfferStatus::invalid_argument: return "the block is not the continuation of this stream";
    }
    return "unknown status";
}

}  // namespace

std::string_view to_string(const OfferStatus status) noexcept {
    switch (status) {
        case OfferStatus::ok: return "ok";
        case OfferStatus::not_connected: return "not_connected";
        case OfferStatus::back_pressured: return "back_pressured";
        case OfferStatus::admin_action: return "admin_action";
        case OfferStatus::closed: return "closed";
        case OfferStatus::max_position_exceeded: return "max_position_exceeded";
        case OfferStatus::message_too_long: return "message_too_long";
        case OfferStatus::invalid_argument: return "invalid_argument";
    }
    return "unknown";
}

OfferError::OfferError(const OfferResult result)
    : Error(code_of(result.status()), "offer refused, " + std::string{to_string(result.status())} + ": " +
                                          std::string{advice_for(result.status())}),
      status_(result.status()) {}

}  // namespace cpperon
