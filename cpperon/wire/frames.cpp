#include "cpperon/wire/frames.hpp"

#include <cassert>
#include <concepts>
#include <tuple>
#include <type_traits>
#include <utility>

namespace cpperon::wire {

namespace {

// The fields of each frame, in the order in which they lie behind the common header. No frame has holes, so that these
// lists say where each field is; reading, writing and measuring all follow them.

template <typename T, typename Frame>
concept Is = std::same_as<std::remove_const_t<T>, Frame>;

constexpr auto fields_of(Is<Nak> auto& nak) noexcept {
    return std::tie(nak.session_id, nak.stream_id, nak.term_id, nak.term_offset, nak.gap_length);
}

/// Without the group tag, which some lack.
constexpr auto fields_of(Is<StatusMessage> auto& status) noexcept {
    return std::tie(status.session_id, status.stream_id, status.consumption_term_id, status.consumption_term_offset,
                    status.receiver_window, status.receiver_id);
}

constexpr auto fields_of(Is<Setup> auto& setup) noexcept {
    return std::tie(setup.term_offset, setup.session_id, setup.stream_id, setup.initial_term_id, setup.active_term_id,
                    setup.term_length, setup.mtu_length, setup.ttl);
}

constexpr auto fields_of(Is<RttMeasurement> auto& measurement) noexcept {
    return std::tie(measurement.session_id, measurement.stream_id, measurement.echo_timestamp_ns,
                    measurement.reception_delta_ns, measurement.receiver_id);
}

constexpr auto fields_of(Is<ResponseSetup> auto& setup) noexcept {
    return std::tie(setup.session_id, setup.stream_id, setup.response_session_id);
}

/// What an error frame holds before its text: the tag is always there, a flag says whether it means something.
struct ErrorFields {
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int64_t receiver_id = 0;
    std::int64_t group_tag = 0;
    std::int32_t error_code = 0;
    std::int32_t text_length = 0;
};

constexpr auto fields_of(Is<ErrorFields> auto& error) noexcept {
    return std::tie(error.session_id, error.stream_id, error.receiver_id, error.group_tag, error.error_code,
                    error.text_length);
}

template <typename Frame>
[[nodiscard]] consteval std::size_t length_of() noexcept {
    Frame frame;
    return std::apply([](const auto&... field) { return frame_header_length + (sizeof(field) + ...); },
                      fields_of(frame));
}
static_assert(length_of<Nak>() == Nak::length && sizeof(NakHeader) == Nak::length);
static_assert(length_of<StatusMessage>() == StatusMessage::length &&
              sizeof(StatusMessageHeader) == StatusMessage::length);
static_assert(StatusMessage::length + sizeof(std::int64_t) == StatusMessage::length_with_group_tag);
static_assert(length_of<ErrorFields>() == ErrorFrame::header_length &&
              sizeof(ErrorHeader) == ErrorFrame::header_length);
static_assert(length_of<Setup>() == Setup::length && sizeof(SetupHeader) == Setup::length);
static_assert(length_of<RttMeasurement>() == RttMeasurement::length &&
              sizeof(RttMeasurementHeader) == RttMeasurement::length);
static_assert(length_of<ResponseSetup>() == ResponseSetup::length &&
              sizeof(ResponseSetupHeader) == ResponseSetup::length);

template <typename Frame>
[[nodiscard]] Frame read(const std::span<const std::byte> datagram) noexcept {
    assert(datagram.size() >= length_of<Frame>());
    Frame frame;
    const std::byte* from = datagram.data() + frame_header_length;
    std::apply([&](auto&... field) { ((std::memcpy(&field, from, sizeof(field)), from += sizeof(field)), ...); },
               fields_of(frame));
    return frame;
}

struct TypeAndFlags {
    FrameType type;
    std::uint8_t flags = 0;
};

/// `length`: of the whole frame, which may go on behind the fields.
template <typename Frame>
std::size_t write(const Frame& frame, const TypeAndFlags kind, const std::size_t length,
                  const std::span<std::byte> out) noexcept {
    assert(out.size() >= length);
    const FrameHeader header{.frame_length = static_cast<std::int32_t>(length),
                             .version = frame_version,
                             .flags = kind.flags,
                             .type = static_cast<std::uint16_t>(kind.type)};
    std::memcpy(out.data(), &header, sizeof(header));
    std::byte* to = out.data() + frame_header_length;
    std::apply([&](const auto&... field) { ((std::memcpy(to, &field, sizeof(field)), to += sizeof(field)), ...); },
               fields_of(frame));
    return length;
}

}  // namespace

Nak decode_nak(const std::span<const std::byte> datagram) noexcept {
    return read<Nak>(datagram);
}

StatusMessage decode_status_message(const std::span<const std::byte> datagram) noexcept {
    auto status = read<StatusMessage>(datagram);
    const FrameHeader header = frame_header(datagram);
    status.flags = header.flags;
    if (header.frame_length == static_cast<std::int32_t>(StatusMessage::length_with_group_tag)) {
        std::int64_t group_tag = 0;
        std::memcpy(&group_tag, datagram.data() + StatusMessage::length, sizeof(group_tag));
        status.group_tag = group_tag;
    }
    return status;
}

Setup decode_setup(const std::span<const std::byte> datagram) noexcept {
    auto setup = read<Setup>(datagram);
    setup.flags = frame_header(datagram).flags;
    return setup;
}

RttMeasurement decode_rtt_measurement(const std::span<const std::byte> datagram) noexcept {
    auto measurement = read<RttMeasurement>(datagram);
    measurement.flags = frame_header(datagram).flags;
    return measurement;
}

ResponseSetup decode_response_setup(const std::span<const std::byte> datagram) noexcept {
    return read<ResponseSetup>(datagram);
}

std::optional<ErrorFrame> try_decode_error(const std::span<const std::byte> datagram) noexcept {
    const auto fields = read<ErrorFields>(datagram);
    const FrameHeader header = frame_header(datagram);
    constexpr auto text_offset = static_cast<std::int32_t>(ErrorFrame::header_length);
    if (fields.text_length < 0 || fields.text_length > max_error_text_length ||
        fields.text_length > header.frame_length - text_offset) {
        return std::nullopt;
    }
    ErrorFrame error{.session_id = fields.session_id,
                     .stream_id = fields.stream_id,
                     .receiver_id = fields.receiver_id,
                     .error_code = fields.error_code};
    if ((header.flags & error_flag::has_group_tag) != 0) {
        error.group_tag = fields.group_tag;
    }
    const auto text = datagram.subspan(ErrorFrame::header_length, static_cast<std::size_t>(fields.text_length));
    error.text = {reinterpret_cast<const char*>(text.data()), text.size()};
    return error;
}

std::size_t encode(const Nak& nak, const std::span<std::byte> out) noexcept {
    return write(nak, {FrameType::nak}, Nak::length, out);
}

std::size_t encode(const StatusMessage& status, const std::span<std::byte> out) noexcept {
    const TypeAndFlags kind{FrameType::status_message, status.flags};
    if (!status.group_tag) {
        return write(status, kind, StatusMessage::length, out);
    }
    write(status, kind, StatusMessage::length_with_group_tag, out);
    std::memcpy(out.data() + StatusMessage::length, &*status.group_tag, sizeof(*status.group_tag));
    return StatusMessage::length_with_group_tag;
}

std::size_t encode(const ErrorFrame& error, const std::span<std::byte> out) noexcept {
    assert(error.text.size() <= static_cast<std::size_t>(max_error_text_length));
    const std::uint8_t flags = error.group_tag ? error_flag::has_group_tag : std::uint8_t{0};
    // Without the flag it means nothing, but a Java driver tells its clients what stands there. -1 as the C driver.
    constexpr std::int64_t no_group_tag = -1;
    const ErrorFields fields{.session_id = error.session_id,
                             .stream_id = error.stream_id,
                             .receiver_id = error.receiver_id,
                             .group_tag = error.group_tag.value_or(no_group_tag),
                             .error_code = error.error_code,
                             .text_length = static_cast<std::int32_t>(error.text.size())};
    const std::size_t length =
        write(fields, {FrameType::error, flags}, ErrorFrame::header_length + error.text.size(), out);
    if (!error.text.empty()) {
        std::memcpy(out.data() + ErrorFrame::header_length, error.text.data(), error.text.size());
    }
    return length;
}

std::size_t encode(const Setup& setup, const std::span<std::byte> out) noexcept {
    return write(setup, {FrameType::setup, setup.flags}, Setup::length, out);
}

std::size_t encode(const RttMeasurement& measurement, const std::span<std::byte> out) noexcept {
    return write(measurement, {FrameType::rtt_measurement, measurement.flags}, RttMeasurement::length, out);
}

std::size_t encode(const ResponseSetup& setup, const std::span<std::byte> out) noexcept {
    return write(setup, {FrameType::response_setup}, ResponseSetup::length, out);
}

std::size_t encode(const Heartbeat& heartbeat, const std::span<std::byte> out) noexcept {
    static_assert(sizeof(logbuffer::DataHeader) == Heartbeat::length);
    assert(out.size() >= Heartbeat::length);
    const logbuffer::DataHeader header{.frame_length = 0,
                                       .version = frame_version,
                                       .flags = heartbeat.flags,
                                       .type = logbuffer::data_type,
                                       .term_offset = heartbeat.term_offset,
                                       .session_id = heartbeat.session_id,
                                       .stream_id = heartbeat.stream_id,
                                       .term_id = heartbeat.term_id,
                                       .reserved_value = 0};
    std::memcpy(out.data(), &header, sizeof(header));
    return Heartbeat::length;
}

}  // namespace cpperon::wire
