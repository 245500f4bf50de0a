#include "sim/simulation.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "cpperon/wire/validate.hpp"

namespace cpperon::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr std::uint64_t rounds_between_checks = 8;
constexpr std::uint64_t rounds_between_file_checks = 1'024;
constexpr std::size_t most_log_files = 300;

}  // namespace

Simulation::Simulation(Scenario scenario, const bool is_verbose)
    : scenario_(std::move(scenario)), world_(scenario_.seed, is_verbose) {
    world_.network.set_tap([this](const net::SentDatagram& datagram) {
        observe(datagram);
        return true;
    });
}

SimulationOutcome Simulation::run() {
    set_up();
    play();
    make_peace();
    if (!scenario_.is_corrupting) {
        drain();
    }
    wind_up();
    close_drivers();

    SimulationOutcome outcome{.failure = world_.verdict.failure(),
                              .datagrams = datagrams_,
                              .fingerprint = world_.fingerprint.value(),
                              .rounds = world_.rounds(),
                              .virtual_ns = world_.now_ns()};
    for (const auto& publisher : publishers_) {
        outcome.messages_sent += publisher->messages();
    }
    for (const auto& subscriber : subscribers_) {
        outcome.messages_received += subscriber->messages();
    }
    return outcome;
}

void Simulation::set_up() {
    for (const HostPlan& plan : scenario_.hosts) {
        Host& host = world_.add_host(plan.name, plan.address);
        watches_.push_back(std::make_unique<DriverWatch>(
            host, world_.verdict,
            DriverWatch::Rules{.term_length = static_cast<std::int32_t>(scenario_.driver.term_length),
                               .limit_only_rises = scenario_.limits_only_rise && !scenario_.is_corrupting,
                               .is_corrupting = scenario_.is_corrupting,
                               .expected_errors = scenario_.expected_errors}));
    }
    for (std::size_t host = 0; host < world_.hosts.size(); ++host) {
        start_driver(host);
    }
    for (std::size_t i = 0; i < scenario_.applications.size(); ++i) {
        applications_.push_back(std::make_unique<Application>(world_, *world_.hosts[scenario_.applications[i].host],
                                                              fmt::format("application-{}", i),
                                                              scenario_.client_driver_timeout));
        applications_.back()->may_lose_client = scenario_.has_kills();
    }
    for (const StreamPlan& plan : scenario_.streams) {
        StreamParts parts;
        for (const PublisherPlan& publisher : plan.publishers) {
            publishers_.push_back(
                std::make_unique<Publisher>(world_, *applications_[publisher.application], ledgers_, publisher));
            parts.publishers.push_back(publishers_.back().get());
        }
        for (const SubscriberPlan& subscriber : plan.subscribers) {
            subscribers_.push_back(
                std::make_unique<Subscriber>(world_, *applications_[subscriber.application], ledgers_, subscriber));
            parts.subscribers.push_back(subscribers_.back().get());
        }
        streams_.push_back(std::move(parts));
    }
    connect_responses();
    for (std::size_t i = 0; i < publishers_.size(); ++i) {
        publishers_[i]->want(std::ranges::find(scenario_.late_publishers, i) == scenario_.late_publishers.end());
    }
    for (std::size_t i = 0; i < subscribers_.size(); ++i) {
        subscribers_[i]->want(std::ranges::find(scenario_.late_subscribers, i) == scenario_.late_subscribers.end());
    }
    world_.after_round = [this] { check(); };
}

/// Channels of requests and responses name subscriptions and images, whose ids are known only by and by. spec: 04 §11
void Simulation::connect_responses() {
    const auto correlation = [](const std::optional<std::int64_t> id) {
        return id ? std::optional{fmt::format("|response-correlation-id={}", *id)} : std::nullopt;
    };
    for (const auto& publisher : publishers_) {
        const PublisherPlan& plan = publisher->plan();
        if (plan.requests_responses_for) {
            publisher->set_channel_end([correlation, subscriber = subscribers_[*plan.requests_responses_for].get()] {
                return correlation(subscriber->registration_id());
            });
        }
        if (plan.responds_to) {
            publisher->set_channel_end([correlation, subscriber = subscribers_[*plan.responds_to].get()] {
                return correlation(subscriber->image_correlation_id());
            });
        }
    }
}

void Simulation::start_driver(const std::size_t host) {
    world_.hosts[host]->start_driver(scenario_.driver);
    watches_[host]->attach();
}

void Simulation::play() {
    static_cast<void>(world_.run_until(
        [this] {
            apply_what_is_due();
            return world_.now_ns() >= scenario_.duration_ns;
        },
        nanoseconds{scenario_.duration_ns} + 1s));
}

