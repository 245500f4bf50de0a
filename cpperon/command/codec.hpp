/// Bytes of commands and events: how long a message is, writing it, and reading one that another process wrote. No I/O,
/// no allocation, no exceptions. Used by both conductors on the records of ring and broadcast. spec: 02 §1, §3, §4
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "cpperon/base/align.hpp"
#include "cpperon/command/commands.hpp"
#include "cpperon/command/events.hpp"

namespace cpperon::command {

/// Why bytes are not a message. The reader trusts nothing before it has checked it.
struct DecodeError {
    enum class Reason {
        unknown_type,     ///< no command (or event) has the type id `value`
        too_short,        ///< the field needs the payload to reach byte `value`, but it ends at `length`
        negative_length,  ///< the text's length is `value`
        text_beyond_end,  ///< the text would end at byte `value`, but the payload ends at `length`
    };

    Reason reason = Reason::unknown_type;
    std::string_view field;   ///< in the words of the specification; empty for an unknown type
    std::int64_t value = 0;   ///< see `reason`
    std::int64_t length = 0;  ///< of the payload, in bytes

    friend bool operator==(const DecodeError&, const DecodeError&) = default;
};

/// A decoded message, or why there is none. Asking for the one that is not there is the caller's mistake.
template <typename T>
class [[nodiscard]] Decoded {
public:
    constexpr Decoded(const T& message) noexcept : state_(message) {}        // NOLINT(google-explicit-constructor)
    constexpr Decoded(const DecodeError& error) noexcept : state_(error) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] constexpr bool has_value() const noexcept { return state_.index() == 0; }
    constexpr explicit operator bool() const noexcept { return has_value(); }

    [[nodiscard]] constexpr const T& operator*() const noexcept { return *std::get_if<0>(&state_); }
    [[nodiscard]] constexpr const T* operator->() const noexcept { return std::get_if<0>(&state_); }
    [[nodiscard]] constexpr const DecodeError& error() const noexcept { return *std::get_if<1>(&state_); }

private:
    std::variant<T, DecodeError> state_;
};

namespace detail {

/// Measures a message.
class LengthCounter {
public:
    template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
    constexpr void operator()(std::string_view /*field*/, const T& /*value*/) noexcept { length_ += sizeof(T); }
    constexpr void operator()(std::string_view /*field*/, const std::string_view text) noexcept {
        length_ += sizeof(std::int32_t) + text.size();
    }
    constexpr void operator()(std::string_view /*field*/, const std::span<const std::byte> bytes) noexcept {
        length_ += sizeof(std::int32_t) + bytes.size();
    }
    constexpr void operator()(std::string_view /*field*/, const std::array<std::byte, 16>& bytes) noexcept {
        length_ += bytes.size();
    }
    constexpr void optional_last(const std::string_view field, const auto& value) noexcept { (*this)(field, value); }
    constexpr void align(const std::size_t alignment) noexcept { length_ = align_up(length_, alignment); }
    constexpr void pad_to(const std::size_t length) noexcept { length_ = length_ < length ? length : length_; }

    [[nodiscard]] constexpr std::size_t length() const noexcept { return length_; }

private:
    std::size_t length_ = 0;
};

/// Writes the fields of a message; what lies between them becomes zero.
class Writer {
public:
    explicit Writer(const std::span<std::byte> out) noexcept : out_(out) {}

    template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
    void operator()(std::string_view /*field*/, const T& value) noexcept { put(&value, sizeof(T)); }
    void operator()(const std::string_view field, const std::string_view text) noexcept {
        (*this)(field, static_cast<std::int32_t>(text.size()));
        put(text.data(), text.size());
    }
    void operator()(const std::string_view field, const std::span<const std::byte> bytes) noexcept {
        (*this)(field, static_cast<std::int32_t>(bytes.size()));
        put(bytes.data(), bytes.size());
    }
    void operator()(std::string_view /*field*/, const std::array<std::byte, 16>& bytes) noexcept {
        put(bytes.data(), bytes.size());
    }
    void optional_last(const std::string_view field, const auto& value) noexcept { (*this)(field, value); }
    void align(const std::size_t alignment) noexcept { pad_to(align_up(offset_, alignment)); }
    void pad_to(const std::size_t length) noexcept {
        if (offset_ < length) {
            std::memset(out_.data() + offset_, 0, length - offset_);
            offset_ = length;
        }
    }

private:
    void put(const void* const bytes, const std::size_t length) noexcept {
        if (length > 0) {  // an empty text has no address to copy from
            std::memcpy(out_.data() + offset_, bytes, length);
            offset_ += length;
        }
    }

