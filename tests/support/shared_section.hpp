/// A zero-filled piece of memory, aligned as a mapped section is. For tests of what lives in shared memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cpperon::test {

class SharedSection {
public:
    /// `length`: a multiple of 8.
    explicit SharedSection(const std::size_t length) : words_(length / sizeof(std::int64_t)) {}

    [[nodiscard]] std::span<std::byte> bytes() { return std::as_writable_bytes(std::span{words_}); }
    [[nodiscard]] std::span<std::byte> bytes(const std::size_t offset, const std::size_t length) {
        return bytes().subspan(offset, length);
    }
    /// The i64 at a multiple of 8.
    [[nodiscard]] std::int64_t& word(const std::size_t offset) { return words_[offset / sizeof(std::int64_t)]; }

private:
    std::vector<std::int64_t> words_;
};

}  // namespace cpperon::test
