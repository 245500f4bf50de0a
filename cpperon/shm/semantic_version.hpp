/// Versions as shared memory carries them: major, minor and patch in one integer. spec: 01 §3.1
#pragma once

#include <cstdint>
#include <string>

namespace cpperon {

/// Ordered first by major, then by minor, then by patch.
struct SemanticVersion {
    std::uint8_t major = 0;
    std::uint8_t minor = 0;
    std::uint8_t patch = 0;

    /// `(major << 16) | (minor << 8) | patch`.
    [[nodiscard]] constexpr std::int32_t packed() const noexcept {
        return (static_cast<std::int32_t>(major) << 16) | (static_cast<std::int32_t>(minor) << 8) |
               static_cast<std::int32_t>(patch);
    }

    /// Takes any integer; what lies above the three bytes is ignored.
    [[nodiscard]] static constexpr SemanticVersion unpack(const std::int32_t packed) noexcept {
        const auto bits = static_cast<std::uint32_t>(packed);
        return {static_cast<std::uint8_t>(bits >> 16), static_cast<std::uint8_t>(bits >> 8),
                static_cast<std::uint8_t>(bits)};
    }

    /// For example `1.53.0`.
    [[nodiscard]] std::string to_string() const {
        return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
    }

    friend constexpr auto operator<=>(const SemanticVersion&, const SemanticVersion&) = default;
};

}  // namespace cpperon
