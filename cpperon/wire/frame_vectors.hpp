/// The frames that spec 04 §2 prints byte by byte, each with the values it stands for. For tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "cpperon/wire/frames.hpp"
#include "cpperon/wire/resolution.hpp"
#include "tests/support/hex.hpp"

namespace cpperon::wire::test {

using Bytes = std::vector<std::byte>;

inline constexpr std::int32_t session_id = 0x11223344;
inline constexpr std::int32_t stream_id = 1'001;
inline constexpr std::int32_t term_id = -7;
inline constexpr std::int64_t receiver_id = 0x0A0B0C0D0E0F1011;
inline constexpr std::int64_t group_tag = 123;

/// A frame as the specification prints it.
template <typename Frame>
struct Vector {
    std::string_view name;
    Frame frame;
    std::string_view hex;

    [[nodiscard]] Bytes bytes() const { return cpperon::test::from_hex(hex); }
    friend std::ostream& operator<<(std::ostream& out, const Vector& vector) { return out << vector.name; }
};

/// Names the instances of a test over vectors.
inline constexpr auto name_of = [](const auto& instance) { return std::string{instance.param.name}; };

inline const Vector<Nak> nak_vector{
    "Nak",
    {.session_id = session_id, .stream_id = stream_id, .term_id = term_id, .term_offset = 4'096, .gap_length = 1'408},
    "1c 00 00 00 00 00 02 00 44 33 22 11 e9 03 00 00"
    "f9 ff ff ff 00 10 00 00 80 05 00 00"};

/// Position -7/4096, window 131072.
inline const StatusMessage plain_status{.session_id = session_id,
                                        .stream_id = stream_id,
                                        .consumption_term_id = term_id,
                                        .consumption_term_offset = 4'096,
                                        .receiver_window = 131'072,
                                        .receiver_id = receiver_id};

inline StatusMessage with_flags(StatusMessage status, const std::uint8_t flags) {
    status.flags = flags;
    return status;
}

inline StatusMessage with_group_tag(StatusMessage status) {
    status.group_tag = group_tag;
    return status;
}

inline const std::vector<Vector<StatusMessage>> status_vectors{
    {"Plain", plain_status,
     "24 00 00 00 00 00 03 00 44 33 22 11 e9 03 00 00"
     "f9 ff ff ff 00 10 00 00 00 00 02 00 11 10 0f 0e"
     "0d 0c 0b 0a"},
    {"WithGroupTag", with_group_tag(plain_status),
     "2c 00 00 00 00 00 03 00 44 33 22 11 e9 03 00 00"
     "f9 ff ff ff 00 10 00 00 00 00 02 00 11 10 0f 0e"
     "0d 0c 0b 0a 7b 00 00 00 00 00 00 00"},
    {"EndOfStream", with_flags(plain_status, status_flag::end_of_stream),
     "24 00 00 00 00 40 03 00 44 33 22 11 e9 03 00 00"
     "f9 ff ff ff 00 10 00 00 00 00 02 00 11 10 0f 0e"
     "0d 0c 0b 0a"},
    {"SetupEliciting",
     {.flags = status_flag::send_setup, .session_id = session_id, .stream_id = stream_id, .receiver_id = receiver_id},
     "24 00 00 00 00 80 03 00 44 33 22 11 e9 03 00 00"
     "00 00 00 00 00 00 00 00 00 00 00 00 11 10 0f 0e"
     "0d 0c 0b 0a"},
};

inline const Vector<ErrorFrame> error_vector{"Error",
                                             {.session_id = session_id,
                                              .stream_id = stream_id,
                                              .receiver_id = receiver_id,
                                              .group_tag = group_tag,
                                              .error_code = 13,
                                              .text = "rejected"},
                                             "30 00 00 00 00 08 04 00 44 33 22 11 e9 03 00 00"
                                             "11 10 0f 0e 0d 0c 0b 0a 7b 00 00 00 00 00 00 00"
                                             "0d 00 00 00 08 00 00 00 72 65 6a 65 63 74 65 64"};

inline Setup setup_of(const std::uint8_t flags, const std::int32_t ttl) {
    return {.flags = flags,
            .term_offset = 4'096,
            .session_id = session_id,
            .stream_id = stream_id,
            .initial_term_id = term_id,
            .active_term_id = term_id,
            .term_length = 16 * 1024 * 1024,
            .mtu_length = 1'408,
            .ttl = ttl};
}

inline const std::vector<Vector<Setup>> setup_vectors{
    {"Plain", setup_of(0, 0),
     "28 00 00 00 00 00 05 00 00 10 00 00 44 33 22 11"
     "e9 03 00 00 f9 ff ff ff f9 ff ff ff 00 00 00 01"
     "80 05 00 00 00 00 00 00"},
    {"Multicast", setup_of(setup_flag::group, 4),
     "28 00 00 00 00 40 05 00 00 10 00 00 44 33 22 11"
     "e9 03 00 00 f9 ff ff ff f9 ff ff ff 00 00 00 01"
     "80 05 00 00 04 00 00 00"},
    {"ResponseRequested", setup_of(setup_flag::send_response, 0),
     "28 00 00 00 00 80 05 00 00 10 00 00 44 33 22 11"
     "e9 03 00 00 f9 ff ff ff f9 ff ff ff 00 00 00 01"
     "80 05 00 00 00 00 00 00"},
};

inline RttMeasurement measurement_of(const std::uint8_t flags) {
    return {.flags = flags,
            .session_id = session_id,
            .stream_id = stream_id,
            .echo_timestamp_ns = 1'000'000'000,
            .reception_delta_ns = 0,
            .receiver_id = receiver_id};
}

inline const std::vector<Vector<RttMeasurement>> rtt_vectors{
    {"Request", measurement_of(rtt_flag::reply_requested),
     "28 00 00 00 00 80 06 00 44 33 22 11 e9 03 00 00"
     "00 ca 9a 3b 00 00 00 00 00 00 00 00 00 00 00 00"
     "11 10 0f 0e 0d 0c 0b 0a"},
    {"Answer", measurement_of(0),
     "28 00 00 00 00 00 06 00 44 33 22 11 e9 03 00 00"
     "00 ca 9a 3b 00 00 00 00 00 00 00 00 00 00 00 00"
     "11 10 0f 0e 0d 0c 0b 0a"},
};

inline const Vector<ResponseSetup> response_setup_vector{
    "ResponseSetup",
    {.session_id = session_id, .stream_id = stream_id, .response_session_id = 0x55667788},
    "14 00 00 00 00 00 0b 00 44 33 22 11 e9 03 00 00"
    "88 77 66 55"};

inline Heartbeat heartbeat_of(const std::uint8_t flags) {
    return {.flags = flags, .term_offset = 4'096, .session_id = session_id, .stream_id = stream_id, .term_id = term_id};
}

inline const std::vector<Vector<Heartbeat>> heartbeat_vectors{
    {"Normal", heartbeat_of(0xC0),
     "00 00 00 00 00 c0 01 00 00 10 00 00 44 33 22 11"
     "e9 03 00 00 f9 ff ff ff 00 00 00 00 00 00 00 00"},
    {"EndOfStream", heartbeat_of(0xE0),
     "00 00 00 00 00 e0 01 00 00 10 00 00 44 33 22 11"
     "e9 03 00 00 f9 ff ff ff 00 00 00 00 00 00 00 00"},
    {"Revoked", heartbeat_of(0xF0),
     "00 00 00 00 00 f0 01 00 00 10 00 00 44 33 22 11"
     "e9 03 00 00 f9 ff ff ff 00 00 00 00 00 00 00 00"},
};

/// `hello` at offset 4096, reserved value 0x0102030405060708.
inline constexpr std::string_view data_hex =
    "25 00 00 00 00 c0 01 00 00 10 00 00 44 33 22 11"
    "e9 03 00 00 f9 ff ff ff 08 07 06 05 04 03 02 01"
    "68 65 6c 6c 6f 00 00 00 00 00 00 00 00 00 00 00"
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00";
/// 192 bytes of padding at offset 65344.
inline constexpr std::string_view padding_hex =
    "c0 00 00 00 00 c0 00 00 40 ff 00 00 44 33 22 11"
    "e9 03 00 00 f9 ff ff ff 00 00 00 00 00 00 00 00";

inline const std::vector<Vector<ResolutionEntry>> resolution_vectors{
    {"Ipv4Self",
     {.type = ResolutionType::ipv4,
      .flags = resolution_flag::self,
      .port = 8'050,
      .age_ms = 0,
      .address = {10, 1, 2, 3},
      .name = "driver-A"},
     "20 00 00 00 00 00 07 00 01 80 72 1f 00 00 00 00"
     "0a 01 02 03 08 00 64 72 69 76 65 72 2d 41 00 00"},
    {"Ipv6",
     {.type = ResolutionType::ipv6,
      .flags = 0,
      .port = 8'050,
      .age_ms = 1'500,
      .address = {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
      .name = "drv-B"},
     "28 00 00 00 00 00 07 00 02 00 72 1f dc 05 00 00"
     "fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01"
     "05 00 64 72 76 2d 42 00"},
};

/// The bytes of any frame but those of name resolution.
template <typename Frame>
[[nodiscard]] Bytes encoded(const Frame& frame) {
    Bytes bytes(ErrorFrame::max_length, std::byte{0xEE});
    bytes.resize(encode(frame, bytes));
    return bytes;
}

/// A frame with these entries.
[[nodiscard]] inline Bytes encoded(const std::vector<ResolutionEntry>& entries) {
    Bytes bytes(65'504, std::byte{0xEE});
    ResolutionPacker packer{bytes};
    for (const ResolutionEntry& entry : entries) {
        packer.try_add(entry);
    }
    bytes.resize(packer.frame().size());
    return bytes;
}

}  // namespace cpperon::wire::test
