#include "sim/scenario.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace cpperon::sim {

namespace {

std::string_view to_string(const EventKind kind) noexcept {
    switch (kind) {
        case EventKind::open_publisher: return "open publisher";
        case EventKind::close_publisher: return "close publisher";
        case EventKind::revoke_publisher: return "revoke publisher";
        case EventKind::open_subscriber: return "open subscriber";
        case EventKind::close_subscriber: return "close subscriber";
        case EventKind::reject_image: return "reject an image of subscriber";
        case EventKind::add_destination: return "add destination of publisher or subscriber";
        case EventKind::remove_destination: return "remove destination of publisher or subscriber";
        case EventKind::close_application: return "close application";
        case EventKind::kill_application: return "kill application";
        case EventKind::kill_driver: return "kill driver of host";
        case EventKind::start_driver: return "start driver of host";
        case EventKind::cut_link: return "cut link from host";
        case EventKind::heal_link: return "heal link from host";
        case EventKind::move_name: return "move name of host";
    }
    return "?";
}

}  // namespace

std::string driver_name_of(const std::string& host_name) {
    return "driver-of-" + host_name;
}

bool Scenario::has_events_of(const EventKind kind) const noexcept {
    return std::ranges::any_of(events, [kind](const Event& event) { return event.kind == kind; });
}

bool Scenario::has_short_sends() const noexcept {
    return std::ranges::any_of(weather, [](const Weather& now) { return now.short_send_rate > 0; });
}

std::string describe(const Scenario& scenario) {
    std::string text = fmt::format("seed {}, {} ms of traffic\n", scenario.seed, scenario.duration_ns / 1'000'000);
    const auto out = std::back_inserter(text);
    for (const HostPlan& host : scenario.hosts) {
        fmt::format_to(out, "host {} {}\n", host.name, fmt::join(host.addresses, " "));
    }
    std::size_t publisher_index = 0;
    std::size_t subscriber_index = 0;
    for (const StreamPlan& stream : scenario.streams) {
        fmt::format_to(out, "stream of kind {}\n", stream.kind);
        for (const PublisherPlan& publisher : stream.publishers) {
            fmt::format_to(out, "  publisher {} of application {}: {} {}{}", publisher_index++, publisher.application,
                           publisher.stream_id, publisher.channel, publisher.is_exclusive ? " exclusive\n" : "\n");
            for (const std::string& destination : publisher.destinations) {
                fmt::format_to(out, "    to {}\n", destination);
            }
        }
        for (const SubscriberPlan& subscriber : stream.subscribers) {
            fmt::format_to(out, "  subscriber {} of application {}: {} {}{}", subscriber_index++,
                           subscriber.application, subscriber.stream_id, subscriber.channel,
                           subscriber.sees_everything ? " sees everything\n" : "\n");
            for (const std::string& destination : subscriber.destinations) {
                fmt::format_to(out, "    from {}\n", destination);
            }
        }
    }
    for (const ApplicationPlan& application : scenario.applications) {
        fmt::format_to(out, "application on host {}, with {} counters\n", application.host, application.counters);
    }
    for (const Weather& weather : scenario.weather) {
        const net::LinkFaults& faults = weather.faults;
        fmt::format_to(out,
                       "at {:>10} ns: delay {} to {} ns, loss {:.3f}, duplicates {:.3f}, reordering {:.3f} by {} ns, "
                       "corruption {:.4f}, {} bytes/s, short sends {:.3f}\n",
                       weather.at_ns, faults.min_delay_ns, faults.max_delay_ns, faults.loss_rate,
                       faults.duplication_rate, faults.reordering_rate, faults.max_reordering_delay_ns,
                       faults.corruption_rate, faults.bytes_per_second, weather.short_send_rate);
    }
    for (const Event& event : scenario.events) {
        fmt::format_to(out, "at {:>10} ns: {} {} {}\n", event.at_ns, to_string(event.kind), event.subject,
                       event.object);
    }
    return text;
}

}  // namespace cpperon::sim
