#include "cpperon/driver/sender/sender.hpp"

#include <utility>
#include <variant>

#include "cpperon/base/clock.hpp"
#include "cpperon/driver/sender/publication_sender.hpp"
#include "cpperon/driver/sender/send_endpoint.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::driver {

namespace {

/// Publications that send in one duty cycle; the others have their turn in the next. Where hundreds have a heartbeat to
/// send at the same time, receivers would have no room for so many datagrams, least of all one that waits for this
/// thread.
constexpr int max_sending_publications = 16;

}  // namespace

Sender::Sender(SenderContext& context)
    : context_(context),
      time_of_last_poll_ns_(context.nano_clock.nano_time()),
      time_of_last_name_check_ns_(time_of_last_poll_ns_) {}

int Sender::do_work() {
    context_.now_ns = context_.nano_clock.nano_time();
    context_.has_short_send = false;
    context_.is_held_back = false;
    int work_count = execute_command();
    const std::int64_t bytes_sent = send();
    work_count += bytes_sent > 0 ? 1 : 0;
    sending_cycles_since_poll_ += bytes_sent > 0 ? 1 : 0;
    if (is_poll_due(bytes_sent)) {
        work_count += poll() > 0 ? 1 : 0;
    }
    check_names();
    return work_count;
}

void Sender::on_close() {
    publications_.clear();
    for (SendEndpoint* const endpoint : std::exchange(endpoints_, {})) {
        endpoint->close();
    }
}

int Sender::execute_command() {
    context_.commands.take_all(commands_);
    if (commands_.empty()) {
        return 0;
    }
    SenderCommand command = std::move(commands_.front());
    commands_.pop_front();
    std::visit([this](auto& known) { execute(known); }, command);
    return 1;
}

std::int64_t Sender::send() {
    std::int64_t bytes = 0;
    int sending_count = 0;
    rotation_.for_each_while(publications_.size(), [&](const std::size_t i) {
        const std::int64_t sent = publications_[i]->send(context_.now_ns);
        bytes += sent;
        sending_count += sent > 0 ? 1 : 0;
        return sending_count < max_sending_publications;
    });
    if (bytes > 0) {
        context_.system_counters.add(SystemCounter::bytes_sent, bytes);
    }
    return bytes;
}

/// While data flow, receivers are listened to less often, but often enough to hear of them in time.
bool Sender::is_poll_due(const std::int64_t bytes_sent) const noexcept {
    const bool is_idle =
        bytes_sent == 0 && context_.now_ns >= time_of_last_poll_ns_ + context_.settings.idle_poll_interval_ns;
    return is_idle || context_.is_held_back || context_.has_short_send ||
           sending_cycles_since_poll_ >= context_.settings.send_to_status_poll_ratio ||
           context_.now_ns > time_of_last_poll_ns_ + context_.settings.status_message_timeout_ns / 2;
}

std::int64_t Sender::poll() {
    sending_cycles_since_poll_ = 0;
    time_of_last_poll_ns_ = context_.now_ns;
    return context_.poller.poll();
}

void Sender::check_names() {
    const std::int64_t interval_ns = context_.settings.re_resolution_check_interval_ns;
    if (interval_ns == 0 || context_.now_ns <= time_of_last_name_check_ns_ + interval_ns) {
        return;
    }
    time_of_last_name_check_ns_ = context_.now_ns;
    for (SendEndpoint* const endpoint : endpoints_) {
        endpoint->check_names(context_.now_ns);
    }
}

// Commands.

void Sender::execute(sender_command::AddEndpoint& command) {
    endpoints_.push_back(command.endpoint);
    command.endpoint->open(context_.now_ns);
}

void Sender::execute(sender_command::RemoveEndpoint& command) {
    std::erase(endpoints_, command.endpoint);
    command.endpoint->close();
    context_.events.push(sender_event::EndpointReleased{.endpoint = command.endpoint});
}

void Sender::execute(sender_command::AddPublication& command) {
    command.publication->endpoint().add(*command.publication);
    publications_.push_back(command.publication);
}

void Sender::execute(sender_command::RemovePublication& command) {
    std::erase(publications_, command.publication);
    command.publication->endpoint().remove(*command.publication);
    context_.events.push(sender_event::PublicationReleased{.publication = command.publication});
}

void Sender::execute(sender_command::AddDestination& command) {
    command.endpoint->add_destination(std::move(command.destination), context_.now_ns);
}

void Sender::execute(sender_command::RemoveDestination& command) {
    command.endpoint->remove_destination(command.address);
}

void Sender::execute(sender_command::RemoveDestinationById& command) {
    command.endpoint->remove_destination_by_id(command.registration_id);
}

void Sender::execute(sender_command::ChangeAddress& command) {
    command.endpoint->change_address(command.name, command.address);
}

}  // namespace cpperon::driver
