#include "cpperon/driver/sender/publication_sender.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/atomic_byte.hpp"
#include "cpperon/base/clock.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/driver/sender/send_endpoint.hpp"
#include "cpperon/driver/sender/send_timestamp.hpp"
#include "cpperon/driver/system_counters.hpp"

namespace cpperon::driver {

namespace {

/// spec: 04 §1
constexpr std::int64_t setup_interval_ns = 100'000'000;
constexpr std::int64_t heartbeat_interval_ns = 100'000'000;

constexpr std::int64_t no_response_correlation_id = -1;

}  // namespace

PublicationSender::PublicationSender(PublicationSenderSpec spec, SenderContext& context)
    : spec_(std::move(spec)),
      context_(context),
      max_runs_(static_cast<std::size_t>(
          std::clamp<std::int32_t>(spec_.max_messages_per_send, 1, std::int32_t{DatagramBatch::max_runs}))),
      position_(spec_.start_position),
      limit_(spec_.start_position),
      time_of_last_setup_ns_(spec_.now_ns - setup_interval_ns - 1),
      time_of_last_send_ns_(spec_.now_ns - heartbeat_interval_ns - 1),
      retransmits_({.has_group_semantics = spec_.has_group_semantics,
                    .max_resend = spec_.max_resend,
                    .delay_ns = spec_.retransmit_delay_ns,
                    .linger_ns = spec_.retransmit_linger_ns}) {
    publish_receivers();
}

// The duty cycle.

std::int64_t PublicationSender::send(const std::int64_t now_ns) {
    if (has_destination() && (!has_initial_connection_ || is_setup_elicited_)) {
        send_setup_if_due(now_ns);
    }
    std::int64_t bytes = send_data(now_ns);
    if (bytes == 0) {
        bytes = send_heartbeat_if_due(now_ns);
        idle(now_ns);
    }
    retransmits_.poll(now_ns, [this](const TermRange& range) { resend(range); });
    return bytes;
}

/// spec: 04 §6.4
void PublicationSender::send_setup_if_due(const std::int64_t now_ns) {
    if (now_ns <= time_of_last_setup_ns_ + setup_interval_ns) {
        return;
    }
    time_of_last_setup_ns_ = now_ns;
    if (is_setup_elicited_) {
        set_limit(spec_.flow_control->on_setup(limit_, now_ns));
    }
    const logbuffer::LogView& log = spec_.log;
    const bool wants_response = spec_.response_correlation_id != no_response_correlation_id && !spec_.is_response;
    const std::uint8_t flags = static_cast<std::uint8_t>((wants_response ? wire::setup_flag::send_response : 0) |
                                                         (spec_.has_group_semantics ? wire::setup_flag::group : 0));
    const wire::Setup setup{.flags = flags,
                            .term_offset = logbuffer::term_offset_of_position(position_, log.term_length()),
                            .session_id = static_cast<std::int32_t>(spec_.session_id),
                            .stream_id = spec_.stream_id,
                            .initial_term_id = log.initial_term_id(),
                            .active_term_id = logbuffer::term_id_of_position(position_, log.position_bits_to_shift(),
                                                                             log.initial_term_id()),
                            .term_length = log.term_length(),
                            .mtu_length = log.mtu_length(),
                            .ttl = spec_.endpoint->ttl()};
    std::array<std::byte, wire::Setup::length> frame;
    wire::encode(setup, frame);
    send_frame(frame);
    if (has_receivers_) {
        is_setup_elicited_ = false;
    }
}

/// spec: 04 §6.5
std::int64_t PublicationSender::send_data(const std::int64_t now_ns) {
    const std::int64_t window = limit_ - position_;
    if (window <= 0) {
        on_back_pressure();
        return 0;
    }
    const logbuffer::LogView& log = spec_.log;
    batch_.gather({.term = log.term(logbuffer::index_of_position(position_, log.position_bits_to_shift())),
                   .term_offset = logbuffer::term_offset_of_position(position_, log.term_length()),
                   .window = window,
                   .mtu_length = log.mtu_length(),
                   .max_runs = max_runs_});
    if (batch_.is_empty()) {
        if (batch_.is_blocked()) {
            on_back_pressure();
        }
        return 0;
    }
    if (!has_destination()) {
        return 0;
    }
    const net::SendOutcome outcome = send_batch();
    if (outcome.is_complete) {
        // Otherwise all of it is sent again, receivers drop what they have.
        move_to(position_ + batch_.covered_length());
        trailing_padding_ = batch_.trailing_padding();
        time_of_last_send_ns_ = now_ns;
        tracks_back_pressure_ = true;
    }
    return outcome.bytes_sent;
}

/// Counts once per episode: not again before data were sent.
void PublicationSender::on_back_pressure() noexcept {
    context_.is_held_back = true;
    if (tracks_back_pressure_) {
        tracks_back_pressure_ = false;
        spec_.back_pressure_events.increment_release();
        context_.system_counters.increment(SystemCounter::sender_flow_control_limits);
    }
}

/// spec: 04 §6.6
std::int64_t PublicationSender::send_heartbeat_if_due(const std::int64_t now_ns) {
    if (!has_initial_connection_ || now_ns <= time_of_last_send_ns_ + heartbeat_interval_ns || !has_destination()) {
        return 0;
    }
    time_of_last_send_ns_ = now_ns;
    std::int64_t bytes = 0;
    if (trailing_padding_ > 0 && position_ > limit_) {
        // Padding has carried the sender beyond its limit, where a receiver may take a heartbeat for an over-run: it
        // would never miss what it lost before the padding, and its image would die of silence.
        bytes += send_heartbeat(position_ - trailing_padding_, logbuffer::frame_flag::unfragmented);
    }
    return bytes + send_heartbeat(position_, heartbeat_flags());
}

std::int64_t PublicationSender::send_heartbeat(const std::int64_t position, const std::uint8_t flags) {
    const logbuffer::LogView& log = spec_.log;
    const wire::Heartbeat heartbeat{
        .flags = flags,
        .term_offset = logbuffer::term_offset_of_position(position, log.term_length()),
        .session_id = static_cast<std::int32_t>(spec_.session_id),
        .stream_id = spec_.stream_id,
        .term_id = logbuffer::term_id_of_position(position, log.position_bits_to_shift(), log.initial_term_id())};
    std::array<std::byte, wire::Heartbeat::length> frame;
    wire::encode(heartbeat, frame);
    context_.system_counters.increment(SystemCounter::heartbeats_sent);
    return send_frame(frame).bytes_sent;
}

std::uint8_t PublicationSender::heartbeat_flags() const noexcept {
    namespace flag = logbuffer::frame_flag;
    // acquire [publication-revoked] <- the conductor: the end of the stream is known.
    if (load_acquire(spec_.log.metadata().is_publication_revoked) != 0) {
        return flag::unfragmented | flag::end_of_stream | flag::revoked;
    }
    return spec_.signals_eos && is_end_of_stream() ? flag::unfragmented | flag::end_of_stream : flag::unfragmented;
}

/// spec: 04 §6.3
void PublicationSender::idle(const std::int64_t now_ns) {
    // acquire [publication-signal] <- the conductor: the position of the spies that are there.
    if (spec_.spies_simulate_connection && !has_receivers_ && signals_.has_spies.load(std::memory_order_acquire)) {
        // relaxed: it came with the signal above or later. Spies are other programs: a frame begins where it says, or
        // at a lower multiple of the alignment.
        const std::int64_t spied = signals_.max_spy_position.load(std::memory_order_relaxed);
        const std::int64_t position = spied & ~std::int64_t{logbuffer::frame_alignment - 1};
        if (position > position_) {
            move_to(position);
            trailing_padding_ = 0;
        }
        set_limit(spec_.flow_control->on_idle(position_, position_, now_ns));
    } else {
        set_limit(spec_.flow_control->on_idle(limit_, position_, now_ns));
    }
    receivers_.remove_silent_since(now_ns - spec_.connection_timeout_ns);
    publish_receivers();
}

// What receivers say.

/// spec: 04 §6.8
void PublicationSender::on_nak(const wire::Nak& nak, const std::int64_t now_ns) {
    context_.system_counters.increment(SystemCounter::naks_received);
    spec_.naks_received.increment_release();
    if (nak.gap_length == 0) {
        return;
    }
    const TermRange range{.term_id = nak.term_id,
                          .term_offset = nak.term_offset,
                          .length = spec_.flow_control->max_retransmission_length(nak.term_offset, nak.gap_length)};
    switch (retransmits_.on_nak(range, now_ns)) {
        case RetransmitHandler::Verdict::send_now: resend(range); break;
        case RetransmitHandler::Verdict::overflow:
            context_.system_counters.increment(SystemCounter::retransmit_overflow);
            break;
        case RetransmitHandler::Verdict::later:
        case RetransmitHandler::Verdict::ignore: break;
    }
}

/// Only what was sent, and not so long ago that the term may be in use for another one.
void PublicationSender::resend(const TermRange& range) {
    const logbuffer::LogView& log = spec_.log;
    const std::int64_t position =
        logbuffer::position_of(range.term_id, range.term_offset, log.position_bits_to_shift(), log.initial_term_id());
    const std::int64_t oldest = std::max<std::int64_t>(position_ - log.term_length() / 2 - log.max_message_length(), 0);
    if (position < oldest || position >= position_) {
        return;
    }
    GatherRequest request{.term = log.term(logbuffer::index_of_position(position, log.position_bits_to_shift())),
                          .term_offset = range.term_offset,
                          .window = range.length,
                          .mtu_length = log.mtu_length(),
                          .max_runs = max_runs_};
    std::int64_t resent = 0;
    while (request.window > 0) {
        batch_.gather(request);
        if (batch_.is_empty() || !send_batch().is_complete) {
            break;
        }
        resent += batch_.covered_length();
        request.term_offset += batch_.covered_length();
        request.window -= batch_.covered_length();
    }
    if (resent > 0) {
        context_.system_counters.increment(SystemCounter::retransmits_sent);
        context_.system_counters.add(SystemCounter::retransmitted_bytes, resent);
        if (context_.event_log != nullptr) {
            context_.event_log->on_event(EventId::resend,
                                         ResendDetails{.session_id = static_cast<std::int32_t>(spec_.session_id),
                                                       .stream_id = spec_.stream_id,
                                                       .term_id = range.term_id,
                                                       .term_offset = range.term_offset,
                                                       .length = resent,
                                                       .channel = spec_.channel});
        }
    }
}

bool PublicationSender::is_near(const wire::StatusMessage& status) const noexcept {
    const logbuffer::LogView& log = spec_.log;
    const std::int64_t position = logbuffer::position_of(status.consumption_term_id, status.consumption_term_offset,
                                                         log.position_bits_to_shift(), log.initial_term_id());
    const std::int64_t range = log.term_length() / 2;
    return position_ - range <= position && position <= position_ + range;
}

/// spec: 04 §6.7
void PublicationSender::on_status(const wire::StatusMessage& status, const std::int64_t now_ns) {
    const logbuffer::LogView& log = spec_.log;
    const bool is_leaving = (status.flags & wire::status_flag::end_of_stream) != 0;
    if (!is_leaving) {
        if (!receivers_.on_heard(status.receiver_id, now_ns)) {
            on_no_room();
            return;
        }
    } else {
        receivers_.remove(status.receiver_id);
        if (spec_.endpoint->is_unicast()) {
            // release [publication-signal] -> the conductor: nobody is left.
            signals_.has_received_unicast_eos.store(true, std::memory_order_release);
        }
    }
    has_initial_connection_ = true;
    const ReceiverStatus receiver{
        .receiver_id = status.receiver_id,
        .position = logbuffer::position_of(status.consumption_term_id, status.consumption_term_offset,
                                           log.position_bits_to_shift(), log.initial_term_id()),
        .window_length = status.receiver_window,
        .group_tag = status.group_tag,
        .is_end_of_stream = is_leaving};
    set_limit(spec_.flow_control->on_status(receiver, limit_, now_ns));
    if (spec_.flow_control->take_refusal()) {
        on_no_room();
    }
    publish_receivers();
    publish_connection();
}

void PublicationSender::on_no_room() {
    context_.system_counters.increment(SystemCounter::status_messages_rejected);
    if (!std::exchange(has_logged_no_room_, true)) {
        context_.errors.record(ErrorCode::generic_error,
                               fmt::format("a publication has {} receivers, as many as it may have: status messages of "
                                           "further ones are ignored",
                                           max_receivers_per_publication));
    }
}

void PublicationSender::on_setup_elicited(const wire::StatusMessage& status, const net::SocketAddress& source) {
    if (is_end_of_stream()) {
        return;
    }
    is_setup_elicited_ = true;
    spec_.flow_control->on_setup_elicited(status.group_tag);
    if (spec_.is_response) {
        response_address_ = source;
    }
}

/// spec: 04 §6.12
void PublicationSender::on_error(const wire::ErrorFrame& error, const std::int64_t destination_registration_id,
                                 const net::SocketAddress& source) {
    spec_.flow_control->on_error(error.receiver_id);
    if (!receivers_.remove(error.receiver_id)) {
        return;
    }
    tell_conductor(sender_event::ReceiverError{.publication_registration_id = spec_.registration_id,
                                               .destination_registration_id = destination_registration_id,
                                               .session_id = spec_.session_id,
                                               .stream_id = spec_.stream_id,
                                               .receiver_id = error.receiver_id,
                                               .group_tag = error.group_tag,
                                               .source = source,
                                               .code = static_cast<ErrorCode>(error.error_code),
                                               .text = std::string{error.text}});
}

void PublicationSender::on_rtt_measurement(const wire::RttMeasurement& measurement) {
    if ((measurement.flags & wire::rtt_flag::reply_requested) == 0 || !has_destination()) {
        return;
    }
    wire::RttMeasurement answer = measurement;
    answer.flags = 0;
    answer.reception_delta_ns = 0;
    std::array<std::byte, wire::RttMeasurement::length> frame;
    wire::encode(answer, frame);
    send_frame(frame);
}

/// spec: 04 §11 step 6
void PublicationSender::on_response_setup(const wire::ResponseSetup& setup) {
    if (spec_.response_correlation_id != no_response_correlation_id) {
        tell_conductor(sender_event::ResponseSetup{.response_correlation_id = spec_.response_correlation_id,
                                                   .response_session_id = SessionId{setup.response_session_id}});
    }
}

/// What a receiver caused, who may be anybody. False: the conductor has so much to hear already that it will not hear
/// this.
bool PublicationSender::tell_conductor(SenderEvent event) {
    if (context_.events.try_push(std::move(event), max_waiting_receiver_events)) {
        return true;
    }
    if (!std::exchange(has_logged_lost_event_, true)) {
        context_.errors.record(ErrorCode::generic_error,
                               fmt::format("{} messages of receivers wait to be handled, as many as may wait: further "
                                           "errors and response setups are ignored",
                                           max_waiting_receiver_events));
    }
    return false;
}

// What is sent.

net::SendOutcome PublicationSender::send_batch() {
    if (const TimestampOffset offset = spec_.endpoint->send_timestamp_offset(); offset.is_enabled()) {
        const std::int64_t now_ns = context_.epoch_clock.epoch_ns();
        batch_.for_each_datagram(
            [&](const std::span<std::byte> datagram) { stamp_departure(datagram, offset, now_ns); });
    }
    return spec_.endpoint->send(batch_.runs(), response_address_ ? &*response_address_ : nullptr);
}

net::SendOutcome PublicationSender::send_frame(const std::span<const std::byte> frame) {
    const net::DatagramRun run = net::DatagramRun::single(frame);
    return spec_.endpoint->send({&run, 1}, response_address_ ? &*response_address_ : nullptr);
}

// What others see.

bool PublicationSender::is_end_of_stream() const noexcept {
    // acquire [publication-signal] <- the conductor: nothing comes behind the producer's position.
    return signals_.is_end_of_stream.load(std::memory_order_acquire);
}

void PublicationSender::move_to(const std::int64_t position) noexcept {
    if (position != position_) {
        position_ = position;
        spec_.sender_position.set_release(position);
    }
}

void PublicationSender::set_limit(const std::int64_t limit) noexcept {
    if (limit != limit_) {
        limit_ = limit;
        spec_.sender_limit.set_release(limit);
    }
}

void PublicationSender::publish_receivers() {
    const bool has_required = spec_.flow_control->has_required_receivers();
    if (has_required != has_required_receivers_) {
        has_required_receivers_ = has_required;
        // release [publication-signal] -> the conductor: whether the publication is connected.
        signals_.has_required_receivers.store(has_required, std::memory_order_release);
    }
    if (owes_response_connected_) {
        owes_response_connected_ =
            !tell_conductor(sender_event::ResponseConnected{.response_correlation_id = spec_.response_correlation_id});
    }
    const bool has_receivers = !receivers_.is_empty();
    if (has_receivers == has_receivers_) {
        return;
    }
    has_receivers_ = has_receivers;
    // release [publication-signal] -> the conductor, likewise.
    signals_.has_receivers.store(has_receivers, std::memory_order_release);
    if (has_receivers && spec_.response_correlation_id != no_response_correlation_id) {
        owes_response_connected_ =
            !tell_conductor(sender_event::ResponseConnected{.response_correlation_id = spec_.response_correlation_id});
    }
}

/// Tells clients at once; the conductor does it again on its ticks. It alone does when the stream has ended, lest a
/// late receiver reconnect what it has disconnected.
void PublicationSender::publish_connection() noexcept {
    if (is_end_of_stream()) {
        return;
    }
    const bool is_connected = (has_receivers_ && has_required_receivers_) ||
                              (spec_.spies_simulate_connection && signals_.has_spies.load(std::memory_order_acquire));
    // release [is-connected] -> clients, ours or a peer's. spec: 04 §16
    store_release(spec_.log.metadata().is_connected, is_connected ? 1 : 0);
}

}  // namespace cpperon::driver
