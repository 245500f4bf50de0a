/// The messages that carry files: the start of a file, then its bytes in chunks. Little-endian, as all of Aeron; other
/// implementations' file samples speak the same. spec: 07 §H.4
///
///          start of a file     chunk
///   @0     version int32 = 0   version int32 = 0
///   @4     type int32 = 1      type int32 = 2
///   @8     correlation id      correlation id: the same for all messages of a file
///   @16    file length int64   offset in the file int64
///   @24    name length int32   length int64
///   @28    name                -
///   @32    -                   bytes of the file
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "cpperon/base/result.hpp"

namespace samples {

struct FileStart {
    std::int64_t correlation_id = 0;
    std::int64_t file_length = 0;
    std::string_view name;  ///< in the message it was decoded from

    friend bool operator==(const FileStart&, const FileStart&) = default;
};

struct FileChunk {
    std::int64_t correlation_id = 0;
    std::int64_t offset = 0;
    std::span<const std::byte> bytes;  ///< in the message it was decoded from
};

inline constexpr std::int32_t file_protocol_version = 0;
inline constexpr std::int32_t file_start_type = 1;
inline constexpr std::int32_t file_chunk_type = 2;
inline constexpr std::size_t file_start_header_length = 28;
inline constexpr std::size_t file_chunk_header_length = 32;

static_assert(std::endian::native == std::endian::little, "fields are copied as they are");

namespace detail {

template <typename T>
void put(const std::span<std::byte> message, const std::size_t offset, const T value) {
    std::memcpy(message.data() + offset, &value, sizeof(value));
}

template <typename T>
T get(const std::span<const std::byte> message, const std::size_t offset) {
    T value{};
    std::memcpy(&value, message.data() + offset, sizeof(value));
    return value;
}

inline cpperon::ErrorInfo malformed(const std::string& what) {
    return {cpperon::ErrorCode::invalid_argument, "not a message of a file transfer: " + what};
}

}  // namespace detail

[[nodiscard]] inline std::size_t encoded_length(const FileStart& start) noexcept {
    return file_start_header_length + start.name.size();
}

/// `message`: of `encoded_length(start)` bytes.
inline void encode(const FileStart& start, const std::span<std::byte> message) {
    detail::put(message, 0, file_protocol_version);
    detail::put(message, 4, file_start_type);
    detail::put(message, 8, start.correlation_id);
    detail::put(message, 16, start.file_length);
    detail::put(message, 24, static_cast<std::int32_t>(start.name.size()));
    std::copy_n(std::as_bytes(std::span{start.name}).begin(), start.name.size(),
                message.begin() + file_start_header_length);
}

/// All but the bytes of the file, which stand behind it. `message`: of `file_chunk_header_length` bytes at least.
inline void encode_header(const FileChunk& chunk, const std::span<std::byte> message) {
    detail::put(message, 0, file_protocol_version);
    detail::put(message, 4, file_chunk_type);
    detail::put(message, 8, chunk.correlation_id);
    detail::put(message, 16, chunk.offset);
    detail::put(message, 24, static_cast<std::int64_t>(chunk.bytes.size()));
}

/// Trusts nothing: lengths are checked against the message before they are used.
[[nodiscard]] inline cpperon::Result<std::variant<FileStart, FileChunk>> decode_file_message(
    const std::span<const std::byte> message) {
    if (message.size() < file_start_header_length) {
        return detail::malformed("it has " + std::to_string(message.size()) + " bytes, at least 28 are expected");
    }
    const auto version = detail::get<std::int32_t>(message, 0);
    const auto type = detail::get<std::int32_t>(message, 4);
    const auto correlation_id = detail::get<std::int64_t>(message, 8);
    if (version != file_protocol_version) {
        return detail::malformed("its version is " + std::to_string(version) + ", 0 is expected");
    }
    if (type == file_start_type) {
        const auto file_length = detail::get<std::int64_t>(message, 16);
        const auto name_length = detail::get<std::int32_t>(message, 24);
        const std::span<const std::byte> rest = message.subspan(file_start_header_length);
        if (file_length < 0 || name_length < 0 || static_cast<std::size_t>(name_length) > rest.size()) {
            return detail::malformed("its lengths are " + std::to_string(file_length) + " for the file and " +
                                     std::to_string(name_length) + " for the name, which is not in the message");
        }
        return std::variant<FileStart, FileChunk>{
            FileStart{.correlation_id = correlation_id,
                      .file_length = file_length,
                      .name = {reinterpret_cast<const char*>(rest.data()), static_cast<std::size_t>(name_length)}}};
    }
    if (type == file_chunk_type && message.size() >= file_chunk_header_length) {
        const auto offset = detail::get<std::int64_t>(message, 16);
        const auto length = detail::get<std::int64_t>(message, 24);
        const std::span<const std::byte> rest = message.subspan(file_chunk_header_length);
        if (offset < 0 || length < 0 || static_cast<std::uint64_t>(length) > rest.size()) {
            return detail::malformed("its chunk has offset " + std::to_string(offset) + " and length " +
                                     std::to_string(length) + ", which is not in the message");
        }
        return std::variant<FileStart, FileChunk>{FileChunk{
            .correlation_id = correlation_id, .offset = offset, .bytes = rest.first(static_cast<std::size_t>(length))}};
    }
    return detail::malformed("its type is " + std::to_string(type) + ", 1 or 2 is expected");
}

}  // namespace samples
