#include "cpperon/wire/resolution.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "cpperon/base/align.hpp"

namespace cpperon::wire {

namespace {

constexpr std::size_t entry_alignment = 8;

/// What an entry begins with. Its address follows, then the length of the name, then the name. spec: 04 §2.8
struct EntryHeader {
    std::uint8_t type;
    std::uint8_t flags;
    std::uint16_t port;
    std::int32_t age_ms;
};
static_assert(sizeof(EntryHeader) == 8 && offsetof(EntryHeader, port) == 2 && offsetof(EntryHeader, age_ms) == 4);

constexpr std::size_t address_length(const ResolutionType type) noexcept {
    return type == ResolutionType::ipv4 ? 4 : 16;
}

constexpr std::size_t name_length_offset(const ResolutionType type) noexcept {
    return sizeof(EntryHeader) + address_length(type);
}

constexpr std::size_t name_offset(const ResolutionType type) noexcept {
    return name_length_offset(type) + sizeof(std::int16_t);
}
static_assert(name_offset(ResolutionType::ipv4) == 14 && name_offset(ResolutionType::ipv6) == 26);

constexpr std::size_t padded_length(const ResolutionType type, const std::size_t name_length) noexcept {
    return align_up(name_offset(type) + name_length, entry_alignment);
}

bool is_known(const std::uint8_t type) noexcept {
    return type == static_cast<std::uint8_t>(ResolutionType::ipv4) ||
           type == static_cast<std::uint8_t>(ResolutionType::ipv6);
}

/// `out` has the entry's whole length.
void write(const ResolutionEntry& entry, const std::span<std::byte> out) noexcept {
    const EntryHeader header{.type = static_cast<std::uint8_t>(entry.type),
                             .flags = entry.flags,
                             .port = entry.port,
                             .age_ms = entry.age_ms};
    std::memcpy(out.data(), &header, sizeof(header));
    std::memcpy(out.data() + sizeof(header), entry.address.data(), address_length(entry.type));
    const auto name_length = static_cast<std::int16_t>(entry.name.size());
    std::memcpy(out.data() + name_length_offset(entry.type), &name_length, sizeof(name_length));
    std::memcpy(out.data() + name_offset(entry.type), entry.name.data(), entry.name.size());
    std::ranges::fill(out.subspan(name_offset(entry.type) + entry.name.size()), std::byte{0});
}

/// The part of the datagram that is behind the common header and belongs to the frame.
std::span<const std::byte> entries_of(const std::span<const std::byte> datagram) noexcept {
    const auto frame_length = static_cast<std::size_t>(frame_header(datagram).frame_length);
    return datagram.first(std::clamp(frame_length, frame_header_length, datagram.size())).subspan(frame_header_length);
}

}  // namespace

std::size_t encoded_length(const ResolutionEntry& entry) noexcept {
    return padded_length(entry.type, entry.name.size());
}

ResolutionReader::ResolutionReader(const std::span<const std::byte> datagram) noexcept : rest_(entries_of(datagram)) {}

std::optional<ResolutionEntry> ResolutionReader::next() noexcept {
    if (rest_.empty()) {
        return std::nullopt;
    }
    EntryHeader header{};
    if (rest_.size() < sizeof(header)) {
        return stop(Fault::resolution_entry_incomplete);
    }
    std::memcpy(&header, rest_.data(), sizeof(header));
    if (!is_known(header.type)) {
        return stop(Fault::unknown_resolution_type);
    }
    const auto type = static_cast<ResolutionType>(header.type);
    if (rest_.size() < name_offset(type)) {
        return stop(Fault::resolution_entry_incomplete);
    }
    std::int16_t name_length = 0;
    std::memcpy(&name_length, rest_.data() + name_length_offset(type), sizeof(name_length));
    if (name_length < 1 || name_length > static_cast<std::int16_t>(max_resolution_name_length)) {
        return stop(Fault::resolution_name_out_of_range);
    }
    const std::size_t length = padded_length(type, static_cast<std::size_t>(name_length));
    if (rest_.size() < length) {
        return stop(Fault::resolution_entry_incomplete);
    }

    ResolutionEntry entry{.type = type, .flags = header.flags, .port = header.port, .age_ms = header.age_ms};
    std::memcpy(entry.address.data(), rest_.data() + sizeof(header), address_length(type));
    entry.name = {reinterpret_cast<const char*>(rest_.data()) + name_offset(type),
                  static_cast<std::size_t>(name_length)};
    rest_ = rest_.subspan(length);
    return entry;
}

std::optional<ResolutionEntry> ResolutionReader::stop(const Fault fault) noexcept {
    fault_ = fault;
    rest_ = {};
    return std::nullopt;
}

bool ResolutionPacker::try_add(const ResolutionEntry& entry) noexcept {
    assert(!entry.name.empty() && entry.name.size() <= max_resolution_name_length);
    const std::size_t length = encoded_length(entry);
    if (length > buffer_.size() - length_) {
        return false;
    }
    write(entry, buffer_.subspan(length_, length));
    length_ += length;
    return true;
}

std::span<const std::byte> ResolutionPacker::frame() noexcept {
    const FrameHeader header{.frame_length = static_cast<std::int32_t>(length_),
                             .version = frame_version,
                             .flags = 0,
                             .type = static_cast<std::uint16_t>(FrameType::resolution)};
    std::memcpy(buffer_.data(), &header, sizeof(header));
    return buffer_.first(length_);
}

}  // namespace cpperon::wire
