#include "sim/episode.hpp"

#include <algorithm>
#include <utility>

namespace cpperon::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

}  // namespace

Episode::Episode(Stage& stage, Scenario scenario)
    : stage_(stage),
      world_(stage.world),
      scenario_(std::move(scenario)),
      holdings_before_(stage.holdings()),
      began_ns_(stage.world.now_ns()) {
    set_up();
}

void Episode::run() {
    play();
    make_peace();
    if (!scenario_.is_corrupting) {
        drain();
    }
    wind_up();
}

void Episode::set_up() {
    for (std::size_t i = 0; i < scenario_.applications.size(); ++i) {
        applications_.push_back(std::make_unique<Application>(world_, *world_.hosts[scenario_.applications[i].host],
                                                              fmt::format("application-{}", i),
                                                              scenario_.client_driver_timeout));
        applications_.back()->may_lose_client = scenario_.has_kills();
        if (const std::size_t counters = scenario_.applications[i].counters; counters > 0) {
            counter_keepers_.push_back(std::make_unique<CounterKeeper>(world_, *applications_.back(), counters));
        }
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
    stage_.compares_positions = !scenario_.is_corrupting && !scenario_.has_short_sends();
}

/// Channels of requests and responses name subscriptions and images, whose ids are known only by and by. spec: 04 §11
void Episode::connect_responses() {
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

void Episode::play() {
    static_cast<void>(world_.run_until(
        [this] {
            apply_what_is_due();
            return world_.now_ns() >= began_ns_ + scenario_.duration_ns;
        },
        nanoseconds{scenario_.duration_ns} + 1s));
}

void Episode::apply_what_is_due() {
    while (next_weather_ < scenario_.weather.size() &&
           scenario_.weather[next_weather_].at_ns <= world_.now_ns() - began_ns_) {
        apply(scenario_.weather[next_weather_++]);
    }
    while (next_event_ < scenario_.events.size() &&
           scenario_.events[next_event_].at_ns <= world_.now_ns() - began_ns_) {
        apply(scenario_.events[next_event_++]);
    }
}

void Episode::apply(const Weather& weather) {
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

void Episode::apply(const Event& event) {
    switch (event.kind) {
        case EventKind::open_publisher: publishers_[event.subject]->want(true); break;
        case EventKind::close_publisher: publishers_[event.subject]->want(false); break;
        case EventKind::revoke_publisher: publishers_[event.subject]->revoke(); break;
        case EventKind::open_subscriber: subscribers_[event.subject]->want(true); break;
        case EventKind::close_subscriber: subscribers_[event.subject]->want(false); break;
        case EventKind::reject_image: subscribers_[event.subject]->reject_an_image(); break;
        case EventKind::add_destination: want_destination(event.subject, event.object, true); break;
        case EventKind::remove_destination: want_destination(event.subject, event.object, false); break;
        case EventKind::close_application: applications_[event.subject]->close(); break;
        case EventKind::kill_application: kill_application(event.subject); break;
        case EventKind::kill_driver: stage_.kill_driver(event.subject); break;
        case EventKind::start_driver:
            if (!world_.hosts[event.subject]->has_driver()) {
                stage_.start_driver(event.subject);
            }
            break;
        case EventKind::cut_link:
        case EventKind::heal_link:
            world_.network.link(world_.hosts[event.subject]->network(), world_.hosts[event.object]->network())
                .faults.is_cut = event.kind == EventKind::cut_link;
            break;
        case EventKind::move_name: {
            const HostPlan& host = scenario_.hosts[event.subject];
            world_.names.set(host.name, net::SocketAddress::try_parse(host.addresses[event.object], 0).value());
            break;
        }
    }
}

void Episode::want_destination(const std::size_t index, const std::size_t destination, const bool is_wanted) {
    if (index < publishers_.size()) {
        publishers_[index]->want_destination(destination, is_wanted);
    } else {
        subscribers_[index - publishers_.size()]->want_destination(destination, is_wanted);
    }
}

void Episode::kill_application(const std::size_t index) {
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
    for (const auto& keeper : counter_keepers_) {
        if (&keeper->application() == &application) {
            keeper->die();
        }
    }
    application.kill();
}

/// From now on the weather is good, and every driver lives.
void Episode::make_peace() {
    for (std::size_t host = 0; host < world_.hosts.size(); ++host) {
        if (!world_.hosts[host]->has_driver()) {
            stage_.start_driver(host);
        }
    }
    world_.network.set_faults({});
    apply(Weather{});
    for (const HostPlan& host : scenario_.hosts) {
        world_.names.set(host.name, net::SocketAddress::try_parse(host.addresses.front(), 0).value());
    }
    for (const auto& publisher : publishers_) {
        for (std::size_t i = 0; i < publisher->plan().destinations.size(); ++i) {
            publisher->want_destination(i, true);
        }
    }
    for (const auto& subscriber : subscribers_) {
        for (std::size_t i = 0; i < subscriber->plan().destinations.size(); ++i) {
            subscriber->want_destination(i, true);
        }
        subscriber->hurry();
    }
    world_.run_for(1s);
}

/// Everybody who ought to hear somebody does, up to the last message.
void Episode::drain() {
    world_.verdict.note("publishers fall silent");
    for (const auto& publisher : publishers_) {
        publisher->fall_silent();
    }
    const nanoseconds at_most = 60s + 4 * scenario_.driver.image_liveness_timeout +
                                2 * scenario_.driver.untethered_resting_timeout +
                                2 * scenario_.driver.client_liveness_timeout;
    if (!world_.run_until([this] { return is_drained(); }, at_most)) {
        world_.verdict.fail("not everything has arrived:\n{}{}", what_is_not_drained(), stage_.describe());
    }
}

/// Calls `use(publisher, subscriber)` for each pair where the one ought to have read all that the other has sent, but
/// has not; the subscriber is null where there is not even a publication. Ends where `use` says false.
template <typename Use>
void Episode::for_each_missing(Use&& use) {
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

bool Episode::is_drained() {
    bool is_missing = false;
    for_each_missing([&](const Publisher&, const Subscriber*) {
        is_missing = true;
        return false;
    });
    return !is_missing;
}

std::string Episode::what_is_not_drained() {
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
void Episode::wind_up() {
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
    for (const auto& keeper : counter_keepers_) {
        keeper->stop();
    }
    const auto is_everything_gone = [this] { return has_left() && stage_.have_just(holdings_before_, false); };
    if (!world_.run_until(is_everything_gone, longest_farewell())) {
        world_.verdict.fail("something is left after everything was closed:\n{}", stage_.describe());
    }
    for (const auto& application : applications_) {
        application->retire();
    }
    if (!world_.run_until([this] { return stage_.have_just(holdings_before_, true); }, longest_farewell())) {
        world_.verdict.fail("clients are left:\n{}", stage_.describe());
    }
}

bool Episode::has_left() const {
    const auto is_absent = [](const auto& part) { return part->is_absent(); };
    return std::ranges::all_of(publishers_, is_absent) && std::ranges::all_of(subscribers_, is_absent) &&
           std::ranges::all_of(counter_keepers_, is_absent);
}

nanoseconds Episode::longest_farewell() const {
    const DriverContext& driver = scenario_.driver;
    return 60s + 4 * driver.image_liveness_timeout + 2 * driver.publication_linger_timeout +
           2 * driver.client_liveness_timeout + 2 * driver.publication_unblock_timeout + 10 * driver.timer_interval;
}

std::uint64_t Episode::messages_sent() const noexcept {
    std::uint64_t messages = 0;
    for (const auto& publisher : publishers_) {
        messages += publisher->messages();
    }
    return messages;
}

std::uint64_t Episode::messages_received() const noexcept {
    std::uint64_t messages = 0;
    for (const auto& subscriber : subscribers_) {
        messages += subscriber->messages();
    }
    return messages;
}

}  // namespace cpperon::sim