    std::span<std::byte> out_;
    std::size_t offset_ = 0;
};

/// Reads the fields of a message, and stops at the first that cannot be right.
class Reader {
public:
    explicit Reader(const std::span<const std::byte> payload) noexcept : payload_(payload) {}

    template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
    void operator()(const std::string_view field, T& value) noexcept { take_fixed(field, &value, sizeof(T)); }
    void operator()(const std::string_view field, std::string_view& text) noexcept {
        const std::span<const std::byte> bytes = take_text(field);
        text = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    void operator()(const std::string_view field, std::span<const std::byte>& bytes) noexcept {
        bytes = take_text(field);
    }
    void operator()(const std::string_view field, std::array<std::byte, 16>& bytes) noexcept {
        take_fixed(field, bytes.data(), bytes.size());
    }
    /// Absent if the payload ends before it; half of it is an error.
    void optional_last(const std::string_view field, auto& value) noexcept {
        if (offset_ != payload_.size()) {
            (*this)(field, value);
        }
    }
    void align(const std::size_t alignment) noexcept { offset_ = align_up(offset_, alignment); }
    void pad_to(std::size_t /*length*/) noexcept {}  // peers may leave the padding out

    [[nodiscard]] const std::optional<DecodeError>& error() const noexcept { return error_; }

private:
    void take_fixed(std::string_view field, void* value, std::size_t length) noexcept;
    [[nodiscard]] std::span<const std::byte> take_text(std::string_view field) noexcept;
    [[nodiscard]] bool reaches(std::size_t end) const noexcept { return end <= payload_.size(); }
    void refuse(DecodeError::Reason reason, std::string_view field, std::int64_t value) noexcept;

    std::span<const std::byte> payload_;
    std::size_t offset_ = 0;
    std::optional<DecodeError> error_;
};

}  // namespace detail

/// A command or an event.
template <typename T>
concept Message = std::is_same_v<std::remove_cv_t<decltype(T::type)>, CommandType> ||
    std::is_same_v<std::remove_cv_t<decltype(T::type)>, EventType>;

/// The number for the record header: `type_id<AddPublicationCommand>` is 1.
template <Message T>
inline constexpr std::int32_t type_id = static_cast<std::int32_t>(T::type);

/// Length of the payload in bytes: what to claim in the ring or the broadcast for this message.
template <Message T>
[[nodiscard]] constexpr std::size_t encoded_length(const T& message) noexcept {
    detail::LengthCounter counter;
    T::layout(message, counter);
    return counter.length();
}

/// Writes the message to the start of `out`, which has room for `encoded_length(message)` bytes, and returns that.
template <Message T>
std::size_t encode(const T& message, const std::span<std::byte> out) noexcept {
    const std::size_t length = encoded_length(message);
    assert(length <= out.size());
    detail::Writer writer{out.first(length)};
    T::layout(message, writer);
    return length;
}

/// Reads one message of known type. Bytes beyond its end are ignored. Its texts point into `payload`. spec: 02 §1
template <Message T>
[[nodiscard]] Decoded<T> decode(const std::span<const std::byte> payload) noexcept {
    T message;
    detail::Reader reader{payload};
    T::layout(message, reader);
    if (reader.error()) {
        return *reader.error();
    }
    return message;
}

/// Reads what a record of the command ring holds; visit the result to handle it. spec: 02 §6.2
[[nodiscard]] Decoded<Command> decode_command(std::int32_t type_id, std::span<const std::byte> payload) noexcept;

/// Reads what a record of the event broadcast holds; visit the result to handle it. spec: 02 §4
[[nodiscard]] Decoded<Event> decode_event(std::int32_t type_id, std::span<const std::byte> payload) noexcept;

/// The two ids every command begins with.
struct CommandIds {
    std::int64_t client_id = 0;
    std::int64_t correlation_id = 0;
};

/// Ids of a command that may be malformed behind them, so that it can be answered; nothing below 16 bytes. spec: 02
/// §6.2
[[nodiscard]] std::optional<CommandIds> peek_ids(std::span<const std::byte> payload) noexcept;

/// A sentence for the error log, for example `malformed ADD_PUBLICATION of 30 bytes: its channel would end at byte 33`.
[[nodiscard]] std::string describe_command_error(std::int32_t type_id, const DecodeError& error);
[[nodiscard]] std::string describe_event_error(std::int32_t type_id, const DecodeError& error);

}  // namespace cpperon::command
