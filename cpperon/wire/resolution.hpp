/// The frames by which drivers tell each other their names: entries one behind the other. Read and written by the
/// driver's name resolver; no I/O. spec: 04 §2.8, §13.2
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "cpperon/wire/frames.hpp"
#include "cpperon/wire/validate.hpp"

namespace cpperon::wire {

/// What kind of address a name stands for.
enum class ResolutionType : std::uint8_t { ipv4 = 1, ipv6 = 2 };

namespace resolution_flag {
inline constexpr std::uint8_t self = 0x80;  ///< the resolver that sends it speaks of itself
}  // namespace resolution_flag

inline constexpr std::size_t max_resolution_name_length = 512;

/// One driver's name and the address of its resolver.
struct ResolutionEntry {
    ResolutionType type = ResolutionType::ipv4;
    std::uint8_t flags = 0;  ///< `resolution_flag`s
    std::uint16_t port = 0;
    std::int32_t age_ms = 0;                 ///< since it was heard of; as it came, that is, perhaps negative
    std::array<std::uint8_t, 16> address{};  ///< in network order; of an IPv4 address the first four
    std::string_view name;                   ///< 1 to `max_resolution_name_length` bytes; decoded: a view of the frame

    [[nodiscard]] bool is_self() const noexcept { return (flags & resolution_flag::self) != 0; }

    friend bool operator==(const ResolutionEntry&, const ResolutionEntry&) noexcept = default;
};

/// The bytes an entry takes in a frame, a multiple of 8.
[[nodiscard]] std::size_t encoded_length(const ResolutionEntry& entry) noexcept;

/// Reads the entries of a frame, in order, until the end or the first that is malformed: where the next one would begin
/// is not known then.
class ResolutionReader {
public:
    /// `datagram` has passed `check_datagram` as a resolution frame, and must outlive the entries.
    explicit ResolutionReader(std::span<const std::byte> datagram) noexcept;

    /// The next entry; nothing at the end, which `fault` tells apart from a malformed entry.
    [[nodiscard]] std::optional<ResolutionEntry> next() noexcept;

    /// What ended the reading before the end of the frame.
    [[nodiscard]] Fault fault() const noexcept { return fault_; }

private:
    std::optional<ResolutionEntry> stop(Fault fault) noexcept;

    std::span<const std::byte> rest_;
    Fault fault_ = Fault::none;
};

/// Fills one frame with entries, as many as fit. Take `frame()` when an entry no longer fits, `clear()`, and go on.
class ResolutionPacker {
public:
    /// `buffer`: as long as a frame may be, 8 bytes at least; must outlive the object.
    explicit ResolutionPacker(std::span<std::byte> buffer) noexcept : buffer_(buffer) {}

    /// False: it does not fit behind the others; nothing is changed. An entry that is refused by an empty frame fits
    /// none. Padding bytes are zero.
    bool try_add(const ResolutionEntry& entry) noexcept;

    [[nodiscard]] bool is_empty() const noexcept { return length_ == frame_header_length; }
    /// The frame as it is to be sent. Valid until the next call of another function.
    [[nodiscard]] std::span<const std::byte> frame() noexcept;
    void clear() noexcept { length_ = frame_header_length; }

private:
    std::span<std::byte> buffer_;
    std::size_t length_ = frame_header_length;
};

}  // namespace cpperon::wire
