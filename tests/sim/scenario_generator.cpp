#include "sim/scenario_generator.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "sim/dice.hpp"

namespace cpperon::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::int64_t ms = 1'000'000;

/// An earlier subscription has left its sockets to images that linger.
constexpr std::string_view address_taken = "Address already in use";

/// Draws one scenario.
class Generator {
public:
    Generator(const std::uint64_t seed, std::vector<StreamKind> kinds) : dice_(seed), kinds_(std::move(kinds)) {
        scenario_.seed = seed;
    }

    Scenario draw();
    Scenario draw_residents();
    Scenario draw_visit(const Scenario& residents);

private:
    /// How much is sent.
    enum class Traffic : std::uint8_t { heavy, light, sparse };

    void draw_hosts();
    void draw_settings();
    void draw_network_settings();
    void draw_streams();
    void add_ipc();
    void add_unicast(bool has_spy);
    void add_multicast();
    void add_dynamic_destinations();
    void add_manual_destinations();
    void add_many_sources();
    void add_two_paths();
    void add_response();
    PublisherPlan& add_publisher(StreamPlan& stream, std::size_t host, const std::string& channel);
    SubscriberPlan& add_subscriber(StreamPlan& stream, std::size_t host, const std::string& channel);
    void draw_weather();
    net::LinkFaults draw_faults();
    void draw_events();
    void draw_comings_and_goings();
    void draw_kills();
    void draw_cuts();
    void draw_rejections();
    void draw_revocations();
    void draw_destination_changes();
    void draw_name_moves();
    void decide_who_sees_everything();

    [[nodiscard]] std::size_t draw_host() noexcept { return dice_.index(scenario_.hosts.size()); }
    [[nodiscard]] std::size_t draw_other_host(std::size_t host) noexcept;
    [[nodiscard]] std::size_t application_on(std::size_t host);
    /// For those who send to it.
    [[nodiscard]] std::string draw_endpoint_host(std::size_t host);
    /// For those who have their sockets there: they stay where they are when names move.
    [[nodiscard]] std::string draw_own_host(std::size_t host);
    [[nodiscard]] int next_port() noexcept { return next_port_++; }
    [[nodiscard]] std::int64_t draw_moment() noexcept { return dice_.between(std::int64_t{0}, scenario_.duration_ns); }
    [[nodiscard]] std::string draw_group_flow_control();
    [[nodiscard]] std::size_t count_subscribers() const noexcept;
    void add_event(const Event& event) { scenario_.events.push_back(event); }

    Dice dice_;
    std::vector<StreamKind> kinds_;
    Scenario scenario_;
    int next_port_ = 20'000;
    std::int32_t next_stream_id_ = 1'001;
    Traffic traffic_ = Traffic::heavy;
    bool drivers_may_die_ = true;
    bool names_move_ = false;
    bool has_response_ = false;  ///< its parts must be set up in their order: nobody comes and goes
};

