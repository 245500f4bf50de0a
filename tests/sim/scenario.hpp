/// What happens in a simulation, as a value: hosts, programs, streams, faults of the network and events. Written by
/// hand for a test, or drawn from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cpperon/driver/context.hpp"
#include "cpperon/net/simulated_link.hpp"
#include "sim/publisher.hpp"
#include "sim/subscriber.hpp"

namespace cpperon::sim {

struct HostPlan {
    std::string name;
    std::vector<std::string> addresses;  ///< its name stands for the first
};

/// Where drivers listen that tell each other their names, and the name of the one on a host.
inline constexpr int resolver_port = 8'050;
[[nodiscard]] std::string driver_name_of(const std::string& host_name);

struct ApplicationPlan {
    std::size_t host = 0;
    std::size_t counters = 0;  ///< of its own, at most at a time
};

/// A stream is what every subscriber of it hears from every publisher of it.
struct StreamPlan {
    std::string kind;  ///< for people
    std::vector<PublisherPlan> publishers;
    std::vector<SubscriberPlan> subscribers;
};

/// From a moment on the network is like this.
struct Weather {
    std::int64_t at_ns = 0;
    net::LinkFaults faults;
    double short_send_rate = 0;
};

enum class EventKind : std::uint8_t {
    open_publisher,  ///< subject: a publisher, counted over all streams
    close_publisher,
    revoke_publisher,
    open_subscriber,  ///< subject: a subscriber, counted over all streams
    close_subscriber,
    reject_image,
    add_destination,     ///< subject: a publisher or subscriber, counted as above, publishers first
    remove_destination,  ///< object: which of those it has in its plan
    close_application,   ///< subject: an application; its client closes, and another takes its place
    kill_application,    ///< the same, but the client says nothing
    kill_driver,         ///< subject: a host
    start_driver,
    cut_link,  ///< subject, object: hosts; in that direction
    heal_link,
    move_name,  ///< subject: a host; object: the index of the address that its name stands for from now on
};

struct Event {
    std::int64_t at_ns = 0;
    EventKind kind = EventKind::open_publisher;
    std::size_t subject = 0;
    std::size_t object = 0;
};

struct Scenario {
    std::uint64_t seed = 0;
    std::vector<HostPlan> hosts;
    DriverContext driver;  ///< of every host
    std::chrono::milliseconds client_driver_timeout{10'000};
    std::vector<ApplicationPlan> applications;
    std::vector<StreamPlan> streams;
    std::vector<Weather> weather;  ///< in order of time
    std::vector<Event> events;     ///< in order of time
    std::int64_t duration_ns = 2'000'000'000;
    /// Publishers and subscribers that are not there from the start have an `open_…` event.
    std::vector<std::size_t> late_publishers;
    std::vector<std::size_t> late_subscribers;
    /// Datagrams may be damaged: then nothing is said of what subscribers see.
    bool is_corrupting = false;
    /// Flow control is `max` everywhere.
    bool limits_only_rise = true;
    /// Drivers may report this; anything else in an error log is a failure.
    std::vector<std::string> expected_errors;

    [[nodiscard]] bool has_events_of(EventKind kind) const noexcept;
    /// A client may find itself without driver, or be dead.
    [[nodiscard]] bool has_kills() const noexcept {
        return has_events_of(EventKind::close_application) || has_events_of(EventKind::kill_application) ||
               has_events_of(EventKind::kill_driver);
    }
    [[nodiscard]] bool has_short_sends() const noexcept;
};

/// For people: one line per part.
[[nodiscard]] std::string describe(const Scenario& scenario);

}  // namespace cpperon::sim