void Simulation::apply_what_is_due() {
    while (next_weather_ < scenario_.weather.size() && scenario_.weather[next_weather_].at_ns <= world_.now_ns()) {
        apply(scenario_.weather[next_weather_++]);
    }
    while (next_event_ < scenario_.events.size() && scenario_.events[next_event_].at_ns <= world_.now_ns()) {
        apply(scenario_.events[next_event_++]);
    }
}

void Simulation::apply(const Weather& weather) {
    for (const auto& from : world_.hosts) {
        from->network().set_short_send_rate(weather.short_send_rate);
        for (const auto& to : world_.hosts) {
            if (from != to) {
                net::LinkFaults& faults = world_.network.link(from->network(), to->network()).faults;
                const bool is_cut = faults.is_cut;
                faults = weather.faults;
                faults.is_cut = is_cut;
            }
        }
    }
}

void Simulation::apply(const Event& event) {
    switch (event.kind) {
        case EventKind::open_publisher: publishers_[event.subject]->want(true); break;
        case EventKind::close_publisher: publishers_[event.subject]->want(false); break;
        case EventKind::revoke_publisher: publishers_[event.subject]->revoke(); break;
        case EventKind::open_subscriber: subscribers_[event.subject]->want(true); break;
        case EventKind::close_subscriber: subscribers_[event.subject]->want(false); break;
        case EventKind::reject_image: subscribers_[event.subject]->reject_an_image(); break;
        case EventKind::kill_application: kill_application(event.subject); break;
        case EventKind::kill_driver: kill_driver(event.subject); break;
        case EventKind::start_driver:
            if (!world_.hosts[event.subject]->has_driver()) {
                start_driver(event.subject);
            }
            break;
        case EventKind::cut_link:
        case EventKind::heal_link:
            world_.network.link(world_.hosts[event.subject]->network(), world_.hosts[event.object]->network())
                .faults.is_cut = event.kind == EventKind::cut_link;
            break;
    }
}

void Simulation::kill_application(const std::size_t index) {
    Application& application = *applications_[index];
    for (const auto& publisher : publishers_) {
        if (&publisher->application() == &application) {
            publisher->die();
        }
    }
    for (const auto& subscriber : subscribers_) {
        if (&subscriber->application() == &application) {
            subscriber->die();
        }
    }
    application.kill();
}

void Simulation::kill_driver(const std::size_t host) {
    if (world_.hosts[host]->has_driver()) {
        watches_[host]->check_errors();
        watches_[host]->detach();
        world_.hosts[host]->kill_driver();
    }
}

/// From now on the weather is good, and every driver lives.
void Simulation::make_peace() {
    for (std::size_t host = 0; host < world_.hosts.size(); ++host) {
        if (!world_.hosts[host]->has_driver()) {
            start_driver(host);
        }
    }
    world_.network.set_faults({});
    apply(Weather{});
    for (const auto& subscriber : subscribers_) {
        subscriber->hurry();
    }
    world_.run_for(1s);
}

/// Everybody who ought to hear somebody does, up to the last message.
void Simulation::drain() {
    world_.verdict.note("publishers fall silent");
    for (const auto& publisher : publishers_) {
        publisher->fall_silent();
    }
    const nanoseconds at_most = 60s + 4 * scenario_.driver.image_liveness_timeout +
                                2 * scenario_.driver.untethered_resting_timeout +
                                2 * scenario_.driver.client_liveness_timeout;
    if (!world_.run_until([this] { return is_drained(); }, at_most)) {
        world_.verdict.fail("not everything has arrived:\n{}", what_is_not_drained());
    }
}

/// Calls `use(publisher, subscriber)` for each pair where the one ought to have read all that the other has sent, but
/// has not; the subscriber is null where there is not even a publication. Ends where `use` says false.
template <typename Use>
void Simulation::for_each_missing(Use&& use) {
    for (const StreamParts& stream : streams_) {
        for (Publisher* const publisher : stream.publishers) {
            if (!publisher->is_wanted()) {
                continue;
            }
            if (!publisher->is_open() && !use(*publisher, nullptr)) {
                return;
            }
            for (Subscriber* const subscriber : stream.subscribers) {
                if (publisher->is_open() && subscriber->is_wanted() &&
                    !subscriber->has_read(publisher->ledger(), publisher->position()) && !use(*publisher, subscriber)) {
                    return;
                }
            }
        }
    }
}

bool Simulation::is_drained() {
    bool is_missing = false;
    for_each_missing([&](const Publisher&, const Subscriber*) {
        is_missing = true;
        return false;
    });
    return !is_missing;
}