Scenario Generator::draw() {
    scenario_.duration_ns = dice_.between(std::int64_t{500}, std::int64_t{4'000}) * ms;
    draw_hosts();
    draw_settings();
    names_move_ = dice_.happens(0.1);
    draw_streams();
    scenario_.is_corrupting = dice_.happens(0.05);
    draw_weather();
    draw_events();
    decide_who_sees_everything();
    return std::move(scenario_);
}

Scenario Generator::draw_residents() {
    scenario_.hosts = {{.name = "host-a", .addresses = {"10.0.0.1", "10.0.1.1"}},
                       {.name = "host-b", .addresses = {"10.0.0.2", "10.0.1.2"}}};
    draw_settings();
    DriverContext& driver = scenario_.driver;
    driver.counters_buffer_length = 1'048'576;
    driver.sender_wildcard_port_range = {.low = 40'000, .high = 40'031};
    driver.receiver_wildcard_port_range = {.low = 40'032, .high = 40'063};
    driver.name_resolver_supplier = "driver";
    driver.resolver_bootstrap_neighbor = fmt::format("{}:{}", scenario_.hosts.front().addresses.front(), resolver_port);
    driver.resolver_self_resolution_interval = 10s;
    driver.resolver_neighbor_resolution_interval = 20s;
    driver.resolver_bootstrap_neighbor_resolution_interval = 60s;
    driver.resolver_neighbor_timeout = 100s;
    traffic_ = Traffic::sparse;
    next_port_ = 10'000;
    next_stream_id_ = 901;
    add_ipc();
    ++next_stream_id_;
    add_ipc();
    for (StreamPlan& stream : scenario_.streams) {
        std::ranges::for_each(stream.subscribers, [](SubscriberPlan& plan) { plan.sees_everything = false; });
    }
    // Those would come and go at any time; visitors have them.
    std::ranges::for_each(scenario_.applications, [](ApplicationPlan& plan) { plan.counters = 0; });
    return std::move(scenario_);
}

Scenario Generator::draw_visit(const Scenario& residents) {
    scenario_.hosts = residents.hosts;
    scenario_.driver = residents.driver;
    scenario_.client_driver_timeout = residents.client_driver_timeout;
    scenario_.duration_ns = dice_.between(std::int64_t{500}, std::int64_t{6'000}) * ms;
    traffic_ = Traffic::light;
    drivers_may_die_ = false;
    names_move_ = dice_.happens(0.1);
    draw_streams();
    scenario_.is_corrupting = dice_.happens(0.05);
    draw_weather();
    draw_events();
    decide_who_sees_everything();
    return std::move(scenario_);
}

void Generator::draw_hosts() {
    const int count = dice_.between(1, 3);
    for (int i = 0; i < std::max(count, 2); ++i) {
        scenario_.hosts.push_back({.name = fmt::format("host-{}", static_cast<char>('a' + i)),
                                   .addresses = {fmt::format("10.0.0.{}", i + 1), fmt::format("10.0.1.{}", i + 1)}});
    }
}

void Generator::draw_settings() {
    DriverContext& driver = scenario_.driver;
    driver.counters_buffer_length = 1'048'576;
    driver.loss_report_buffer_length = 65'536;
    driver.ipc_term_length = dice_.one_of({65'536, 65'536, 131'072});
    driver.ipc_mtu_length = dice_.one_of({320, 1'408, 1'408, 8'192});
    driver.timer_interval = milliseconds{dice_.one_of({50, 200, 1'000})};
    driver.client_liveness_timeout = milliseconds{dice_.one_of({3'000, 10'000})};
    driver.publication_unblock_timeout = driver.client_liveness_timeout + milliseconds{dice_.one_of({500, 5'000})};
    driver.publication_linger_timeout = milliseconds{dice_.one_of({1'000, 5'000})};
    driver.image_liveness_timeout = milliseconds{dice_.one_of({2'000, 5'000, 10'000})};
    driver.untethered_window_limit_timeout = milliseconds{dice_.one_of({1'100, 5'000})};
    driver.untethered_resting_timeout = milliseconds{dice_.one_of({1'100, 10'000})};
    driver.counters_free_to_reuse_timeout = milliseconds{dice_.one_of({1, 1'000})};
    scenario_.client_driver_timeout = milliseconds{dice_.one_of({3'000, 10'000})};
    draw_network_settings();
}

void Generator::draw_network_settings() {
    DriverContext& driver = scenario_.driver;
    driver.term_length = dice_.one_of({65'536, 65'536, 131'072, 262'144});
    driver.mtu_length = dice_.one_of({320, 1'408, 1'408, 1'408, 4'096, 8'192});
    driver.receiver_window_length = dice_.one_of({16'384, 32'768, 131'072});
    driver.status_message_timeout = milliseconds{dice_.one_of({50, 200})};
    driver.publication_connection_timeout = 25 * driver.status_message_timeout;
    driver.flow_control_receiver_timeout = driver.publication_connection_timeout;
    driver.network_publication_max_messages_per_send = dice_.one_of({1, 2, 4, 16});
    driver.nak_unicast_delay = std::chrono::microseconds{dice_.one_of({1, 50, 1'000})};
    driver.nak_multicast_max_backoff = milliseconds{dice_.one_of({1, 10, 60})};
    driver.retransmit_unicast_delay = std::chrono::microseconds{dice_.one_of({0, 0, 500})};
    driver.retransmit_unicast_linger = milliseconds{dice_.one_of({1, 10, 60})};
    driver.max_resend = dice_.one_of({1, 4, 16});
    driver.cubic_measures_rtt = dice_.happens(0.5);
    driver.cubic_tcp_mode = dice_.happens(0.3);
    driver.send_to_status_poll_ratio = dice_.one_of({1, 6, 20});
    driver.sender_io_vector_capacity = dice_.one_of({1, 4});
    driver.receiver_io_vector_capacity = dice_.one_of({1, 4, 16});
    driver.connect_send_sockets = dice_.happens(0.7);
}

void Generator::draw_streams() {
    for (int count = dice_.between(1, 3); count > 0; --count) {
        switch (kinds_[dice_.index(kinds_.size())]) {
            case StreamKind::ipc: add_ipc(); break;
            case StreamKind::unicast: add_unicast(false); break;
            case StreamKind::spy: add_unicast(true); break;
            case StreamKind::multicast: add_multicast(); break;
            case StreamKind::dynamic_destinations: add_dynamic_destinations(); break;
            case StreamKind::manual_destinations: add_manual_destinations(); break;
            case StreamKind::many_sources: add_many_sources(); break;
            case StreamKind::two_paths: add_two_paths(); break;
            case StreamKind::response: add_response(); break;
        }
        ++next_stream_id_;
    }
}

void Generator::add_ipc() {
    StreamPlan stream{.kind = "ipc"};
    const std::size_t host = draw_host();
    for (int count = dice_.between(1, 3); count > 0; --count) {
        add_publisher(stream, host, "aeron:ipc");
    }
    for (int count = dice_.between(1, 3); count > 0; --count) {
        const bool is_untethered = dice_.happens(0.15);
        SubscriberPlan& subscriber =
            add_subscriber(stream, host, is_untethered ? "aeron:ipc?tether=false" : "aeron:ipc");
        subscriber.sees_everything = !is_untethered;
    }
    scenario_.streams.push_back(std::move(stream));
}

void Generator::add_unicast(const bool has_spy) {
    StreamPlan stream{.kind = has_spy ? "unicast with spy" : "unicast"};
    const std::size_t to = draw_host();
    const int port = next_port();
    const std::size_t from = dice_.happens(0.1) ? to : draw_other_host(to);
    const std::string publication = fmt::format("aeron:udp?endpoint={}:{}", draw_endpoint_host(to), port);
    for (int count = dice_.between(1, 2); count > 0; --count) {
        add_publisher(stream, dice_.happens(0.8) ? from : draw_other_host(to), publication);
    }
    const bool is_reliable = dice_.happens(0.8);
    const std::string subscription =
        fmt::format("aeron:udp?endpoint={}:{}{}{}", draw_own_host(to), port, is_reliable ? "" : "|reliable=false",
                    dice_.happens(0.2) ? "|cc=cubic" : "");
    for (int count = dice_.between(1, 2); count > 0; --count) {
        const bool is_untethered = dice_.happens(0.15);
        SubscriberPlan& subscriber = add_subscriber(stream, to, subscription + (is_untethered ? "|tether=false" : ""));
        subscriber.is_reliable = is_reliable;
        subscriber.sees_everything = is_reliable && !is_untethered;
    }
    if (has_spy) {
        // A spy hears the publishers of its own host only.
        std::ranges::for_each(stream.publishers, [&](PublisherPlan& publisher) {
            publisher.application = stream.publishers.front().application;
        });
        const std::size_t host = scenario_.applications[stream.publishers.front().application].host;
        add_subscriber(stream, host, "aeron-spy:" + publication);
    }
    scenario_.streams.push_back(std::move(stream));
}

void Generator::add_multicast() {
    StreamPlan stream{.kind = "multicast"};
    const std::string endpoint =
        fmt::format("aeron:udp?endpoint=224.20.30.{}:{}", 2 * dice_.between(1, 100) + 1, next_port());
    const std::string flow_control = draw_group_flow_control();
    const std::size_t from = draw_host();
    for (int count = dice_.between(1, 2); count > 0; --count) {
        add_publisher(stream, from, endpoint + flow_control);
    }
    for (std::size_t host = 0; host < scenario_.hosts.size(); ++host) {
        if (dice_.happens(0.7)) {
            add_subscriber(stream, host, endpoint).sees_everything = false;
        }
    }
    if (stream.subscribers.empty()) {
        add_subscriber(stream, draw_host(), endpoint).sees_everything = false;
    }
    scenario_.streams.push_back(std::move(stream));
}

void Generator::add_dynamic_destinations() {
    StreamPlan stream{.kind = "dynamic destinations"};
    const std::size_t from = draw_host();
    const int control_port = next_port();
    add_publisher(stream, from,
                  fmt::format("aeron:udp?control={}:{}|control-mode=dynamic{}", draw_own_host(from), control_port,
                              draw_group_flow_control()));
    for (std::size_t host = 0; host < scenario_.hosts.size(); ++host) {
        if (host != from || scenario_.hosts.size() < 2) {
            const int port = dice_.happens(0.3) ? 0 : next_port();
            const std::string channel = fmt::format("aeron:udp?endpoint={}:{}|control={}:{}", draw_own_host(host), port,
                                                    draw_endpoint_host(from), control_port);
            add_subscriber(stream, host, channel).sees_everything = false;
        }
    }
    scenario_.streams.push_back(std::move(stream));
}

void Generator::add_manual_destinations() {
    StreamPlan stream{.kind = "manual destinations"};
    const std::size_t from = draw_host();
    PublisherPlan& publisher =
        add_publisher(stream, from, fmt::format("aeron:udp?control-mode=manual{}", draw_group_flow_control()));
    for (std::size_t host = 0; host < scenario_.hosts.size(); ++host) {
        if (host != from) {
            const int port = next_port();
            publisher.destinations.push_back(fmt::format("aeron:udp?endpoint={}:{}", draw_endpoint_host(host), port));
            add_subscriber(stream, host, fmt::format("aeron:udp?endpoint={}:{}", draw_own_host(host), port))
                .sees_everything = false;
        }
    }
    scenario_.streams.push_back(std::move(stream));
}

void Generator::add_many_sources() {
    StreamPlan stream{.kind = "many sources"};
    scenario_.expected_errors.emplace_back(address_taken);
    const std::size_t to = draw_host();
    SubscriberPlan& subscriber = add_subscriber(stream, to, "aeron:udp?control-mode=manual");
    for (int count = dice_.between(1, 3); count > 0; --count) {
        const int port = next_port();
        subscriber.destinations.push_back(fmt::format("aeron:udp?endpoint={}:{}", draw_own_host(to), port));
        add_publisher(stream, draw_host(), fmt::format("aeron:udp?endpoint={}:{}", draw_endpoint_host(to), port));
    }
    if (dice_.happens(0.3)) {
        subscriber.destinations.emplace_back("aeron:ipc");
        add_publisher(stream, to, "aeron:ipc");
    }
    // A stream that goes to one socket ends when all sockets have been told so: by liveness, in general.
    subscriber.sees_everything = false;
    scenario_.streams.push_back(std::move(stream));
}

void Generator::add_two_paths() {
    StreamPlan stream{.kind = "two paths"};
    scenario_.expected_errors.emplace_back(address_taken);
    const std::size_t to = draw_host();
    const std::size_t from = draw_other_host(to);
    SubscriberPlan& subscriber = add_subscriber(stream, to, "aeron:udp?control-mode=manual");
    PublisherPlan& publisher = add_publisher(stream, from, "aeron:udp?control-mode=manual");
    for (int path = 0; path < 2; ++path) {
        const int port = next_port();
        subscriber.destinations.push_back(fmt::format("aeron:udp?endpoint={}:{}", draw_own_host(to), port));
        publisher.destinations.push_back(fmt::format("aeron:udp?endpoint={}:{}", draw_endpoint_host(to), port));
    }
    subscriber.sees_everything = false;
    scenario_.streams.push_back(std::move(stream));
}

/// A stream of requests one way, a stream of responses the other. spec: 04 §11
void Generator::add_response() {
    const std::size_t server = draw_host();
    const std::size_t requester = draw_other_host(server);
    const std::string control = fmt::format("control={}:{}", draw_endpoint_host(server), next_port());
    const std::string endpoint = fmt::format("aeron:udp?endpoint={}:{}", draw_endpoint_host(server), next_port());
    const std::size_t first_subscriber = count_subscribers();

    StreamPlan responses{.kind = "responses"};
    SubscriberPlan& response_subscriber =
        add_subscriber(responses, requester, "aeron:udp?control-mode=response|" + control);
    PublisherPlan& responder = add_publisher(responses, server, "aeron:udp?control-mode=response|" + control);
    responder.responds_to = first_subscriber + 1;
    response_subscriber.sees_everything = false;
    scenario_.streams.push_back(std::move(responses));

    ++next_stream_id_;
    StreamPlan requests{.kind = "requests"};
    PublisherPlan& request_publisher = add_publisher(requests, requester, endpoint);
    request_publisher.requests_responses_for = first_subscriber;
    add_subscriber(requests, server, endpoint).sees_everything = false;
    scenario_.streams.push_back(std::move(requests));
    has_response_ = true;
}

std::size_t Generator::count_subscribers() const noexcept {
    std::size_t count = 0;
    for (const StreamPlan& stream : scenario_.streams) {
        count += stream.subscribers.size();
    }
    return count;
}

std::string Generator::draw_group_flow_control() {
    switch (dice_.between(0, 2)) {
        case 0: return "";
        case 1: return "|fc=max";
        default: scenario_.limits_only_rise = false; return "|fc=min";
    }
}

PublisherPlan& Generator::add_publisher(StreamPlan& stream, const std::size_t host, const std::string& channel) {
    stream.publishers.push_back({.application = application_on(host),
                                 .channel = channel,
                                 .stream_id = next_stream_id_,
                                 .is_exclusive = dice_.happens(0.5),
                                 .max_burst = dice_.one_of({1, 10, 50}),
                                 .max_pause_ns = dice_.one_of({1, 20, 200}) * ms,
                                 .max_length = static_cast<std::size_t>(dice_.one_of({64, 1'000, 5'000})),
                                 .claim_rate = dice_.one_of({0.0, 0.3, 1.0}),
                                 .held_claim_rate = dice_.one_of({0.0, 0.0, 0.2})});
    PublisherPlan& plan = stream.publishers.back();
    switch (traffic_) {
        case Traffic::heavy: break;
        case Traffic::light:
            plan.max_burst = 5;
            plan.max_pause_ns *= 10;
            break;
        case Traffic::sparse:
            plan.max_burst = 1;
            plan.max_pause_ns = 60'000 * ms;
            break;
    }
    return plan;
}

SubscriberPlan& Generator::add_subscriber(StreamPlan& stream, const std::size_t host, const std::string& channel) {
    stream.subscribers.push_back({.application = application_on(host),
                                  .channel = channel,
                                  .stream_id = next_stream_id_,
                                  .lazy_rate = dice_.one_of({0.0, 0.3, 0.8}),
                                  .long_pause_rate = dice_.one_of({0.0, 0.003, 0.02}),
                                  .long_pause_ns = dice_.one_of({10, 500, 3'000}) * ms,
                                  .controlled_poll_rate = 0.3,
                                  .fragment_limit = dice_.one_of({1, 10, 100})});
    return stream.subscribers.back();
}

void Generator::draw_weather() {
    std::int64_t at_ns = 0;
    while (at_ns < scenario_.duration_ns) {
        Weather weather{.at_ns = at_ns, .faults = draw_faults()};
        if (scenario_.is_corrupting) {
            weather.faults.corruption_rate = dice_.one_of({0.001, 0.02, 0.3});
        }
        if (dice_.happens(0.15)) {
            weather.short_send_rate = dice_.one_of({0.01, 0.2});
        }
        scenario_.weather.push_back(weather);
        at_ns += dice_.between(std::int64_t{100}, std::int64_t{1'500}) * ms;
    }
}

net::LinkFaults Generator::draw_faults() {
    net::LinkFaults faults{.max_delay_ns = dice_.one_of({0, 20'000, 1'000'000, 20'000'000})};
    faults.min_delay_ns = dice_.between(std::int64_t{0}, faults.max_delay_ns);
    if (dice_.happens(0.6)) {
        faults.loss_rate = dice_.one_of({0.001, 0.01, 0.05, 0.2});
    }
    if (dice_.happens(0.3)) {
        faults.duplication_rate = dice_.one_of({0.01, 0.1});
    }
    if (dice_.happens(0.3)) {
        faults.reordering_rate = dice_.one_of({0.01, 0.1});
        faults.max_reordering_delay_ns = dice_.one_of({50'000, 1'000'000, 20'000'000});
    }
    if (dice_.happens(0.15)) {
        faults.bytes_per_second = dice_.one_of({1'000'000, 10'000'000, 100'000'000});
    }
    return faults;
}

void Generator::draw_events() {
    if (has_response_) {
        return;
    }
    draw_comings_and_goings();
    if (dice_.happens(0.15)) {
        draw_kills();
    }
    if (dice_.happens(0.15)) {
        draw_cuts();
    }
    if (dice_.happens(0.1)) {
        draw_rejections();
    }
    if (dice_.happens(0.15)) {
        draw_revocations();
    }
    if (dice_.happens(0.2)) {
        draw_destination_changes();
    }
    if (names_move_) {
        draw_name_moves();
    }
    std::ranges::stable_sort(scenario_.events, {}, &Event::at_ns);
}

void Generator::draw_comings_and_goings() {
    std::size_t publishers = 0;
    const std::size_t subscribers = count_subscribers();
    for (const StreamPlan& stream : scenario_.streams) {
        publishers += stream.publishers.size();
    }
    for (std::size_t i = 0; i < publishers; ++i) {
        if (dice_.happens(0.3)) {
            scenario_.late_publishers.push_back(i);
            add_event({.at_ns = draw_moment(), .kind = EventKind::open_publisher, .subject = i});
        }
        for (int times = dice_.between(0, 2); times > 0; --times) {
            const std::int64_t at_ns = draw_moment();
            add_event({.at_ns = at_ns, .kind = EventKind::close_publisher, .subject = i});
            if (dice_.happens(0.8)) {
                add_event({.at_ns = at_ns + dice_.between(std::int64_t{0}, std::int64_t{300}) * ms,
                           .kind = EventKind::open_publisher,
                           .subject = i});
            }
        }
    }
    for (std::size_t i = 0; i < subscribers; ++i) {
        if (dice_.happens(0.3)) {
            scenario_.late_subscribers.push_back(i);
            add_event({.at_ns = draw_moment(), .kind = EventKind::open_subscriber, .subject = i});
        }
        for (int times = dice_.between(0, 1); times > 0; --times) {
            const std::int64_t at_ns = draw_moment();
            add_event({.at_ns = at_ns, .kind = EventKind::close_subscriber, .subject = i});
            add_event({.at_ns = at_ns + dice_.between(std::int64_t{0}, std::int64_t{500}) * ms,
                       .kind = EventKind::open_subscriber,
                       .subject = i});
        }
    }
}

void Generator::draw_kills() {
    if (dice_.happens(0.5) || !drivers_may_die_) {
        add_event({.at_ns = draw_moment(),
                   .kind = dice_.happens(0.3) ? EventKind::close_application : EventKind::kill_application,
                   .subject = dice_.index(scenario_.applications.size())});
    } else {
        const std::size_t host = draw_host();
        const std::int64_t at_ns = draw_moment();
        add_event({.at_ns = at_ns, .kind = EventKind::kill_driver, .subject = host});
        add_event({.at_ns = at_ns + dice_.between(std::int64_t{0}, std::int64_t{2'000}) * ms,
                   .kind = EventKind::start_driver,
                   .subject = host});
    }
}

void Generator::draw_cuts() {
    const std::size_t from = draw_host();
    const std::size_t to = draw_other_host(from);
    const std::int64_t cut_ns = draw_moment();
    const std::int64_t heal_ns = cut_ns + dice_.between(std::int64_t{1}, std::int64_t{6'000}) * ms;
    scenario_.duration_ns = std::max(scenario_.duration_ns, heal_ns);
    add_event({.at_ns = cut_ns, .kind = EventKind::cut_link, .subject = from, .object = to});
    add_event({.at_ns = heal_ns, .kind = EventKind::heal_link, .subject = from, .object = to});
    if (dice_.happens(0.5)) {
        add_event({.at_ns = cut_ns, .kind = EventKind::cut_link, .subject = to, .object = from});
        add_event({.at_ns = heal_ns, .kind = EventKind::heal_link, .subject = to, .object = from});
    }
}

void Generator::draw_rejections() {
    add_event({.at_ns = draw_moment(), .kind = EventKind::reject_image, .subject = dice_.index(count_subscribers())});
    scenario_.expected_errors.emplace_back("the simulation does not like it");
    scenario_.expected_errors.emplace_back("cannot reject image");  // of a spy, or gone this very moment
}

void Generator::draw_revocations() {
    std::size_t index = 0;
    for (const StreamPlan& stream : scenario_.streams) {
        for (const PublisherPlan& publisher : stream.publishers) {
            if (publisher.is_exclusive) {
                add_event({.at_ns = draw_moment(), .kind = EventKind::revoke_publisher, .subject = index});
            }
            ++index;
        }
    }
}

/// Publishers name who they send to, subscribers who they hear; both may think better of it, for a while.
void Generator::draw_destination_changes() {
    const auto draw_changes = [this](const std::size_t subject, const std::size_t destinations) {
        for (std::size_t i = 0; i < destinations; ++i) {
            if (dice_.happens(0.5)) {
                continue;
            }
            const std::int64_t at_ns = draw_moment();
            add_event({.at_ns = at_ns, .kind = EventKind::remove_destination, .subject = subject, .object = i});
            add_event({.at_ns = at_ns + dice_.between(std::int64_t{0}, std::int64_t{2'000}) * ms,
                       .kind = EventKind::add_destination,
                       .subject = subject,
                       .object = i});
        }
    };
    std::size_t subject = 0;
    for (const StreamPlan& stream : scenario_.streams) {
        for (const PublisherPlan& publisher : stream.publishers) {
            draw_changes(subject++, publisher.destinations.size());
        }
    }
    for (const StreamPlan& stream : scenario_.streams) {
        for (const SubscriberPlan& subscriber : stream.subscribers) {
            draw_changes(subject++, subscriber.destinations.size());
        }
    }
}

/// A host is known by another address for a while: streams that begin meanwhile find it, or look it up again later.
void Generator::draw_name_moves() {
    const std::size_t host = draw_host();
    const std::int64_t at_ns = draw_moment();
    add_event({.at_ns = at_ns, .kind = EventKind::move_name, .subject = host, .object = 1});
    add_event({.at_ns = at_ns + dice_.between(std::int64_t{100}, std::int64_t{3'000}) * ms,
               .kind = EventKind::move_name,
               .subject = host,
               .object = 0});
}

/// Where something is cut off on purpose, images may end early.
void Generator::decide_who_sees_everything() {
    const bool is_peaceful = !scenario_.has_kills() && !scenario_.has_events_of(EventKind::cut_link) &&
                             !scenario_.has_events_of(EventKind::reject_image) &&
                             !scenario_.has_events_of(EventKind::move_name);
    for (StreamPlan& stream : scenario_.streams) {
        for (SubscriberPlan& subscriber : stream.subscribers) {
            subscriber.sees_everything = subscriber.sees_everything && is_peaceful;
            subscriber.is_checked = !scenario_.is_corrupting;
        }
    }
}

std::size_t Generator::draw_other_host(const std::size_t host) noexcept {
    return (host + 1 + dice_.index(scenario_.hosts.size() - 1)) % scenario_.hosts.size();
}

/// One that is there, or a new one.
std::size_t Generator::application_on(const std::size_t host) {
    std::vector<ApplicationPlan>& applications = scenario_.applications;
    for (std::size_t i = 0; i < applications.size(); ++i) {
        if (applications[i].host == host && dice_.happens(0.5)) {
            return i;
        }
    }
    applications.push_back({.host = host, .counters = static_cast<std::size_t>(dice_.one_of({0, 0, 3}))});
    return applications.size() - 1;
}

std::string Generator::draw_own_host(const std::size_t host) {
    return names_move_ ? scenario_.hosts[host].addresses.front() : draw_endpoint_host(host);
}

std::string Generator::draw_endpoint_host(const std::size_t host) {
    if (scenario_.driver.name_resolver_supplier == "driver" && dice_.happens(0.2)) {
        return driver_name_of(scenario_.hosts[host].name);
    }
    return dice_.happens(0.3) ? scenario_.hosts[host].name : scenario_.hosts[host].addresses.front();
}

}  // namespace

const std::vector<StreamKind> all_stream_kinds{StreamKind::ipc,
                                               StreamKind::unicast,
                                               StreamKind::multicast,
                                               StreamKind::dynamic_destinations,
                                               StreamKind::manual_destinations,
                                               StreamKind::many_sources,
                                               StreamKind::two_paths,
                                               StreamKind::response,
                                               StreamKind::spy};

Scenario draw_scenario(const std::uint64_t seed) {
    return draw_scenario(seed, all_stream_kinds);
}

Scenario draw_scenario(const std::uint64_t seed, const std::vector<StreamKind>& kinds) {
    return Generator{seed, kinds}.draw();
}

Scenario draw_residents(const std::uint64_t seed) {
    return Generator{seed, all_stream_kinds}.draw_residents();
}

Scenario draw_visit(const std::uint64_t seed, const Scenario& residents) {
    return Generator{seed, all_stream_kinds}.draw_visit(residents);
}

}  // namespace cpperon::sim
