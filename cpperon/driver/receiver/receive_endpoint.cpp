#include "cpperon/driver/receiver/receive_endpoint.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/receiver/image_receiver.hpp"
#include "cpperon/driver/receiver/receive_timestamps.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/logbuffer/frame.hpp"

namespace cpperon::driver {

namespace {

using logbuffer::DataHeader;

/// How often a receiver makes itself known at its control addresses. spec: 04 §9.3
constexpr std::int64_t announcement_interval_ns = 1'000'000'000;

/// For which session nobody knows one yet. spec: 04 §9.3
constexpr StreamSession any_session{};

/// Images that send something in one duty cycle; the others have their turn in the next. Where hundreds miss something
/// at the same time, senders would have no room for so many datagrams, least of all one that waits for this thread.
constexpr int max_images_per_cycle = 16;

/// `datagram`: of a data frame.
StreamSession stream_session_of(const std::span<const std::byte> datagram) noexcept {
    std::int32_t session_id = 0;
    StreamSession id;
    std::memcpy(&session_id, datagram.data() + offsetof(DataHeader, session_id), sizeof session_id);
    std::memcpy(&id.stream_id, datagram.data() + offsetof(DataHeader, stream_id), sizeof id.stream_id);
    id.session_id = SessionId{session_id};
    return id;
}

}  // namespace

ReceiveEndpoint::ReceiveEndpoint(const ReceiveEndpointSpec& spec, ReceiverContext& context)
    : spec_(spec), context_(context), dispatcher_(context.settings.stream_session_limit) {}

// Destinations.

void ReceiveEndpoint::add_first(ReceiveDestination& destination) {
    destination.attach_to(*this);
    destinations_.push_back(&destination);
}

void ReceiveEndpoint::open(const std::int64_t now_ns) {
    for (ReceiveDestination* const destination : destinations_) {
        register_destination(*destination, now_ns);
    }
}

void ReceiveEndpoint::close() {
    for (ReceiveDestination* const destination : destinations_) {
        context_.poller.remove(destination->socket());
    }
    destinations_.clear();
    for (ImageReceiver* const image : images_) {
        image->detach();
    }
    images_.clear();
    forget_recent_image();
}

void ReceiveEndpoint::add_destination(ReceiveDestination& destination, const std::int64_t now_ns) {
    add_first(destination);
    register_destination(destination, now_ns);
    for (ImageReceiver* const image : images_) {
        image->add_destination(destination, now_ns);
    }
}

void ReceiveEndpoint::register_destination(ReceiveDestination& destination, const std::int64_t now_ns) {
    context_.poller.add(destination.socket(), destination);
    destination.on_activity(now_ns);
    if (destination.has_explicit_control()) {
        announce(destination, now_ns);
    }
}

void ReceiveEndpoint::remove_destination(ReceiveDestination& destination) {
    context_.poller.remove(destination.socket());
    std::erase(destinations_, &destination);
    for (ImageReceiver* const image : images_) {
        image->remove_destination(destination);
    }
}

void ReceiveEndpoint::change_control_address(const ReceiveDestination* const destination,
                                             const net::SocketAddress& address) {
    const auto found = std::find(destinations_.begin(), destinations_.end(), destination);
    if (found != destinations_.end()) {
        (*found)->set_control(address);
    }
}

// Interest and images.

void ReceiveEndpoint::add_interest(const std::int32_t stream_id, const std::optional<SessionId> session_id) {
    forget_recent_image();
    dispatcher_.add_interest(stream_id, session_id);
    if (!session_id) {
        return;
    }
    for (ReceiveDestination* const destination : destinations_) {
        if (destination->has_explicit_control() && destination->control()) {
            send_setup_request(*destination, {.stream_id = stream_id, .session_id = *session_id},
                               *destination->control());
        }
    }
}

void ReceiveEndpoint::remove_interest(const std::int32_t stream_id, const std::optional<SessionId> session_id) {
    forget_recent_image();
    dispatcher_.remove_interest(stream_id, session_id);
}

void ReceiveEndpoint::request_setup(const StreamSession& id) {
    for (ReceiveDestination* const destination : destinations_) {
        if (destination->control()) {
            send_setup_request(*destination, id, *destination->control());
        }
    }
}

void ReceiveEndpoint::add_image(ImageReceiver& image, const std::int64_t now_ns) {
    forget_recent_image();
    for (ImageReceiver* const older : images_) {
        if (older->session_id() == image.session_id() && older->stream_id() == image.stream_id()) {
            older->disable_status_messages();
        }
    }
    // The destination of the SETUP may be gone by now.
    image.keep_destinations(destinations_);
    for (ReceiveDestination* const destination : destinations_) {
        image.add_destination(*destination, now_ns);
    }
    images_.push_back(&image);
    dispatcher_.add_image({.stream_id = image.stream_id(), .session_id = image.session_id()}, image);
}

void ReceiveEndpoint::remove_image(ImageReceiver& image) {
    forget_recent_image();
    std::erase(images_, &image);
    dispatcher_.remove_image({.stream_id = image.stream_id(), .session_id = image.session_id()}, image,
                             image.has_ended());
}

// Time.

int ReceiveEndpoint::do_work(const std::int64_t now_ns) {
    int work_count = 0;
    rotation_.for_each_while(images_.size(), [&](const std::size_t i) {
        work_count += images_[i]->do_work(now_ns);
        return work_count < max_images_per_cycle;
    });
    dispatcher_.expire_pending_setups(now_ns);
    if (!dispatcher_.has_interest()) {
        return work_count;
    }
    for (ReceiveDestination* const destination : destinations_) {
        if (destination->has_explicit_control() &&
            now_ns > destination->time_of_last_setup_request_ns() + announcement_interval_ns) {
            announce(*destination, now_ns);
            ++work_count;
        }
    }
    return work_count;
}

/// Dynamic multi-destination senders learn of the receiver by it, whether or not it has an image. spec: 04 §9.3
void ReceiveEndpoint::announce(ReceiveDestination& destination, const std::int64_t now_ns) {
    destination.on_setup_requested(now_ns);
    if (destination.control()) {
        send_setup_request(destination, any_session, *destination.control());
    }
}

void ReceiveEndpoint::check_control_addresses(const std::int64_t now_ns) {
    for (ReceiveDestination* const destination : destinations_) {
        if (!destination->control_name() || !destination->has_explicit_control() ||
            now_ns <= destination->time_of_last_activity_ns() + destination_timeout_ns) {
            continue;
        }
        destination->on_activity(now_ns);
        context_.events.push(
            receiver_event::ReResolveControl{.endpoint = this,
                                             .destination = destination,
                                             .name = *destination->control_name(),
                                             .current = destination->control().value_or(net::SocketAddress{})});
    }
}

// What arrives.

void ReceiveEndpoint::on_datagrams(ReceiveDestination& destination, const net::ReceivedRun& run) {
    const Arrival arrival{.destination = destination, .source = run.source, .now_ns = context_.now_ns};
    stamp(run);
    std::span<std::byte> rest = run.bytes;
    do {
        const std::span<std::byte> datagram = rest.first(std::min<std::size_t>(rest.size(), run.segment_length));
        rest = rest.subspan(datagram.size());
        on_datagram(datagram, arrival);
    } while (!rest.empty());
    publish_recent_arrivals(arrival);
}

void ReceiveEndpoint::stamp(const net::ReceivedRun& run) const noexcept {
    const bool has_media_timestamp = run.media_timestamp_ns != 0 && spec_.media_receive_timestamp_offset.is_enabled();
    const bool has_channel_timestamp = spec_.channel_receive_timestamp_offset.is_enabled();
    if (!has_media_timestamp && !has_channel_timestamp) {
        return;
    }
    // What arrived together has one time.
    const std::int64_t channel_timestamp_ns = has_channel_timestamp ? context_.epoch_clock.epoch_ns() : 0;
    for (std::span<std::byte> rest = run.bytes; !rest.empty();) {
        const std::span<std::byte> datagram = rest.first(std::min<std::size_t>(rest.size(), run.segment_length));
        rest = rest.subspan(datagram.size());
        if (has_media_timestamp) {
            stamp_arrival(datagram, spec_.media_receive_timestamp_offset, run.media_timestamp_ns);
        }
        if (has_channel_timestamp) {
            stamp_arrival(datagram, spec_.channel_receive_timestamp_offset, channel_timestamp_ns);
        }
    }
}

void ReceiveEndpoint::on_datagram(const std::span<const std::byte> datagram, const Arrival& arrival) {
    if (const wire::Fault fault = wire::check_datagram(datagram); fault != wire::Fault::none) {
        on_fault(fault);
        return;
    }
    switch (static_cast<wire::FrameType>(wire::frame_header(datagram).type)) {
        case wire::FrameType::data:
        case wire::FrameType::padding: on_data(datagram, arrival); break;
        case wire::FrameType::setup: on_setup(wire::decode_setup(datagram), arrival); break;
        case wire::FrameType::rtt_measurement:
            on_rtt_measurement(wire::decode_rtt_measurement(datagram), arrival);
            break;
        default: break;  // for senders and name resolvers
    }
}

void ReceiveEndpoint::on_data(const std::span<const std::byte> datagram, const Arrival& arrival) {
    const StreamSession id = stream_session_of(datagram);
    arrival.destination.on_activity(arrival.now_ns);
    if (recent_.image == nullptr || !(recent_.id == id)) {
        publish_recent_arrivals(arrival);
        forget_recent_image();
        const bool is_end_of_stream = (wire::frame_header(datagram).flags & logbuffer::frame_flag::end_of_stream) != 0;
        const StreamDispatcher::DataVerdict verdict = dispatcher_.on_data(id, is_end_of_stream, arrival.now_ns);
        if (verdict.elicits_setup) {
            send_setup_request(arrival.destination, id, arrival.destination.control().value_or(arrival.source));
        }
        if (verdict.image == nullptr) {
            return;
        }
        recent_ = {.id = id, .image = verdict.image};
    }
    if (const wire::Fault fault = recent_.image->insert(datagram, arrival); fault != wire::Fault::none) {
        on_fault(fault);
    }
}

void ReceiveEndpoint::publish_recent_arrivals(const Arrival& arrival) {
    if (recent_.image != nullptr) {
        recent_.image->publish_arrivals(arrival);
    }
}

void ReceiveEndpoint::on_setup(const wire::Setup& setup, const Arrival& arrival) {
    if (const wire::Fault fault = wire::check(setup); fault != wire::Fault::none) {
        on_fault(fault);
        return;
    }
    arrival.destination.on_activity(arrival.now_ns);
    const StreamDispatcher::SetupVerdict verdict =
        dispatcher_.on_setup({.stream_id = setup.stream_id, .session_id = SessionId{setup.session_id}});
    switch (verdict.action) {
        case StreamDispatcher::SetupAction::ignore: break;
        case StreamDispatcher::SetupAction::refresh: verdict.image->on_setup(arrival); break;
        case StreamDispatcher::SetupAction::create: create_image(setup, verdict.was_elicited, arrival); break;
        case StreamDispatcher::SetupAction::refuse:
            context_.errors.record(ErrorCode::generic_error,
                                   fmt::format("exceeded session limit: a stream has {} images already, a SETUP is "
                                               "refused",
                                               context_.settings.stream_session_limit));
            break;
    }
}

void ReceiveEndpoint::create_image(const wire::Setup& setup, const bool was_elicited, const Arrival& arrival) {
    if (was_elicited && arrival.destination.is_multicast() && arrival.destination.ttl() < setup.ttl) {
        context_.system_counters.increment(SystemCounter::possible_ttl_asymmetry);
    }
    context_.events.push(receiver_event::CreateImage{.endpoint = this,
                                                     .destination = &arrival.destination,
                                                     .stream_id = setup.stream_id,
                                                     .session_id = SessionId{setup.session_id},
                                                     .initial_term_id = setup.initial_term_id,
                                                     .active_term_id = setup.active_term_id,
                                                     .term_offset = setup.term_offset,
                                                     .term_length = setup.term_length,
                                                     .mtu_length = setup.mtu_length,
                                                     .flags = setup.flags,
                                                     .source = arrival.source});
}

/// spec: 04 §10.4
void ReceiveEndpoint::on_rtt_measurement(const wire::RttMeasurement& measurement, const Arrival& arrival) {
    if (measurement.receiver_id != spec_.receiver_id && measurement.receiver_id != 0) {
        return;
    }
    arrival.destination.on_activity(arrival.now_ns);
    if ((measurement.flags & wire::rtt_flag::reply_requested) != 0) {
        wire::RttMeasurement answer = measurement;
        answer.flags = 0;
        answer.reception_delta_ns = 0;
        answer.receiver_id = spec_.receiver_id;
        std::array<std::byte, wire::RttMeasurement::length> buffer;
        wire::encode(answer, buffer);
        send(arrival.destination, buffer, arrival.destination.control().value_or(arrival.source));
    } else if (ImageReceiver* const image = dispatcher_.find_image(
                   {.stream_id = measurement.stream_id, .session_id = SessionId{measurement.session_id}})) {
        image->on_rtt_answer(measurement, arrival.now_ns);
    }
}

void ReceiveEndpoint::on_fault(const wire::Fault fault) {
    context_.system_counters.increment(SystemCounter::invalid_packets);
    const std::uint64_t bit = std::uint64_t{1} << static_cast<std::uint32_t>(fault);
    if ((logged_faults_ & bit) == 0) {
        logged_faults_ |= bit;
        context_.errors.record(ErrorCode::generic_error,
                               fmt::format("a receiver dropped a datagram: {}", to_string(fault)));
    }
}

void ReceiveEndpoint::on_receive_error(const int system_error) {
    context_.errors.record(ErrorCode::generic_error,
                           fmt::format("a receiver cannot receive: {}", std::generic_category().message(system_error)));
}

// What is sent.

void ReceiveEndpoint::send_setup_request(ReceiveDestination& destination, const StreamSession& id,
                                         const net::SocketAddress& address) {
    const wire::StatusMessage request{.flags = wire::status_flag::send_setup,
                                      .session_id = static_cast<std::int32_t>(id.session_id),
                                      .stream_id = id.stream_id,
                                      .receiver_id = spec_.receiver_id,
                                      .group_tag = spec_.group_tag};
    std::array<std::byte, wire::StatusMessage::length_with_group_tag> buffer;
    send(destination, std::span{buffer}.first(wire::encode(request, buffer)), address);
}

bool ReceiveEndpoint::send(ReceiveDestination& destination, const std::span<const std::byte> frame,
                           const net::SocketAddress& address) {
    const net::DatagramRun run = net::DatagramRun::single(frame);
    const net::SendOutcome outcome = destination.socket().send({&run, 1}, &address);
    if (outcome.is_complete) {
        return true;
    }
    context_.system_counters.increment(SystemCounter::short_sends);
    if (outcome.system_error != 0) {
        context_.errors.record(
            ErrorCode::generic_error,
            fmt::format("a receiver cannot send: {}", std::generic_category().message(outcome.system_error)));
    }
    return false;
}

}  // namespace cpperon::driver