std::string Simulation::what_is_not_drained() {
    std::string text;
    for_each_missing([&](Publisher& publisher, const Subscriber* const subscriber) {
        text += subscriber == nullptr
                    ? fmt::format("{} does not publish\n", publisher.application().name())
                    : fmt::format("session {} of {} at {}: {}\n", publisher.ledger().key().session_id,
                                  publisher.application().name(), publisher.position(), subscriber->describe());
        return true;
    });
    return text;
}

/// Everything is closed, in any order; then drivers have nothing left. spec: 06-C65
void Simulation::wind_up() {
    std::vector<std::size_t> order(publishers_.size() + subscribers_.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    world_.dice.shuffle(order);
    for (const std::size_t i : order) {
        if (i < publishers_.size()) {
            publishers_[i]->fall_silent();
            publishers_[i]->want(false);
        } else {
            subscribers_[i - publishers_.size()]->want(false);
        }
        world_.run_for(nanoseconds{world_.dice.between(std::int64_t{0}, std::int64_t{50'000'000})});
    }
    const DriverContext& driver = scenario_.driver;
    const nanoseconds at_most = 60s + 4 * driver.image_liveness_timeout + 2 * driver.publication_linger_timeout +
                                2 * driver.client_liveness_timeout + 2 * driver.publication_unblock_timeout +
                                10 * driver.timer_interval;
    if (!world_.run_until([this] { return is_empty(); }, at_most)) {
        std::string left;
        for (const auto& watch : watches_) {
            left += watch->describe();
        }
        world_.verdict.fail("something is left after everything was closed:\n{}", left);
    }
    for (const auto& application : applications_) {
        application->retire();
    }
    const auto has_no_client = [](const auto& watch) { return watch->count_clients() == 0; };
    if (!world_.run_until([&] { return std::ranges::all_of(watches_, has_no_client); }, at_most)) {
        world_.verdict.fail("clients are left");
    }
}

bool Simulation::is_empty() const {
    const auto is_absent = [](const auto& part) { return part->is_absent(); };
    const auto has_nothing = [](const auto& watch) {
        return watch->count_stream_counters() == 0 && watch->has_unmapped_all() && watch->count_log_files() == 0;
    };
    return std::ranges::all_of(publishers_, is_absent) && std::ranges::all_of(subscribers_, is_absent) &&
           std::ranges::all_of(watches_, has_nothing);
}

void Simulation::close_drivers() {
    for (std::size_t host = 0; host < world_.hosts.size(); ++host) {
        watches_[host]->check_errors();
        watches_[host]->detach();
        world_.hosts[host]->close_driver();
        if (const std::size_t sockets = world_.hosts[host]->network().socket_count(); sockets != 0) {
            world_.verdict.fail("{}: {} sockets are left", world_.hosts[host]->name(), sockets);
        }
    }
}

/// Nobody sends what nobody would believe.
void Simulation::observe(const net::SentDatagram& datagram) {
    ++datagrams_;
    world_.fingerprint.add(static_cast<std::uint64_t>(world_.now_ns()));
    world_.fingerprint.add(datagram.source.port());
    world_.fingerprint.add(datagram.destination.port());
    world_.fingerprint.add(datagram.bytes);
    if (const wire::Fault fault = wire::check_datagram(datagram.bytes); fault != wire::Fault::none) {
        world_.verdict.fail("{} sends a datagram of {} bytes to {} that is not valid: {}", datagram.from.name(),
                            datagram.bytes.size(), datagram.destination.to_string(), wire::to_string(fault));
    }
}

void Simulation::check() {
    if (world_.rounds() % rounds_between_checks == 0) {
        for (const auto& watch : watches_) {
            watch->check();
        }
        check_streams();
    }
    if (world_.rounds() % rounds_between_file_checks == 0) {
        for (const auto& watch : watches_) {
            if (const std::size_t files = watch->count_log_files(); files > most_log_files) {
                world_.verdict.fail("{} log files", files);
            }
        }
    }
}

/// Nobody receives what was not sent. What was sent in part, because a buffer was full, does not count as sent.
void Simulation::check_streams() {
    if (scenario_.is_corrupting || scenario_.has_short_sends()) {
        return;
    }
    for (const auto& sender : watches_) {
        for (const auto& [stream, sent] : sender->sent()) {
            for (const auto& receiver : watches_) {
                const auto received = receiver->received().find(stream);
                if (received != receiver->received().end() && received->second > sent) {
                    world_.verdict.fail("session {} was received up to {}, but sent up to {}", stream.session_id,
                                        received->second, sent);
                }
            }
        }
    }
}

}  // namespace cpperon::sim
