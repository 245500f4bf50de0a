/// What lies in the ring between those who log and the one who prints: a header, then what the event has to tell.
/// Process-private, so values lie there as they are in memory. Pure. spec: 06 §22
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "cpperon/net/socket_address.hpp"

namespace cpperon::driver {

/// Before every event. Of commands the command follows, of frames a `FrameSource` and the frame's first bytes, of all
/// others their details.
struct EventRecordHeader {
    std::int64_t time_ns = 0;  ///< monotonic
    std::int64_t length = 0;   ///< of the command, datagram or details in bytes; fewer may have been captured
};

/// Of a frame: where it comes from, or goes to.
struct FrameSource {
    net::SocketAddress address;
};
static_assert(std::is_trivially_copyable_v<EventRecordHeader> && std::is_trivially_copyable_v<FrameSource>);

/// Takes the value at the start of `bytes` and moves `bytes` behind it; a default one where they are too few.
template <typename T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] T take(std::span<const std::byte>& bytes) noexcept {
    T value{};
    if (bytes.size() < sizeof value) {
        bytes = {};
        return value;
    }
    std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
    bytes = bytes.subspan(sizeof value);
    return value;
}

/// Writes the value to the start of `out`, which has room for it, and moves `out` behind it.
template <typename T>
requires std::is_trivially_copyable_v<T>
void put(std::span<std::byte>& out, const T& value) noexcept {
    std::memcpy(out.data(), static_cast<const void*>(&value), sizeof value);
    out = out.subspan(sizeof value);
}

namespace detail {

class DetailsLength {
public:
    template <typename T>
    constexpr void operator()(std::string_view /*words*/, const T& /*value*/) noexcept {
        length_ += sizeof(T);
    }
    constexpr void operator()(std::string_view /*words*/, const std::string_view& text) noexcept {
        length_ += sizeof(std::uint32_t) + text.size();
    }
    [[nodiscard]] constexpr std::size_t length() const noexcept { return length_; }

private:
    std::size_t length_ = 0;
};

class DetailsWriter {
public:
    explicit DetailsWriter(const std::span<std::byte> out) noexcept : out_(out) {}

    template <typename T>
    void operator()(std::string_view /*words*/, const T& value) noexcept {
        put(out_, value);
    }
    void operator()(std::string_view /*words*/, const std::string_view& text) noexcept {
        put(out_, static_cast<std::uint32_t>(text.size()));
        std::ranges::copy(std::as_bytes(std::span{text}), out_.begin());
        out_ = out_.subspan(text.size());
    }

private:
    std::span<std::byte> out_;
};

class DetailsReader {
public:
    explicit DetailsReader(const std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

    template <typename T>
    void operator()(std::string_view /*words*/, T& value) noexcept {
        value = take<T>(bytes_);
    }
    void operator()(std::string_view /*words*/, std::string_view& text) noexcept {
        const std::size_t length = std::min<std::size_t>(take<std::uint32_t>(bytes_), bytes_.size());
        text = {reinterpret_cast<const char*>(bytes_.data()), length};
        bytes_ = bytes_.subspan(length);
    }

private:
    std::span<const std::byte> bytes_;
};

}  // namespace detail

/// The bytes that `encode_details` writes.
template <typename Details>
[[nodiscard]] std::size_t encoded_length_of(const Details& details) noexcept {
    detail::DetailsLength counter;
    Details::fields(details, counter);
    return counter.length();
}

/// `out` has room for `encoded_length_of(details)` bytes.
template <typename Details>
void encode_details(const Details& details, const std::span<std::byte> out) noexcept {
    detail::DetailsWriter writer{out};
    Details::fields(details, writer);
}

/// Texts point into `bytes`.
template <typename Details>
[[nodiscard]] Details decode_details(const std::span<const std::byte> bytes) noexcept {
    Details details;
    detail::DetailsReader reader{bytes};
    Details::fields(details, reader);
    return details;
}

}  // namespace cpperon::driver
