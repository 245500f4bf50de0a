/// Bytes as the specification prints them: pairs of hexadecimal digits, with spaces where they help the eye. For tests.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cpperon::test {

/// `0d000000 07` as bytes; everything that is no lower-case hexadecimal digit is skipped.
inline std::vector<std::byte> from_hex(const std::string_view text) {
    std::vector<std::byte> bytes;
    int high = -1;
    for (const char c : text) {
        const auto digit = std::string_view{"0123456789abcdef"}.find(c);
        if (digit == std::string_view::npos) {
            continue;
        }
        if (high < 0) {
            high = static_cast<int>(digit);
        } else {
            bytes.push_back(static_cast<std::byte>(high * 16 + static_cast<int>(digit)));
            high = -1;
        }
    }
    return bytes;
}

/// Bytes as groups of four, separated by single spaces: `0d000000 07000000`.
inline std::string to_hex(const std::span<const std::byte> bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0 && i % 4 == 0) {
            text += ' ';
        }
        text += "0123456789abcdef"[std::to_integer<unsigned>(bytes[i]) >> 4];
        text += "0123456789abcdef"[std::to_integer<unsigned>(bytes[i]) & 15];
    }
    return text;
}

/// The bytes of a text.
inline std::span<const std::byte> bytes_of(const std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}

/// Bytes as text.
inline std::string text_of(const std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace cpperon::test
