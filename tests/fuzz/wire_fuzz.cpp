/// Fuzz target: datagrams as any host may send them. The first byte chooses the length of the term they are held
/// against, the rest is the datagram. Each verdict is compared with a second one that reads byte by byte and follows
/// the words of the specification; what decodes must survive being written and read again. spec: 04 §2, §3
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cpperon/wire/frames.hpp"
#include "cpperon/wire/resolution.hpp"
#include "cpperon/wire/validate.hpp"

namespace {

using namespace cpperon::wire;  // NOLINT(google-build-using-namespace): a program of its own

using Bytes = std::vector<std::byte>;

void require(const bool holds) {
    if (!holds) {
        std::abort();
    }
}

// ---- The second opinion ----

/// An unsigned little-endian number of `length` bytes.
std::uint64_t number_at(const Bytes& bytes, const std::size_t offset, const std::size_t length) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < length; ++i) {
        value |= std::to_integer<std::uint64_t>(bytes.at(offset + i)) << (8 * i);
    }
    return value;
}

std::int64_t i32_at(const Bytes& bytes, const std::size_t offset) {
    return static_cast<std::int32_t>(number_at(bytes, offset, 4));
}

/// spec: 04 §3.1
bool is_datagram(const Bytes& datagram) {
    static const std::array<std::size_t, 12> shortest{32, 32, 28, 36, 40, 40, 40, 22, 0, 0, 0, 20};
    if (datagram.size() < 8) {
        return false;
    }
    const std::int64_t frame_length = i32_at(datagram, 0);
    const std::uint64_t type = number_at(datagram, 6, 2);
    if (frame_length < 0 || datagram[4] != std::byte{0} || type >= shortest.size() || shortest[type] == 0 ||
        datagram.size() < shortest[type]) {
        return false;
    }
    return type < 2 ? datagram.size() % 32 == 0 : frame_length <= static_cast<std::int64_t>(datagram.size());
}

/// The bytes of log that a datagram covers; nothing if it is invalid. spec: 04 §3.4
std::optional<std::int64_t> data_length(const Bytes& datagram, const std::int64_t term_length) {
    const auto length = static_cast<std::int64_t>(datagram.size());
    const std::int64_t first = i32_at(datagram, 8);
    if (first < 0 || first >= term_length || first % 32 != 0) {
        return std::nullopt;
    }
    if (length == 32 && i32_at(datagram, 0) == 0) {
        return 0;
    }
    std::int64_t offset = 0;
    std::int64_t next = first;
    bool last_is_padding = false;
    while (offset <= length - 32) {
        const auto at = static_cast<std::size_t>(offset);
        const std::int64_t aligned = (i32_at(datagram, at) + 31) / 32 * 32;
        if (i32_at(datagram, at) < 32 || number_at(datagram, at + 6, 2) > 1 || i32_at(datagram, at + 8) != next ||
            next + aligned > term_length) {
            break;
        }
        last_is_padding = number_at(datagram, at + 6, 2) == 0;
        next += aligned;
        offset += aligned;
    }
    return offset == length || (offset > length && last_is_padding) ? std::optional{offset} : std::nullopt;
}

// ---- What is under test ----

template <typename Frame>
Bytes encoded(const Frame& frame) {
    Bytes bytes(ErrorFrame::max_length);
    bytes.resize(encode(frame, bytes));
    require(check_datagram(bytes) == Fault::none);
    return bytes;
}

void check_any_data(const Bytes& datagram, const std::int32_t term_length) {
    const DataExtent extent = check_data(datagram, term_length);
    const std::optional<std::int64_t> expected = data_length(datagram, term_length);
    require((extent.fault == Fault::none) == expected.has_value());
    require(extent.length == expected.value_or(0));
    require(extent.is_heartbeat == (expected == 0));
}

void check_error(const Bytes& datagram) {
    const std::optional<ErrorFrame> error = try_decode_error(datagram);
    const std::int64_t text_length = i32_at(datagram, 36);
    require(error.has_value() == (text_length >= 0 && text_length <= 1'023 && 40 + text_length <= i32_at(datagram, 0)));
    if (error) {
        const Bytes again = encoded(*error);
        require(try_decode_error(again) == error);
        require(std::ranges::equal(std::span{again}.subspan(40), std::span{datagram}.subspan(40, again.size() - 40)));
    }
}

void check_resolution(const Bytes& datagram) {
    ResolutionReader reader{datagram};
    Bytes buffer(datagram.size());
    ResolutionPacker packer{buffer};
    std::vector<ResolutionEntry> entries;
    while (const auto entry = reader.next()) {
        require(!entry->name.empty() && entry->name.size() <= max_resolution_name_length);
        require(packer.try_add(*entry));
        entries.push_back(*entry);
    }
    const auto frame = packer.frame();
    require(frame.size() % 8 == 0);
    require(reader.fault() != Fault::none || entries.empty() ||
            static_cast<std::int64_t>(frame.size()) == i32_at(datagram, 0));
    ResolutionReader again{frame};
    for (const ResolutionEntry& entry : entries) {
        require(again.next() == entry);
    }
    require(!again.next() && again.fault() == Fault::none);
}

void check_control(const Bytes& datagram, const std::int32_t term_length) {
    switch (static_cast<FrameType>(frame_header(datagram).type)) {
        case FrameType::nak: {
            const Nak nak = decode_nak(datagram);
            require(decode_nak(encoded(nak)) == nak);
            const std::int64_t offset = i32_at(datagram, 20);
            const std::int64_t length = i32_at(datagram, 24);
            require((check(nak, term_length) == Fault::none) ==
                    (offset >= 0 && offset < term_length && offset % 32 == 0 && length >= 0 &&
                     offset + length <= term_length));
            break;
        }
        case FrameType::status_message: {
            const StatusMessage status = decode_status_message(datagram);
            require(decode_status_message(encoded(status)) == status);
            require(status.group_tag.has_value() == (i32_at(datagram, 0) == 44));
            const std::int64_t offset = i32_at(datagram, 20);
            const std::int64_t window = i32_at(datagram, 24);
            require(
                (check(status, term_length) == Fault::none) ==
                (offset >= 0 && offset < term_length && offset % 32 == 0 && window >= 0 && window <= term_length / 2));
            break;
        }
        case FrameType::setup: {
            const Setup setup = decode_setup(datagram);
            require(decode_setup(encoded(setup)) == setup);
            if (check(setup) == Fault::none) {
                require(setup.term_offset < setup.term_length && setup.mtu_length <= 65'504);
            }
            break;
        }
        case FrameType::rtt_measurement: {
            const RttMeasurement measurement = decode_rtt_measurement(datagram);
            require(decode_rtt_measurement(encoded(measurement)) == measurement);
            break;
        }
        case FrameType::response_setup: {
            const ResponseSetup setup = decode_response_setup(datagram);
            require(decode_response_setup(encoded(setup)) == setup);
            break;
        }
        case FrameType::error: check_error(datagram); break;
        case FrameType::resolution: check_resolution(datagram); break;
        case FrameType::padding:
        case FrameType::data: check_any_data(datagram, term_length); break;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* const data, const std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::int32_t term_length = 65'536 << (data[0] % 15);
    // A copy of exactly that length, so that a byte read too many is seen.
    const std::span<const std::byte> tail = std::as_bytes(std::span{data, size}).subspan(1);
    const Bytes datagram(tail.begin(), tail.end());

    const Fault fault = check_datagram(datagram);
    require((fault == Fault::none) == is_datagram(datagram));
    require(!to_string(fault).empty());
    if (fault == Fault::none) {
        check_control(datagram, term_length);
    }
    return 0;
}
