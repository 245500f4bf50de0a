/// Scenery of the codec's tests: bytes written as in the specification, and messages compared field by field.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "cpperon/command/codec.hpp"

namespace cpperon::command::test {

using Bytes = std::vector<std::byte>;

/// `01000000 ff` -> five bytes; spaces are for the eye.
inline Bytes from_hex(const std::string_view hex) {
    Bytes bytes;
    std::string digits;
    for (const char c : hex) {
        if (c == ' ') {
            continue;
        }
        digits += c;
        if (digits.size() == 2) {
            bytes.push_back(static_cast<std::byte>(std::stoi(digits, nullptr, 16)));
            digits.clear();
        }
    }
    return bytes;
}

inline std::string to_hex(const std::span<const std::byte> bytes) {
    std::string hex;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        hex += fmt::format("{}{:02x}", i > 0 && i % 4 == 0 ? " " : "", static_cast<unsigned>(bytes[i]));
    }
    return hex;
}

/// The encoded message, in a buffer that held other bytes before.
template <Message T>
Bytes encoded(const T& message) {
    Bytes bytes(encoded_length(message), std::byte{0xEE});
    encode(message, bytes);
    return bytes;
}

/// Writes the fields of a message as text: does not know offsets, so it can judge the decoder.
class FieldPrinter {
public:
    template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
    void operator()(const std::string_view field, const T& value) {
        text_ += fmt::format("{}: {}\n", field, static_cast<std::int64_t>(value));
    }
    void operator()(const std::string_view field, const std::string_view text) {
        text_ += fmt::format("{}: '{}'\n", field, text);
    }
    void operator()(const std::string_view field, const std::span<const std::byte> bytes) {
        text_ += fmt::format("{}: {}\n", field, to_hex(bytes));
    }
    void operator()(const std::string_view field, const std::array<std::byte, 16>& bytes) {
        (*this)(field, std::span<const std::byte>{bytes});
    }
    void optional_last(const std::string_view field, const auto& value) { (*this)(field, value); }
    void align(std::size_t /*alignment*/) {}
    void pad_to(std::size_t /*length*/) {}

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

template <Message T>
std::string fields_of(const T& message) {
    FieldPrinter printer;
    T::layout(message, printer);
    return printer.text();
}

template <Message T>
std::string fields_of(const Decoded<T>& decoded) {
    return decoded ? fields_of(*decoded) : "refused because of " + std::string{decoded.error().field};
}

}  // namespace cpperon::command::test
