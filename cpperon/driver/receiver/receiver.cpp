#include "cpperon/driver/receiver/receiver.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "cpperon/base/clock.hpp"
#include "cpperon/driver/receiver/image_receiver.hpp"
#include "cpperon/driver/receiver/receive_destination.hpp"
#include "cpperon/driver/receiver/receive_endpoint.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::driver {

namespace {

/// About as much as fits into a datagram of a usual network.
constexpr std::int64_t bytes_of_one_datagram = 1'500;

StreamSession stream_session_of(const auto& command) noexcept {
    return {.stream_id = command.stream_id, .session_id = command.session_id};
}

}  // namespace

Receiver::Receiver(ReceiverContext& context)
    : context_(context),
      time_of_last_re_resolution_check_ns_(context.nano_clock.nano_time()),
      next_poll_ns_(time_of_last_re_resolution_check_ns_) {}

int Receiver::do_work() {
    context_.now_ns = context_.nano_clock.nano_time();
    int work_count = execute_command();
    work_count += poll();
    work_count += work_on_endpoints();
    check_control_addresses();
    return work_count;
}

void Receiver::on_close() {
    for (ReceiveEndpoint* const endpoint : std::exchange(endpoints_, {})) {
        endpoint->close();
    }
}

int Receiver::execute_command() {
    context_.commands.take_all(commands_);
    if (commands_.empty()) {
        return 0;
    }
    const ReceiverCommand command = std::move(commands_.front());
    commands_.pop_front();
    std::visit([this](const auto& known) { execute(known); }, command);
    return 1;
}

int Receiver::poll() {
    if (context_.now_ns < next_poll_ns_) {
        return 0;
    }
    const std::int64_t bytes = context_.poller.poll();
    if (bytes <= bytes_of_one_datagram) {
        // Who reads a datagram may answer it, so there is more time behind one.
        const std::int64_t intervals = bytes == 0 ? 1 : 2;
        next_poll_ns_ = context_.now_ns + intervals * context_.settings.poll_interval_ns;
    }
    if (bytes == 0) {
        return 0;
    }
    context_.system_counters.add(SystemCounter::bytes_received, bytes);
    return 1;
}

int Receiver::work_on_endpoints() {
    int work_count = 0;
    for (ReceiveEndpoint* const endpoint : endpoints_) {
        work_count += endpoint->do_work(context_.now_ns);
    }
    return work_count;
}

void Receiver::check_control_addresses() {
    const std::int64_t interval_ns = context_.settings.re_resolution_check_interval_ns;
    if (interval_ns == 0 || context_.now_ns <= time_of_last_re_resolution_check_ns_ + interval_ns) {
        return;
    }
    time_of_last_re_resolution_check_ns_ = context_.now_ns;
    for (ReceiveEndpoint* const endpoint : endpoints_) {
        endpoint->check_control_addresses(context_.now_ns);
    }
}

// Commands.

void Receiver::execute(const receiver_command::AddEndpoint& command) {
    endpoints_.push_back(command.endpoint);
    command.endpoint->open(context_.now_ns);
}

void Receiver::execute(const receiver_command::RemoveEndpoint& command) {
    std::erase(endpoints_, command.endpoint);
    command.endpoint->close();
    context_.events.push(receiver_event::EndpointReleased{.endpoint = command.endpoint});
}

void Receiver::execute(const receiver_command::AddInterest& command) {
    command.endpoint->add_interest(command.stream_id, command.session_id);
}

void Receiver::execute(const receiver_command::RemoveInterest& command) {
    command.endpoint->remove_interest(command.stream_id, command.session_id);
}

void Receiver::execute(const receiver_command::RequestSetup& command) {
    command.endpoint->request_setup(stream_session_of(command));
}

void Receiver::execute(const receiver_command::AddDestination& command) {
    command.endpoint->add_destination(*command.destination, context_.now_ns);
}

void Receiver::execute(const receiver_command::RemoveDestination& command) {
    command.endpoint->remove_destination(*command.destination);
    context_.events.push(
        receiver_event::DestinationReleased{.endpoint = command.endpoint, .destination = command.destination});
}

void Receiver::execute(const receiver_command::AddImage& command) {
    command.image->endpoint()->add_image(*command.image, context_.now_ns);
}

void Receiver::execute(const receiver_command::RemoveImage& command) {
    if (ReceiveEndpoint* const endpoint = command.image->endpoint()) {
        endpoint->remove_image(*command.image);
    }
    context_.events.push(receiver_event::ImageReleased{.image = command.image});
}

void Receiver::execute(const receiver_command::ClearCoolDown& command) {
    command.endpoint->clear_cool_down(stream_session_of(command));
}

void Receiver::execute(const receiver_command::ClearInitInProgress& command) {
    command.endpoint->clear_init_in_progress(stream_session_of(command));
}

void Receiver::execute(const receiver_command::ChangeControlAddress& command) {
    // The answer to a question of some time ago: the endpoint may be gone.
    const auto endpoint = std::find(endpoints_.begin(), endpoints_.end(), command.endpoint);
    if (endpoint != endpoints_.end()) {
        (*endpoint)->change_control_address(command.destination, command.address);
    }
}

void Receiver::execute(const receiver_command::RejectImage& command) {
    command.image->reject(command.reason);
}

}  // namespace cpperon::driver
