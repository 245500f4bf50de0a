#include "cpperon/command/codec.hpp"

#include <limits>

#include <fmt/format.h>

namespace cpperon::command {

namespace {

// The total lengths of spec 02 §3.1, without texts.
static_assert(encoded_length(AddPublicationCommand{}) == 24);
static_assert(encoded_length(RemovePublicationCommand{}) == 32);
static_assert(encoded_length(AddExclusivePublicationCommand{}) == 24);
static_assert(encoded_length(AddSubscriptionCommand{}) == 32);
static_assert(encoded_length(RemoveSubscriptionCommand{}) == 24);
static_assert(encoded_length(ClientKeepaliveCommand{}) == 16);
static_assert(encoded_length(AddDestinationCommand{}) == 28);
static_assert(encoded_length(RemoveDestinationCommand{}) == 28);
static_assert(encoded_length(AddCounterCommand{}) == 28);
static_assert(encoded_length(RemoveCounterCommand{}) == 24);
static_assert(encoded_length(ClientCloseCommand{}) == 16);
static_assert(encoded_length(AddReceiveDestinationCommand{}) == 28);
static_assert(encoded_length(RemoveReceiveDestinationCommand{}) == 28);
static_assert(encoded_length(TerminateDriverCommand{}) == 20);
static_assert(encoded_length(AddStaticCounterCommand{}) == 36);
static_assert(encoded_length(RejectImageCommand{}) == 40);
static_assert(encoded_length(RemoveDestinationByIdCommand{}) == 32);
static_assert(encoded_length(GetNextAvailableSessionIdCommand{}) == 20);

// The same for spec 02 §4.1.
static_assert(encoded_length(ErrorEvent{}) == 16);
static_assert(encoded_length(AvailableImageEvent{}) == 36);
static_assert(encoded_length(PublicationReadyEvent{}) == 36);
static_assert(encoded_length(OperationSuccessEvent{}) == 8);
static_assert(encoded_length(UnavailableImageEvent{}) == 24);
static_assert(encoded_length(ExclusivePublicationReadyEvent{}) == 36);
static_assert(encoded_length(SubscriptionReadyEvent{}) == 12);
static_assert(encoded_length(CounterReadyEvent{}) == 12);
static_assert(encoded_length(UnavailableCounterEvent{}) == 12);
static_assert(encoded_length(ClientTimeoutEvent{}) == 8);
static_assert(encoded_length(StaticCounterEvent{}) == 12);
static_assert(encoded_length(PublicationErrorEvent{}) == 72);
static_assert(encoded_length(NextAvailableSessionIdEvent{}) == 12);

/// Decodes the alternative of `Any` that has the type id, trying one after the other.
template <typename Any, std::size_t index = 0>
Decoded<Any> decode_any(const std::int32_t type, const std::span<const std::byte> payload) noexcept {
    if constexpr (index == std::variant_size_v<Any>) {
        return DecodeError{.reason = DecodeError::Reason::unknown_type,
                           .value = type,
                           .length = static_cast<std::int64_t>(payload.size())};
    } else {
        using Candidate = std::variant_alternative_t<index, Any>;
        if (type_id<Candidate> != type) {
            return decode_any<Any, index + 1>(type, payload);
        }
        const Decoded<Candidate> candidate = decode<Candidate>(payload);
        if (!candidate) {
            return candidate.error();
        }
        return Any{*candidate};
    }
}

std::string describe(const std::string_view kind, const std::string_view name, const DecodeError& error) {
    std::string text = fmt::format("malformed {} of {} bytes: ", name, error.length);
    switch (error.reason) {
        case DecodeError::Reason::unknown_type:
            text = fmt::format("unknown {} type id {} on a message of {} bytes", kind, error.value, error.length);
            break;
        case DecodeError::Reason::too_short:
            text += fmt::format("it must have {} bytes to hold its {}", error.value, error.field);
            break;
        case DecodeError::Reason::negative_length:
            text += fmt::format("the length of its {} is {}", error.field, error.value);
            break;
        case DecodeError::Reason::text_beyond_end:
            text += fmt::format("its {} would end at byte {}", error.field, error.value);
            break;
    }
    return text;
}

}  // namespace

void detail::Reader::take_fixed(const std::string_view field, void* const value, const std::size_t length) noexcept {
    if (error_) {
        return;
    }
    if (!reaches(offset_ + length)) {
        refuse(DecodeError::Reason::too_short, field, static_cast<std::int64_t>(offset_ + length));
        return;
    }
    std::memcpy(value, payload_.data() + offset_, length);
    offset_ += length;
}

std::span<const std::byte> detail::Reader::take_text(const std::string_view field) noexcept {
    std::int32_t length = 0;
    take_fixed(field, &length, sizeof(length));
    if (error_) {
        return {};
    }
    if (length < 0) {
        refuse(DecodeError::Reason::negative_length, field, length);
        return {};
    }
    const std::size_t end = offset_ + static_cast<std::size_t>(length);
    if (!reaches(end)) {
        refuse(DecodeError::Reason::text_beyond_end, field, static_cast<std::int64_t>(end));
        return {};
    }
    const std::span<const std::byte> text = payload_.subspan(offset_, static_cast<std::size_t>(length));
    offset_ = end;
    return text;
}

void detail::Reader::refuse(const DecodeError::Reason reason, const std::string_view field,
                            const std::int64_t value) noexcept {
    error_ = DecodeError{
        .reason = reason, .field = field, .value = value, .length = static_cast<std::int64_t>(payload_.size())};
}

Decoded<Command> decode_command(const std::int32_t type_id, const std::span<const std::byte> payload) noexcept {
    return decode_any<Command>(type_id, payload);
}

Decoded<Event> decode_event(const std::int32_t type_id, const std::span<const std::byte> payload) noexcept {
    return decode_any<Event>(type_id, payload);
}

std::optional<CommandIds> peek_ids(const std::span<const std::byte> payload) noexcept {
    CommandIds ids;
    detail::Reader reader{payload};
    reader("client id", ids.client_id);
    reader("correlation id", ids.correlation_id);
    if (reader.error()) {
        return std::nullopt;
    }
    return ids;
}

std::string describe_command_error(const std::int32_t type_id, const DecodeError& error) {
    return describe("command", to_string(static_cast<CommandType>(type_id)), error);
}

std::string describe_event_error(const std::int32_t type_id, const DecodeError& error) {
    return describe("event", to_string(static_cast<EventType>(type_id)), error);
}

}  // namespace cpperon::command
