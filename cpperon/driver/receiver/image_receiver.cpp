#include "cpperon/driver/receiver/image_receiver.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/atomic_byte.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/driver/receiver/receive_endpoint.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/logbuffer/frame.hpp"
#include "cpperon/logbuffer/position.hpp"
#include "cpperon/logbuffer/term_rebuilder.hpp"

namespace cpperon::driver {

namespace {

using logbuffer::DataHeader;

// Deadlines.
constexpr std::int64_t at_once = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// An answer that claims to have been under way for longer tells nothing. Bounds what a peer can make of the time-out.
constexpr std::int64_t max_rtt_ns = 10'000'000'000;

constexpr std::int64_t rtt_timeout_of(const std::int64_t rtt_ns) noexcept {
    return 4 * rtt_ns;
}

}  // namespace

ImageReceiver::ImageReceiver(const ImageReceiverSpec& spec, ReceiverContext& context)
    : endpoint_(spec.endpoint),
      status_deadline_ns_(at_once),
      rtt_deadline_ns_(spec.measures_rtt ? at_once : never),
      spec_(spec),
      context_(context),
      last_status_position_(spec.join_position),
      overrun_threshold_(spec.join_position + spec.log.term_length() / 2),
      high_water_mark_(spec.join_position),
      scheduled_status_{.position = spec.join_position, .window_length = spec.max_window_length},
      rtt_timeout_ns_(rtt_timeout_of(spec.initial_rtt_ns)) {
    connections_.on_frame({.destination = *spec.destination, .source = spec.source, .now_ns = spec.now_ns});
    // relaxed: the image is handed over through a queue.
    signals_.time_of_last_packet_ns.store(spec.now_ns, std::memory_order_relaxed);
}

// What arrives.

wire::Fault ImageReceiver::insert(const std::span<const std::byte> datagram, const Arrival& arrival) {
    DataHeader header;
    std::memcpy(&header, datagram.data(), sizeof header);
    const std::int32_t term_count = logbuffer::term_count_of(header.term_id, spec_.log.initial_term_id());
    if (term_count < 0 || reason_of_rejection_) {
        return wire::Fault::none;
    }
    const wire::DataExtent extent = wire::check_data(datagram, spec_.log.term_length());
    if (extent.fault != wire::Fault::none) {
        return extent.fault;
    }
    const std::int64_t position =
        logbuffer::begin_position_of_term(term_count, spec_.log.position_bits_to_shift()) + header.term_offset;
    if (position + extent.length > overrun_threshold_) {
        context_.system_counters.increment(SystemCounter::flow_control_over_runs);
    } else if (extent.is_heartbeat) {
        on_heartbeat(header.flags, position, arrival);
    } else {
        insert_data(datagram, position, extent.length);
    }
    return wire::Fault::none;
}

void ImageReceiver::insert_data(const std::span<const std::byte> datagram, const std::int64_t position,
                                const std::int32_t length) {
    const std::int64_t end_position = position + length;
    if (position < last_status_position_) {
        context_.system_counters.increment(SystemCounter::flow_control_under_runs);
        has_connection_arrival_ |= end_position >= last_status_position_ - spec_.max_window_length;
        return;
    }
    has_connection_arrival_ = true;
    has_new_packet_ = true;
    const logbuffer::LogView& log = spec_.log;
    logbuffer::insert_packet(log.term(logbuffer::index_of_position(position, log.position_bits_to_shift())),
                             logbuffer::term_offset_of_position(position, log.term_length()), datagram);
    high_water_mark_ = std::max(high_water_mark_, end_position);
}

void ImageReceiver::on_heartbeat(const std::uint8_t flags, const std::int64_t position, const Arrival& arrival) {
    if (position < std::max<std::int64_t>(0, last_status_position_ - spec_.log.term_length())) {
        context_.system_counters.increment(SystemCounter::flow_control_under_runs);
        return;
    }
    context_.system_counters.increment(SystemCounter::heartbeats_received);
    has_connection_arrival_ = true;
    has_new_packet_ = true;
    high_water_mark_ = std::max(high_water_mark_, position);
    if ((flags & logbuffer::frame_flag::end_of_stream) != 0 && !has_ended_) {
        on_end_of_stream((flags & logbuffer::frame_flag::revoked) != 0, position, arrival);
    }
}

void ImageReceiver::on_end_of_stream(const bool is_revoked, const std::int64_t position, const Arrival& arrival) {
    // The conductor takes an image for complete that has ended and is rebuilt up to the high water mark: it must see
    // the mark before the end.
    publish_arrivals(arrival);
    connections_.on_end_of_stream(arrival, position);
    const std::optional<std::int64_t> end_position = connections_.end_of_stream_position();
    if (!end_position) {
        return;
    }
    logbuffer::LogMetadata& metadata = spec_.log.metadata();
    if (is_revoked) {
        is_revoked_ = true;
        // release [publication-revoked] -> conductor, clients
        store_release(metadata.is_publication_revoked, std::uint8_t{1});
        context_.system_counters.increment(SystemCounter::publication_images_revoked);
        if (context_.event_log != nullptr) {
            context_.event_log->on_event(EventId::publication_image_revoke,
                                         RevokeDetails{.position = *end_position,
                                                       .session_id = static_cast<std::int32_t>(spec_.session_id),
                                                       .stream_id = spec_.stream_id,
                                                       .channel = endpoint_->channel()});
        }
    }
    // release [end-of-stream] -> conductor, clients: a stream known to be revoked when its end is known.
    store_release(metadata.end_of_stream_position, *end_position);
    has_ended_ = true;
    // release [image-signal] -> conductor: the high water mark and the end position are there.
    signals_.is_end_of_stream.store(true, std::memory_order_release);
}

void ImageReceiver::publish_arrivals(const Arrival& arrival) {
    if (std::exchange(has_connection_arrival_, false)) {
        connections_.on_frame(arrival);
    }
    if (std::exchange(has_new_packet_, false)) {
        // release [image-signal] -> conductor
        signals_.time_of_last_packet_ns.store(arrival.now_ns, std::memory_order_release);
        // release [counter-value] -> conductor: the gap scan finds every frame below it that was inserted.
        spec_.high_water_mark.propose_max_release(high_water_mark_);
    }
}

void ImageReceiver::on_rtt_answer(const wire::RttMeasurement& answer, const std::int64_t now_ns) noexcept {
    const bool is_plausible = answer.echo_timestamp_ns <= now_ns && answer.echo_timestamp_ns >= now_ns - max_rtt_ns &&
                              answer.reception_delta_ns >= 0 &&
                              answer.reception_delta_ns <= now_ns - answer.echo_timestamp_ns;
    if (!spec_.measures_rtt || !is_plausible) {
        return;
    }
    const std::int64_t rtt_ns = now_ns - answer.echo_timestamp_ns - answer.reception_delta_ns;
    const std::int64_t timeout_ns = rtt_timeout_of(std::max(rtt_ns, spec_.initial_rtt_ns));
    rtt_deadline_ns_ += timeout_ns - std::exchange(rtt_timeout_ns_, timeout_ns);
    // release [image-signal] -> conductor. 0 would mean that nothing was measured.
    signals_.rtt_ns.store(std::max<std::int64_t>(1, rtt_ns), std::memory_order_release);
}

// What the conductor wants.

void ImageReceiver::detach() noexcept {
    endpoint_ = nullptr;
    connections_.remove_all();
}

void ImageReceiver::reject(std::string reason) {
    reason.resize(std::min<std::size_t>(reason.size(), wire::max_error_text_length));
    reason_of_rejection_ = std::make_unique<const std::string>(std::move(reason));
}

int ImageReceiver::do_work(const std::int64_t now_ns) {
    if (endpoint_ == nullptr) {
        return 0;
    }
    return send_status(now_ns) + act_on_gap(now_ns) + measure_rtt(now_ns);
}

// Status. spec: 04 §9.6

int ImageReceiver::send_status(const std::int64_t now_ns) {
    if (!sends_status_messages_) {
        return 0;
    }
    // relaxed: a look that saves the exchange in almost every cycle.
    // acquire [image-signal] <- conductor: the response session is there.
    if (signals_.is_status_due.load(std::memory_order_relaxed) &&
        signals_.is_status_due.exchange(false, std::memory_order_acquire)) {
        status_deadline_ns_ = now_ns - 1;
    }
    const bool is_due = now_ns > status_deadline_ns_;
    if (reason_of_rejection_) {
        return is_due ? send_error(now_ns) : 0;
    }
    const std::optional<ScheduledStatus> newer = signals_.status.try_load_newer();
    if (newer) {
        scheduled_status_ = *newer;
    }
    if (is_due) {
        send_response_setup(now_ns);
    }
    if (!is_due && !newer) {
        return 0;
    }
    send_status_message(now_ns);
    return 1;
}

int ImageReceiver::send_error(const std::int64_t now_ns) {
    const wire::ErrorFrame error{.session_id = static_cast<std::int32_t>(spec_.session_id),
                                 .stream_id = spec_.stream_id,
                                 .receiver_id = endpoint_->receiver_id(),
                                 .group_tag = endpoint_->group_tag(),
                                 .error_code = static_cast<std::int32_t>(ErrorCode::image_rejected),
                                 .text = *reason_of_rejection_};
    std::array<std::byte, wire::ErrorFrame::max_length> buffer;
    const std::span<const std::byte> bytes = std::span{buffer}.first(wire::encode(error, buffer));
    // All connections: since nothing is inserted any longer, none looks alive.
    connections_.for_each([&](ReceiveDestination& destination, const net::SocketAddress& address) {
        if (endpoint_->send(destination, bytes, address)) {
            context_.system_counters.increment(SystemCounter::error_frames_sent);
        }
    });
    status_deadline_ns_ = now_ns + context_.settings.status_message_timeout_ns;
    return 1;
}

void ImageReceiver::send_response_setup(const std::int64_t now_ns) {
    // acquire [image-signal] <- conductor
    const std::int64_t response_session_id = signals_.response_session_id.load(std::memory_order_acquire);
    if (response_session_id == ImageSignals::no_response_session) {
        return;
    }
    send_on_live_connections(wire::ResponseSetup{.session_id = static_cast<std::int32_t>(spec_.session_id),
                                                 .stream_id = spec_.stream_id,
                                                 .response_session_id = static_cast<std::int32_t>(response_session_id)},
                             now_ns);
}

void ImageReceiver::send_status_message(const std::int64_t now_ns) {
    const logbuffer::LogView& log = spec_.log;
    const std::int64_t position = scheduled_status_.position;
    // acquire [image-signal] <- conductor
    const bool is_leaving = signals_.is_leaving.load(std::memory_order_acquire);
    const std::int64_t sent = send_on_live_connections(
        wire::StatusMessage{.flags = is_leaving ? wire::status_flag::end_of_stream : std::uint8_t{0},
                            .session_id = static_cast<std::int32_t>(spec_.session_id),
                            .stream_id = spec_.stream_id,
                            .consumption_term_id = logbuffer::term_id_of_position(
                                position, log.position_bits_to_shift(), log.initial_term_id()),
                            .consumption_term_offset = logbuffer::term_offset_of_position(position, log.term_length()),
                            .receiver_window = static_cast<std::int32_t>(scheduled_status_.window_length),
                            .receiver_id = endpoint_->receiver_id(),
                            .group_tag = endpoint_->group_tag()},
        now_ns);
    context_.system_counters.add(SystemCounter::status_messages_sent, sent);
    last_status_position_ = position;
    overrun_threshold_ = position + log.term_length() / 2;
    status_deadline_ns_ = now_ns + context_.settings.status_message_timeout_ns;
    // release [active-transports] -> clients
    store_release(log.metadata().active_transport_count,
                  connections_.count_active(now_ns, context_.settings.image_liveness_timeout_ns));
}

// Loss. spec: 04 §9.5

int ImageReceiver::act_on_gap(const std::int64_t now_ns) {
    const std::optional<ReportedGap> gap = signals_.gap.try_load_newer();
    if (!gap || is_revoked_) {
        return 0;
    }
    if (spec_.is_reliable) {
        send_nak(*gap, now_ns);
    } else {
        fill_gap(*gap);
    }
    return 1;
}

void ImageReceiver::send_nak(const ReportedGap& gap, const std::int64_t now_ns) {
    const std::int64_t sent =
        send_on_live_connections(wire::Nak{.session_id = static_cast<std::int32_t>(spec_.session_id),
                                           .stream_id = spec_.stream_id,
                                           .term_id = gap.term_id,
                                           .term_offset = gap.term_offset,
                                           .gap_length = static_cast<std::int32_t>(gap.length)},
                                 now_ns);
    context_.system_counters.add(SystemCounter::naks_sent, sent);
    spec_.naks_sent.add_release(sent);
    if (context_.event_log != nullptr) {
        connections_.for_each_live(now_ns, [&](const ReceiveDestination&, const net::SocketAddress& address) {
            context_.event_log->on_event(EventId::nak_sent,
                                         NakDetails{.address = address,
                                                    .session_id = static_cast<std::int32_t>(spec_.session_id),
                                                    .stream_id = spec_.stream_id,
                                                    .term_id = gap.term_id,
                                                    .term_offset = gap.term_offset,
                                                    .length = static_cast<std::int32_t>(gap.length),
                                                    .channel = endpoint_->channel()});
        });
    }
}

void ImageReceiver::fill_gap(const ReportedGap& gap) {
    const logbuffer::LogView& log = spec_.log;
    const std::int32_t term_count = logbuffer::term_count_of(gap.term_id, log.initial_term_id());
    if (logbuffer::fill_gap(log.metadata().default_header, log.term(logbuffer::index_of_term_count(term_count)),
                            gap.term_id,
                            {.term_offset = gap.term_offset, .length = static_cast<std::int32_t>(gap.length)})) {
        context_.system_counters.increment(SystemCounter::loss_gap_fills);
    }
}

// Round trip time. spec: 04 §10.4

int ImageReceiver::measure_rtt(const std::int64_t now_ns) {
    if (now_ns <= rtt_deadline_ns_) {
        return 0;
    }
    send_on_live_connections(wire::RttMeasurement{.flags = wire::rtt_flag::reply_requested,
                                                  .session_id = static_cast<std::int32_t>(spec_.session_id),
                                                  .stream_id = spec_.stream_id,
                                                  .echo_timestamp_ns = now_ns,
                                                  .receiver_id = endpoint_->receiver_id()},
                             now_ns);
    rtt_deadline_ns_ = now_ns + rtt_timeout_ns_;
    return 1;
}

template <typename Frame>
std::int64_t ImageReceiver::send_on_live_connections(const Frame& frame, const std::int64_t now_ns) {
    std::array<std::byte, wire::StatusMessage::length_with_group_tag> buffer;  // the longest of them
    const std::span<const std::byte> bytes = std::span{buffer}.first(wire::encode(frame, buffer));
    std::int64_t sent = 0;
    connections_.for_each_live(now_ns, [&](ReceiveDestination& destination, const net::SocketAddress& address) {
        sent += endpoint_->send(destination, bytes, address) ? 1 : 0;
    });
    return sent;
}

}  // namespace cpperon::driver
