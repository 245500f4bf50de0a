#include "cpperon/logbuffer/log_file.hpp"

#include <fmt/format.h>

#include "cpperon/base/error.hpp"

namespace cpperon::logbuffer {

namespace {

void check(const LogParams& params) {
    if (!is_valid_term_length(params.term_length)) {
        throw InvalidArgumentError(
            fmt::format("cannot make a log with terms of {} bytes: a power of two from {} to {} "
                        "is expected",
                        params.term_length, min_term_length, max_term_length));
    }
    if (!is_valid_page_size(params.page_size)) {
        throw InvalidArgumentError(
            fmt::format("cannot make a log with pages of {} bytes: a power of two from 4096 to "
                        "1073741824 is expected",
                        params.page_size));
    }
    if (!is_valid_mtu_length(params.mtu_length)) {
        throw InvalidArgumentError(
            fmt::format("cannot make a log with an MTU of {}: a multiple of 32 from 64 to {} is "
                        "expected",
                        params.mtu_length, max_mtu_length));
    }
    if (!params.start) {
        return;
    }
    if (params.type == LogType::image) {
        throw InvalidArgumentError("cannot give an image a start position: its positions come from counters");
    }
    if (term_count_of(params.start->term_id, params.initial_term_id) < 0) {
        throw InvalidArgumentError(
            fmt::format("cannot start a stream at term id {}: it lies before the initial term "
                        "id {}",
                        params.start->term_id, params.initial_term_id));
    }
    if (params.start->term_offset < 0 || params.start->term_offset > params.term_length ||
        params.start->term_offset % frame_alignment != 0) {
        throw InvalidArgumentError(
            fmt::format("cannot start a stream at term offset {}: a multiple of 32 from 0 to the "
                        "term length {} is expected",
                        params.start->term_offset, params.term_length));
    }
}

/// The term in use, and in each other partition the id it would need three terms before its next use. spec: 03 §3.2
void initialise_tails(LogMetadata& metadata, const LogParams& params) noexcept {
    const StartPosition start = params.start.value_or(StartPosition{params.initial_term_id, 0});
    const std::int32_t term_count = term_count_of(start.term_id, params.initial_term_id);
    const auto tail_at = [&](const std::int32_t ahead) -> std::int64_t& {
        return metadata.raw_tails[static_cast<std::size_t>(index_of_term_count(add_to_term_id(term_count, ahead)))];
    };
    tail_at(0) = pack_tail(start.term_id, start.term_offset);
    tail_at(1) = pack_tail(add_to_term_id(start.term_id, -2), 0);
    tail_at(2) = pack_tail(add_to_term_id(start.term_id, -1), 0);
    metadata.active_term_count = term_count;
}

std::uint8_t flag(const bool value) noexcept {
    return value ? 1 : 0;
}

}  // namespace

std::int64_t start_position_of(const LogParams& params) noexcept {
    if (!params.start) {
        return 0;
    }
    return position_of(params.start->term_id, params.start->term_offset, position_bits_to_shift(params.term_length),
                       params.initial_term_id);
}

void initialise_log(const std::span<std::byte> bytes, const LogParams& params) {
    check(params);
    if (static_cast<std::int64_t>(bytes.size()) != log_length(params.term_length, params.page_size)) {
        throw InvalidArgumentError(fmt::format("cannot make a log of {} bytes: {} are expected", bytes.size(),
                                               log_length(params.term_length, params.page_size)));
    }
    // Plain stores: the log is announced, with release, only after this.
    auto& metadata = *static_cast<LogMetadata*>(static_cast<void*>(bytes.data() + (bytes.size() - metadata_length)));
    if (params.type != LogType::image) {
        initialise_tails(metadata, params);
    }
    metadata.end_of_stream_position = unknown_position;
    metadata.correlation_id = params.correlation_id;
    metadata.initial_term_id = params.initial_term_id;
    metadata.default_frame_header_length = frame_header_length;
    metadata.mtu_length = params.mtu_length;
    metadata.term_length = params.term_length;
    metadata.page_size = params.page_size;
    metadata.publication_window_length = params.publication_window_length;
    metadata.receiver_window_length = params.receiver_window_length;
    metadata.socket_send_buffer_length = params.socket_send_buffer_length;
    metadata.os_default_socket_send_buffer_length = params.os_default_socket_send_buffer_length;
    metadata.os_max_socket_send_buffer_length = params.os_max_socket_send_buffer_length;
    metadata.socket_receive_buffer_length = params.socket_receive_buffer_length;
    metadata.os_default_socket_receive_buffer_length = params.os_default_socket_receive_buffer_length;
    metadata.os_max_socket_receive_buffer_length = params.os_max_socket_receive_buffer_length;
    metadata.max_resend = params.max_resend;
    metadata.default_header = {.flags = frame_flag::unfragmented,
                               .type = data_type,
                               .session_id = params.session_id,
                               .stream_id = params.stream_id,
                               .term_id = params.initial_term_id};
    metadata.entity_tag = params.entity_tag;
    metadata.response_correlation_id = params.response_correlation_id;
    metadata.linger_timeout_ns = params.linger_timeout_ns;
    metadata.untethered_window_limit_timeout_ns = params.untethered_window_limit_timeout_ns;
    metadata.untethered_resting_timeout_ns = params.untethered_resting_timeout_ns;
    metadata.set_untethered_linger_timeout_ns(params.untethered_linger_timeout_ns);
    metadata.group = flag(params.group);
    metadata.is_response = flag(params.is_response);
    metadata.rejoin = flag(params.rejoin);
    metadata.reliable = flag(params.reliable);
    metadata.sparse = flag(params.sparse);
    metadata.signal_eos = flag(params.signal_eos);
    metadata.spies_simulate_connection = flag(params.spies_simulate_connection);
    metadata.tether = flag(params.tether);
    metadata.type = static_cast<std::uint8_t>(params.type);
}

LogFile LogFile::create(const std::string& path, const LogParams& params) {
    check(params);
    MappedFile file = MappedFile::create(path, log_length(params.term_length, params.page_size),
                                         params.sparse ? Allocation::sparse : Allocation::reserved);
    initialise_log(file.bytes(), params);
    const LogView view = LogView::attach(file.bytes(), path).value_or_throw();
    return {std::move(file), view};
}

LogFile LogFile::open(const std::string& path, const bool pre_touch) {
    MappedFile file = MappedFile::open(path, Access::read_write, pre_touch);
    const LogView view = LogView::attach(file.bytes(), path).value_or_throw();
    return {std::move(file), view};
}

}  // namespace cpperon::logbuffer
