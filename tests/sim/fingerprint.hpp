/// A number that differs when two runs of a simulation differ in anything that was put into it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace cpperon::sim {

class Fingerprint {
public:
    void add(const std::uint64_t value) noexcept {
        value_ = (value_ ^ value) * 0x100000001b3U;
        value_ ^= value_ >> 29U;
    }
    void add(const std::span<const std::byte> bytes) noexcept {
        add(bytes.size());
        for (std::size_t offset = 0; offset < bytes.size(); offset += sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + offset, std::min(sizeof word, bytes.size() - offset));
            add(word);
        }
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace cpperon::sim
