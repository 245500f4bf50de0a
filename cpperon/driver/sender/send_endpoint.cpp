#include "cpperon/driver/sender/send_endpoint.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/driver/sender/publication_sender.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/logbuffer/position.hpp"

namespace cpperon::driver {

namespace {

/// Of a stream within the endpoint.
std::uint64_t key_of(const std::int32_t stream_id, const std::int32_t session_id) noexcept {
    return std::uint64_t{static_cast<std::uint32_t>(stream_id)} << 32U | static_cast<std::uint32_t>(session_id);
}

std::uint64_t key_of(const PublicationSender& publication) noexcept {
    return key_of(publication.stream_id(), static_cast<std::int32_t>(publication.session_id()));
}

}  // namespace

SendEndpoint::SendEndpoint(SendEndpointSpec spec, std::unique_ptr<net::UdpSocket> socket, SenderContext& context)
    : spec_(std::move(spec)), socket_(std::move(socket)), context_(context) {
    if (has_destinations()) {
        const bool is_manual = spec_.control_mode == ControlMode::manual;
        destinations_.emplace(is_manual ? Destinations::Kind::manual : Destinations::Kind::dynamic, spec_.destinations);
    }
}

void SendEndpoint::open(const std::int64_t now_ns) {
    time_of_last_status_ns_ = now_ns;
    context_.poller.add(*socket_, *this);
}

void SendEndpoint::close() {
    context_.poller.remove(*socket_);
}

// Publications.

void SendEndpoint::add(PublicationSender& publication) {
    publications_.insert_or_assign(key_of(publication), &publication);
}

void SendEndpoint::remove(const PublicationSender& publication) {
    const auto found = publications_.find(key_of(publication));
    if (found != publications_.end() && found->second == &publication) {
        publications_.erase(found);
    }
}

PublicationSender* SendEndpoint::find(const std::int32_t stream_id, const std::int32_t session_id) const noexcept {
    const auto found = publications_.find(key_of(stream_id, session_id));
    return found == publications_.end() ? nullptr : found->second;
}

// Where to.

void SendEndpoint::add_destination(SendDestination destination, const std::int64_t now_ns) {
    if (destinations_) {
        destinations_->add(std::move(destination), now_ns);
    }
}

void SendEndpoint::remove_destination(const std::optional<net::SocketAddress>& address) {
    if (destinations_) {
        destinations_->remove(address);
    }
}

void SendEndpoint::remove_destination_by_id(const std::int64_t registration_id) {
    if (destinations_) {
        destinations_->remove_by_id(registration_id);
    }
}

void SendEndpoint::change_address(const std::string_view name, const net::SocketAddress& address) {
    if (destinations_) {
        destinations_->change_address(name, address);
        return;
    }
    if (spec_.endpoint != name) {
        return;
    }
    if (spec_.is_connected) {
        if (const std::optional<ErrorInfo> failure = socket_->reconnect(address)) {
            context_.errors.record(failure->code, failure->message);
            return;
        }
    }
    spec_.remote = address;
}

void SendEndpoint::check_names(const std::int64_t now_ns) {
    const auto re_resolve = [this](const std::string& name, const std::optional<net::SocketAddress>& current) {
        context_.events.push(sender_event::ReResolveEndpoint{.endpoint = this, .name = name, .current = current});
    };
    if (destinations_) {
        destinations_->check_names(now_ns, re_resolve);
        return;
    }
    const bool has_own_name = spec_.endpoint && is_unicast() && spec_.control_mode != ControlMode::response;
    if (has_own_name && now_ns > time_of_last_status_ns_ + send_destination_timeout_ns) {
        re_resolve(*spec_.endpoint, spec_.remote);
    }
}

net::SendOutcome SendEndpoint::send(const std::span<const net::DatagramRun> runs,
                                    const net::SocketAddress* const response_address) noexcept {
    net::SendOutcome outcome;
    if (destinations_) {
        outcome = destinations_->send(*socket_, runs, context_.now_ns);
    } else if (response_address != nullptr) {
        outcome = socket_->send(runs, response_address);
    } else {
        outcome = socket_->send(runs, spec_.is_connected ? nullptr : &spec_.remote);
    }
    if (!outcome.is_complete) {
        on_short_send(outcome.system_error);
    }
    return outcome;
}

void SendEndpoint::on_short_send(const int system_error) noexcept {
    context_.has_short_send = true;
    context_.system_counters.increment(SystemCounter::short_sends);
    if (system_error != 0 && system_error != std::exchange(last_send_error_, system_error)) {
        context_.errors.record(ErrorCode::generic_error,
                               fmt::format("a sender cannot send: {}", std::generic_category().message(system_error)));
    }
}

// What arrives.

void SendEndpoint::on_datagrams(const net::ReceivedRun& run) {
    std::span<const std::byte> rest = run.bytes;
    do {
        const std::span<const std::byte> datagram = rest.first(std::min<std::size_t>(rest.size(), run.segment_length));
        rest = rest.subspan(datagram.size());
        on_datagram(datagram, run.source);
    } while (!rest.empty());
}

void SendEndpoint::on_receive_error(const int system_error) {
    if (system_error != std::exchange(last_receive_error_, system_error)) {
        context_.errors.record(ErrorCode::generic_error, fmt::format("a sender cannot receive: {}",
                                                                     std::generic_category().message(system_error)));
    }
}

/// spec: 04 §3.2
void SendEndpoint::on_datagram(const std::span<const std::byte> datagram, const net::SocketAddress& source) {
    if (const wire::Fault fault = wire::check_datagram(datagram); fault != wire::Fault::none) {
        on_fault(fault);
        return;
    }
    switch (static_cast<wire::FrameType>(wire::frame_header(datagram).type)) {
        case wire::FrameType::nak: on_nak(wire::decode_nak(datagram), source); break;
        case wire::FrameType::status_message: on_status(wire::decode_status_message(datagram), source); break;
        case wire::FrameType::error: on_error(datagram, source); break;
        case wire::FrameType::rtt_measurement: {
            const wire::RttMeasurement measurement = wire::decode_rtt_measurement(datagram);
            if (PublicationSender* const publication = find(measurement.stream_id, measurement.session_id)) {
                publication->on_rtt_measurement(measurement);
            }
            break;
        }
        case wire::FrameType::response_setup: {
            const wire::ResponseSetup setup = wire::decode_response_setup(datagram);
            if (PublicationSender* const publication = find(setup.stream_id, setup.session_id)) {
                publication->on_response_setup(setup);
            }
            break;
        }
        default: break;  // for receivers and name resolvers
    }
}

void SendEndpoint::on_nak(const wire::Nak& nak, const net::SocketAddress& source) {
    PublicationSender* const publication = find(nak.stream_id, nak.session_id);
    if (publication == nullptr) {
        return;
    }
    if (const wire::Fault fault = wire::check(nak, publication->term_length()); fault != wire::Fault::none) {
        on_fault(fault);
        return;
    }
    if (context_.event_log != nullptr) {
        context_.event_log->on_event(EventId::nak_received, NakDetails{.address = source,
                                                                       .session_id = nak.session_id,
                                                                       .stream_id = nak.stream_id,
                                                                       .term_id = nak.term_id,
                                                                       .term_offset = nak.term_offset,
                                                                       .length = nak.gap_length,
                                                                       .channel = publication->channel()});
    }
    publication->on_nak(nak, context_.now_ns);
}

void SendEndpoint::on_status(const wire::StatusMessage& status, const net::SocketAddress& source) {
    PublicationSender* const publication = find(status.stream_id, status.session_id);
    const std::int32_t term_length = publication == nullptr ? logbuffer::max_term_length : publication->term_length();
    if (const wire::Fault fault = wire::check(status, term_length); fault != wire::Fault::none) {
        on_fault(fault);
        return;
    }
    context_.system_counters.increment(SystemCounter::status_messages_received);
    const bool asks_for_setup = (status.flags & wire::status_flag::send_setup) != 0;
    if (publication != nullptr && !asks_for_setup && !publication->is_near(status)) {
        context_.system_counters.increment(SystemCounter::status_messages_rejected);
        return;
    }
    if (destinations_ && !destinations_->on_status(status.receiver_id, source, context_.now_ns)) {
        on_no_room();
        return;
    }
    if (publication == nullptr) {
        return;
    }
    time_of_last_status_ns_ = context_.now_ns;
    if (asks_for_setup) {
        publication->on_setup_elicited(status, source);
    } else {
        publication->on_status(status, context_.now_ns);
    }
}

void SendEndpoint::on_error(const std::span<const std::byte> datagram, const net::SocketAddress& source) {
    const std::optional<wire::ErrorFrame> error = wire::try_decode_error(datagram);
    if (!error) {
        on_fault(wire::Fault::error_text_out_of_range);
        return;
    }
    context_.system_counters.increment(SystemCounter::error_frames_received);
    if (PublicationSender* const publication = find(error->stream_id, error->session_id)) {
        const std::int64_t destination_id =
            destinations_ ? destinations_->registration_id_of(error->receiver_id, source) : -1;
        publication->on_error(*error, destination_id, source);
    }
}

void SendEndpoint::on_no_room() {
    context_.system_counters.increment(SystemCounter::status_messages_rejected);
    if (!std::exchange(has_logged_no_room_, true)) {
        context_.errors.record(ErrorCode::generic_error,
                               fmt::format("a channel with control-mode=dynamic has {} destinations, as many as it may "
                                           "have: status messages of further receivers are ignored",
                                           max_dynamic_destinations));
    }
}

void SendEndpoint::on_fault(const wire::Fault fault) {
    context_.system_counters.increment(SystemCounter::invalid_packets);
    const std::uint32_t bit = std::uint32_t{1} << static_cast<std::uint32_t>(fault);
    if ((logged_faults_ & bit) == 0) {
        logged_faults_ |= bit;
        context_.errors.record(ErrorCode::generic_error,
                               fmt::format("a sender dropped a datagram: {}", to_string(fault)));
    }
}

}  // namespace cpperon::driver
