#include "cpperon/driver/name_resolution/driver_name_resolver.hpp"

#include <chrono>
#include <deque>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/driver/test_counters.hpp"
#include "cpperon/net/simulated_name_resolver.hpp"
#include "cpperon/net/simulated_network.hpp"
#include "cpperon/shm/distinct_error_log.hpp"
#include "cpperon/shm/error_log_reader.hpp"
#include "tests/support/shared_section.hpp"

namespace cpperon::driver {
namespace {

using namespace std::chrono_literals;
using net::SocketAddress;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

SocketAddress address(const std::string_view host, const std::uint16_t port = 0) {
    return *SocketAddress::try_parse(host, port);
}

/// The surroundings of one driver's resolver, and the resolver.
class Driver {
public:
    Driver(net::SimulatedHost& host, net::NameResolver& system, NanoClock& clock,
           const DriverNameResolverConfig& config)
        : clock_(clock),
          resolver_(std::make_unique<DriverNameResolver>(config,
                                                         DriverNameResolverServices{.transport = host,
                                                                                    .system = system,
                                                                                    .counters = counters_.manager,
                                                                                    .system_counters = system_counters_,
                                                                                    .errors = errors_},
                                                         clock.nano_time())) {}

    int step() { return resolver_ ? resolver_->do_work(clock_.nano_time()) : 0; }
    void stop() { resolver_.reset(); }

    [[nodiscard]] DriverNameResolver& resolver() { return *resolver_; }
    /// The address that a name stands for; nothing if it is unknown.
    [[nodiscard]] std::optional<std::string> resolved(const std::string_view name) {
        const Result<SocketAddress> result = resolver_->resolve("endpoint", name, false);
        return result ? std::optional{result->to_string()} : std::nullopt;
    }

    [[nodiscard]] const CountersReader& counters() const { return counters_.reader(); }
    /// Of the counter that is the only one of its type.
    [[nodiscard]] std::int64_t counter(const std::int32_t type_id) const { return counters().value(id_of(type_id)); }
    [[nodiscard]] std::string label(const std::int32_t type_id) const { return counters().label(id_of(type_id)); }
    [[nodiscard]] std::int32_t id_of(const std::int32_t type_id) const {
        return counters().find(type_id, [](const auto&) { return true; }).value();
    }
    [[nodiscard]] std::int64_t system_counter(const SystemCounter counter) const {
        return system_counters_.value(counter);
    }
    [[nodiscard]] std::vector<std::string> errors() {
        std::vector<std::string> texts;
        ErrorLogReader{error_section_.bytes()}.for_each([&](const auto& entry) { texts.emplace_back(entry.text); });
        return texts;
    }

private:
    NanoClock& clock_;
    TestCounters counters_;
    SystemCounters system_counters_{counters_.manager, {}};
    test::SharedSection error_section_{65'536};
    shm::DistinctErrorLog error_log_{error_section_.bytes(), counters_.clock};
    DriverErrors errors_{error_log_, system_counters_};
    std::unique_ptr<DriverNameResolver> resolver_;
};

constexpr std::int32_t neighbors = 15;
constexpr std::int32_t cache_entries = 16;
constexpr std::int32_t bootstrap_neighbor = 21;

/// A resolver's frame that was on the network.
struct SeenFrame {
    SocketAddress source;
    SocketAddress destination;
    std::vector<std::byte> bytes;

    [[nodiscard]] std::vector<wire::ResolutionEntry> entries() const {
        wire::ResolutionReader reader{bytes};
        std::vector<wire::ResolutionEntry> entries;
        while (const auto entry = reader.next()) {
            entries.push_back(*entry);
        }
        EXPECT_EQ(reader.fault(), wire::Fault::none);
        return entries;
    }
};

class DriverNameResolverTest : public testing::Test {
protected:
    DriverNameResolverTest() {
        network_.set_tap([this](const net::SentDatagram& datagram) {
            seen_.push_back({.source = datagram.source,
                             .destination = datagram.destination,
                             .bytes = {datagram.bytes.begin(), datagram.bytes.end()}});
            return true;
        });
        for (int i = 1; i <= 3; ++i) {
            const std::string text = fmt::format("10.0.0.{}", i);
            hosts_.push_back(&network_.add_host(fmt::format("host-{}", i), {address(text)}));
            names_.set(fmt::format("host-{}", i), address(text));
        }
    }

    /// On host 1, 2 or 3, port 8050.
    Driver& start(const int host, DriverNameResolverConfig config) {
        if (config.interface.empty()) {
            config.interface = fmt::format("10.0.0.{}:8050", host);
        }
        drivers_.push_back(
            std::make_unique<Driver>(*hosts_.at(static_cast<std::size_t>(host) - 1), names_, clock_, config));
        return *drivers_.back();
    }

    /// A step of every driver each 10 ms.
    void run(const std::chrono::nanoseconds duration) {
        for (std::chrono::nanoseconds passed{0}; passed < duration; passed += 10ms) {
            for (const auto& driver : drivers_) {
                driver->step();
            }
            clock_.advance(10ms);
        }
    }

    /// A socket on host 3, to speak as whoever.
    net::UdpSocket& stranger() {
        if (!stranger_) {
            stranger_ = hosts_[2]->open({.bind_address = address("10.0.0.3", 9'999)}).value_or_throw();
        }
        return *stranger_;
    }

    /// To the resolver on host 1.
    void send(const std::span<const std::byte> datagram) {
        const net::DatagramRun single = net::DatagramRun::single(datagram);
        const SocketAddress destination = address("10.0.0.1", 8'050);
        stranger().send({&single, 1}, &destination);
    }
    void send(const std::vector<wire::ResolutionEntry>& entries) {
        std::vector<std::byte> buffer(65'504);
        wire::ResolutionPacker packer{buffer};
        for (const wire::ResolutionEntry& entry : entries) {
            packer.try_add(entry);
        }
        send(packer.frame());
    }
    /// Sends it, and lets the drivers work.
    void tell(const auto& what) {
        send(what);
        run(20ms);
    }
    void tell(const std::initializer_list<wire::ResolutionEntry> entries) {
        tell(std::vector<wire::ResolutionEntry>(entries));
    }

    /// The frames since `forget_frames` from a source to a destination, of which each may be any.
    std::vector<SeenFrame> frames(const std::optional<SocketAddress>& source,
                                  const std::optional<SocketAddress>& destination = std::nullopt) const {
        std::vector<SeenFrame> found;
        for (const SeenFrame& frame : seen_) {
            if ((!source || frame.source == *source) && (!destination || frame.destination == *destination)) {
                found.push_back(frame);
            }
        }
        return found;
    }
    void forget_frames() { seen_.clear(); }

    ManualClock clock_;
    net::SimulatedNetwork network_{clock_, 1};
    net::SimulatedNameResolver names_;
    std::vector<net::SimulatedHost*> hosts_;
    std::vector<SeenFrame> seen_;
    std::unique_ptr<net::UdpSocket> stranger_;
    std::vector<std::unique_ptr<Driver>> drivers_;
};

const SocketAddress resolver_1 = address("10.0.0.1", 8'050);
const SocketAddress resolver_2 = address("10.0.0.2", 8'050);
const SocketAddress resolver_3 = address("10.0.0.3", 8'050);

wire::ResolutionEntry ipv4_entry(const std::string_view name, const std::uint8_t last_byte,
                                 const std::int32_t age_ms = 0) {
    return {.port = 8'050, .age_ms = age_ms, .address = {10, 0, 0, last_byte}, .name = name};
}

wire::ResolutionEntry self_entry(const std::string_view name, const std::uint8_t last_byte) {
    wire::ResolutionEntry entry = ipv4_entry(name, last_byte);
    entry.flags = wire::resolution_flag::self;
    return entry;
}

// ---- Two and more drivers ----

// spec: 04-C88, 06-C60
TEST_F(DriverNameResolverTest, TwoDriversLearnEachOthersNames) {
    Driver& a = start(1, {.name = "driver-A"});
    Driver& b = start(2, {.name = "driver-B", .bootstrap_neighbors = "host-1:8050"});

    run(3s);

    EXPECT_EQ(a.resolved("driver-B"), "10.0.0.2:0");
    EXPECT_EQ(b.resolved("driver-A"), "10.0.0.1:0");
    for (const Driver* const driver : {&a, &b}) {
        EXPECT_EQ(driver->counter(neighbors), 1);
        EXPECT_EQ(driver->counter(cache_entries), 1);
    }
    EXPECT_EQ(b.counter(bootstrap_neighbor), 1);
    EXPECT_THAT(a.errors(), IsEmpty());
    EXPECT_THAT(b.errors(), IsEmpty());
}

// spec: 04-C88, 06-C60
TEST_F(DriverNameResolverTest, StoppedDriverIsForgottenAfterTheNeighbourTimeout) {
    Driver& a = start(1, {.name = "driver-A"});
    Driver& b = start(2, {.name = "driver-B", .bootstrap_neighbors = "host-1:8050"});
    run(3s);

    a.stop();
    run(8s);
    EXPECT_EQ(b.resolved("driver-A"), "10.0.0.1:0");
    EXPECT_EQ(b.counter(bootstrap_neighbor), 1);

    run(3s);
    EXPECT_EQ(b.resolved("driver-A"), std::nullopt);
    EXPECT_EQ(b.counter(neighbors), 0);
    EXPECT_EQ(b.counter(cache_entries), 0);
    EXPECT_EQ(b.counter(bootstrap_neighbor), 0);
}

// spec: 04-C88
TEST_F(DriverNameResolverTest, NamesSpreadOverANeighbourAndVanishEverywhere) {
    start(1, {.name = "driver-A"});
    Driver& b = start(2, {.name = "driver-B", .bootstrap_neighbors = "10.0.0.1:8050"});
    Driver& c = start(3, {.name = "driver-C", .bootstrap_neighbors = "10.0.0.1:8050"});

    run(5s);
    EXPECT_EQ(b.resolved("driver-C"), "10.0.0.3:0");
    EXPECT_EQ(c.resolved("driver-B"), "10.0.0.2:0");
    EXPECT_EQ(c.counter(neighbors), 2) << "who is heard of becomes a neighbour";
    EXPECT_EQ(b.counter(cache_entries), 2);

    c.stop();
    run(13s);
    EXPECT_EQ(b.resolved("driver-C"), std::nullopt) << "ages travel: they do not keep it alive among themselves";
    EXPECT_EQ(b.counter(neighbors), 1);
}

TEST_F(DriverNameResolverTest, LosesNothingOverABadNetwork) {
    network_.set_faults(
        {.max_delay_ns = 50'000'000, .loss_rate = 0.3, .duplication_rate = 0.3, .reordering_rate = 0.3});
    Driver& a = start(1, {.name = "driver-A", .bootstrap_neighbors = "10.0.0.2:8050,10.0.0.3:8050"});
    Driver& b = start(2, {.name = "driver-B", .bootstrap_neighbors = "10.0.0.1:8050,10.0.0.3:8050"});
    Driver& c = start(3, {.name = "driver-C", .bootstrap_neighbors = "10.0.0.1:8050,10.0.0.2:8050"});

    run(20s);

    for (Driver* const driver : {&a, &b, &c}) {
        EXPECT_EQ(driver->counter(neighbors), 2);
        EXPECT_EQ(driver->counter(cache_entries), 2);
        EXPECT_EQ(driver->system_counter(SystemCounter::invalid_packets), 0);
    }
}

TEST_F(DriverNameResolverTest, SurvivesCorruptedDatagrams) {
    network_.set_faults({.corruption_rate = 1});
    Driver& a = start(1, {.name = "driver-A", .bootstrap_neighbors = "10.0.0.2:8050"});
    Driver& b = start(2, {.name = "driver-B", .bootstrap_neighbors = "10.0.0.1:8050"});

    run(60s);

    EXPECT_GT(a.system_counter(SystemCounter::invalid_packets), 0);
    EXPECT_GT(b.system_counter(SystemCounter::invalid_packets), 0);
}

TEST_F(DriverNameResolverTest, SpeaksOverIpv6) {
    net::SimulatedHost& host = network_.add_host("host-6", {address("fd00::6")});
    net::SimulatedHost& other = network_.add_host("host-7", {address("fd00::7")});
    Driver a{host, names_, clock_, {.name = "driver-A", .interface = "[fd00::6]:8050"}};
    Driver b{
        other, names_, clock_, {.name = "driver-B", .interface = "[::]:8050", .bootstrap_neighbors = "[fd00::6]:8050"}};

    for (int i = 0; i < 300; ++i) {
        a.step();
        b.step();
        clock_.advance(10ms);
    }

    EXPECT_EQ(a.resolved("driver-B"), "[fd00::7]:0");
    EXPECT_EQ(b.resolved("driver-A"), "[fd00::6]:0");
}

// ---- What is told, and when ----

TEST_F(DriverNameResolverTest, TellsItsNameAtOnceAndThenEverySecond) {
    start(1, {.name = "driver-A", .bootstrap_neighbors = "host-2:8050"});

    run(10ms);
    ASSERT_THAT(frames(resolver_1), SizeIs(1));
    EXPECT_EQ(seen_.front().destination, resolver_2);
    EXPECT_THAT(seen_.front().entries(), ElementsAre(self_entry("driver-A", 1)));
    run(990ms);
    EXPECT_THAT(frames(resolver_1), SizeIs(1));
    run(10ms);
    EXPECT_THAT(frames(resolver_1), SizeIs(2));
    run(9s);
    EXPECT_THAT(frames(resolver_1), SizeIs(11));
}

TEST_F(DriverNameResolverTest, TellsItsNameEachBootstrapNeighbourAndEachOtherNeighbourOnce) {
    start(1, {.name = "driver-A", .bootstrap_neighbors = "host-2:8050,10.0.0.2:8050"});
    tell({self_entry("driver-B", 2), self_entry("driver-C", 3), self_entry("driver-C2", 3)});
    run(900ms);
    forget_frames();

    run(1s);

    EXPECT_THAT(frames(resolver_1, resolver_2), SizeIs(1));
    EXPECT_THAT(frames(resolver_1, resolver_3), SizeIs(1));
}

TEST_F(DriverNameResolverTest, TellsWhatItHasHeardEveryTwoSecondsWithItsAge) {
    start(1, {.name = "driver-A"});
    run(10ms);
    tell({ipv4_entry("driver-B", 2, 1'500), self_entry("driver-C", 3)});
    forget_frames();

    run(2s);

    std::vector<SeenFrame> cache_frames;
    for (const SeenFrame& frame : frames(resolver_1, resolver_2)) {
        if (!frame.entries().front().is_self()) {
            cache_frames.push_back(frame);
        }
    }
    ASSERT_THAT(cache_frames, SizeIs(1));
    // Told at 20 ms, taken in at the same step, told on at 2 s.
    EXPECT_THAT(cache_frames.front().entries(),
                UnorderedElementsAre(ipv4_entry("driver-B", 2, 1'500 + 1'990), ipv4_entry("driver-C", 3, 1'990)));
}

// spec: 04-C90
TEST_F(DriverNameResolverTest, SplitsWhatItTellsByTheMtu) {
    start(1, {.name = "driver-A", .mtu_length = 256});
    std::deque<std::string> texts;
    std::vector<wire::ResolutionEntry> entries;
    for (int i = 0; i < 100; ++i) {
        texts.push_back(fmt::format("driver-{}{}", i, std::string(static_cast<std::size_t>(i % 9), 'x')));
        entries.push_back(ipv4_entry(texts.back(), 2));
    }
    tell(entries);
    forget_frames();

    run(2s);

    std::vector<std::string> told;
    for (const SeenFrame& frame : frames(resolver_1, resolver_2)) {
        EXPECT_LE(frame.bytes.size(), 256U);
        EXPECT_EQ(frame.bytes.size() % 8, 0U);
        for (const wire::ResolutionEntry& entry : frame.entries()) {
            if (!entry.is_self()) {
                told.emplace_back(entry.name);
            }
        }
    }
    EXPECT_THAT(told, testing::UnorderedElementsAreArray(texts));
}

TEST_F(DriverNameResolverTest, DoesNotTellANameThatFitsNoFrame) {
    Driver& a = start(1, {.name = "driver-A", .mtu_length = 64});
    const std::string name(400, 'n');
    tell({ipv4_entry(name, 2), ipv4_entry("z", 2)});
    forget_frames();

    run(2s);

    EXPECT_EQ(a.resolved(name), "10.0.0.2:0");
    for (const SeenFrame& frame : frames(resolver_1, resolver_2)) {
        EXPECT_THAT(frame.entries(), SizeIs(1));
        EXPECT_THAT(frame.entries().front().name, testing::AnyOf("driver-A", "z"));
    }
}

TEST_F(DriverNameResolverTest, WorksAtMostEveryTenMilliseconds) {
    Driver& a = start(1, {.name = "driver-A"});
    a.step();
    send(std::vector{self_entry("driver-B", 2)});

    clock_.advance(9'999'999ns);
    EXPECT_EQ(a.step(), 0);
    EXPECT_EQ(a.counter(cache_entries), 0);
    clock_.advance(1ns);
    EXPECT_GT(a.step(), 0);
    EXPECT_EQ(a.counter(cache_entries), 1);
}

TEST_F(DriverNameResolverTest, FailedSendsAreCountedAndDoNotStopIt) {
    hosts_[0]->set_short_send_rate(1);
    Driver& a = start(1, {.name = "driver-A", .bootstrap_neighbors = "host-2:8050"});

    run(3s);
    EXPECT_EQ(a.system_counter(SystemCounter::short_sends), 3);

    hosts_[0]->set_short_send_rate(0);
    run(1s);
    EXPECT_THAT(frames(resolver_1, resolver_2), SizeIs(1));
}

// ---- Bootstrap neighbours ----

TEST_F(DriverNameResolverTest, ResolvesABootstrapNeighbourAgainUntilItIsHeardOf) {
    names_.remove("host-2");
    Driver& a = start(1, {.name = "driver-A", .bootstrap_neighbors = "host-2:8050"});
    run(9s);
    EXPECT_EQ(a.label(bootstrap_neighbor), "Bootstrap neighbor: name=host-2:8050 resolved=");
    EXPECT_THAT(a.errors(), ElementsAre(HasSubstr("Unable to resolve host=(host-2)")));

    names_.set("host-2", address("10.0.0.3"));
    run(2s);
    EXPECT_EQ(a.label(bootstrap_neighbor), "Bootstrap neighbor: name=host-2:8050 resolved=10.0.0.3:8050");
    EXPECT_EQ(a.counter(bootstrap_neighbor), 0);

    names_.set("host-2", address("10.0.0.2"));
    start(2, {.name = "driver-B"});
    run(11s);
    EXPECT_EQ(a.label(bootstrap_neighbor), "Bootstrap neighbor: name=host-2:8050 resolved=10.0.0.2:8050");
    EXPECT_EQ(a.counter(bootstrap_neighbor), 1);

    const std::uint64_t resolutions = names_.resolutions() + names_.re_resolutions();
    run(30s);
    EXPECT_EQ(names_.resolutions() + names_.re_resolutions(), resolutions) << "it is a neighbour";
}

TEST_F(DriverNameResolverTest, BootstrapNeighbourThatFailsToResolveKeepsItsAddress) {
    Driver& a = start(1, {.name = "driver-A", .bootstrap_neighbors = "host-2:8050"});
    run(5s);

    names_.remove("host-2");
    run(10s);

    EXPECT_EQ(a.label(bootstrap_neighbor), "Bootstrap neighbor: name=host-2:8050 resolved=10.0.0.2:8050");
    forget_frames();
    run(1s);
    EXPECT_THAT(frames(resolver_1, resolver_2), SizeIs(1));
}

TEST_F(DriverNameResolverTest, MayHaveItselfAmongItsBootstrapNeighbours) {
    Driver& a = start(1, {.name = "driver-A", .bootstrap_neighbors = "host-1:8050,host-2:8050"});
    Driver& b = start(2, {.name = "driver-B", .bootstrap_neighbors = "host-1:8050,host-2:8050"});

    run(5s);

    EXPECT_EQ(a.counter(neighbors), 1);
    EXPECT_EQ(b.counter(neighbors), 1);
    EXPECT_EQ(a.counter(cache_entries), 1);
    EXPECT_EQ(b.counter(cache_entries), 1);
}

// ---- What is heard ----

// spec: 04-C89
TEST_F(DriverNameResolverTest, SelfEntryWithWildcardAddressStandsForItsSource) {
    Driver& a = start(1, {.name = "driver-A"});
    wire::ResolutionEntry entry = self_entry("driver-B", 0);
    entry.address = {};
    entry.port = 1;

    tell({entry});

    EXPECT_EQ(a.resolved("driver-B"), "10.0.0.3:0");
    forget_frames();
    run(1s);
    EXPECT_THAT(frames(resolver_1, address("10.0.0.3", 9'999)), SizeIs(1)) << "address and port are the source's";
}

// spec: 04-C89
TEST_F(DriverNameResolverTest, DriverBoundToTheWildcardIsKnownByTheAddressThatOthersSee) {
    Driver& a = start(1, {.name = "driver-A"});
    Driver& b = start(2, {.name = "driver-B", .interface = "0.0.0.0:8050", .bootstrap_neighbors = "host-1:8050"});

    run(3s);

    EXPECT_EQ(a.resolved("driver-B"), "10.0.0.2:0");
    EXPECT_EQ(b.resolved("driver-B"), "0.0.0.0:0") << "its own name is its own business";
}

TEST_F(DriverNameResolverTest, IgnoresWhatOthersSayOfItself) {
    Driver& a = start(1, {.name = "driver-A"});

    tell({ipv4_entry("driver-A", 1), self_entry("driver-A", 2)});
    EXPECT_EQ(a.counter(cache_entries), 0);
    EXPECT_EQ(a.counter(neighbors), 0);

    wire::ResolutionEntry other_port = ipv4_entry("driver-A", 2);
    other_port.port = 8'051;
    tell({other_port});
    EXPECT_EQ(a.counter(cache_entries), 1) << "somebody else with the same name";
}

TEST_F(DriverNameResolverTest, OnlyItsOwnWordsKeepANeighbourAndAnyWordsKeepAName) {
    Driver& a = start(1, {.name = "driver-A"});
    tell({self_entry("driver-B", 2)});
    run(9s);

    tell({ipv4_entry("driver-B", 2)});
    run(2s);

    EXPECT_EQ(a.counter(neighbors), 0);
    EXPECT_EQ(a.resolved("driver-B"), "10.0.0.2:0");
}

TEST_F(DriverNameResolverTest, AgesCount) {
    Driver& a = start(1, {.name = "driver-A"});

    tell({ipv4_entry("gone", 2, 10'000), ipv4_entry("old", 3, 9'000), ipv4_entry("future", 4, -50'000),
          ipv4_entry("ancient", 5, INT32_MAX), ipv4_entry("before time", 6, INT32_MIN)});
    EXPECT_EQ(a.resolved("gone"), std::nullopt);
    EXPECT_EQ(a.resolved("ancient"), std::nullopt);
    EXPECT_EQ(a.resolved("old"), "10.0.0.3:0");

    run(1s);
    EXPECT_EQ(a.resolved("old"), std::nullopt);
    EXPECT_EQ(a.resolved("future"), "10.0.0.4:0");
    run(9s);
    EXPECT_EQ(a.resolved("future"), std::nullopt) << "nobody was heard of in the future";
    EXPECT_EQ(a.counter(cache_entries), 0);
}

TEST_F(DriverNameResolverTest, SameNameTwiceIsOneEntryWithTheLaterAddress) {
    Driver& a = start(1, {.name = "driver-A"});

    tell({ipv4_entry("driver-B", 2), ipv4_entry("driver-B", 3), ipv4_entry("driver-B", 3)});

    EXPECT_EQ(a.counter(cache_entries), 1);
    EXPECT_EQ(a.counter(neighbors), 2);
    EXPECT_EQ(a.resolved("driver-B"), "10.0.0.3:0");
}

TEST_F(DriverNameResolverTest, MalformedFramesAreCountedAndLoggedOncePerKind) {
    Driver& a = start(1, {.name = "driver-A"});
    const std::vector<std::byte> garbage(64, std::byte{0xFF});
    wire::ResolutionEntry nowhere = ipv4_entry("driver-B", 2);
    nowhere.port = 0;
    wire::ResolutionEntry group = ipv4_entry("driver-C", 2);
    group.address = {224, 0, 0, 1};
    wire::ResolutionEntry wildcard = ipv4_entry("driver-D", 2);
    wildcard.address = {};

    tell(garbage);
    tell(garbage);
    tell({nowhere, group, wildcard});

    EXPECT_EQ(a.system_counter(SystemCounter::invalid_packets), 5);
    EXPECT_EQ(a.system_counter(SystemCounter::errors), 2);
    EXPECT_THAT(a.errors(), SizeIs(2));
    EXPECT_THAT(a.errors(), Each(HasSubstr("the name resolver dropped what it received: ")));
    EXPECT_EQ(a.counter(cache_entries), 0);
    EXPECT_EQ(a.counter(neighbors), 0);
}

TEST_F(DriverNameResolverTest, TakesTheEntriesBeforeAMalformedOne) {
    Driver& a = start(1, {.name = "driver-A"});
    std::vector<std::byte> buffer(256);
    wire::ResolutionPacker packer{buffer};
    packer.try_add(ipv4_entry("driver-B", 2));
    const std::size_t second = packer.frame().size();
    packer.try_add(ipv4_entry("driver-C", 3));
    packer.try_add(ipv4_entry("driver-D", 3));
    const auto frame = packer.frame();
    buffer[second] = std::byte{9};

    tell(frame);

    EXPECT_EQ(a.counter(cache_entries), 1);
    EXPECT_EQ(a.resolved("driver-B"), "10.0.0.2:0");
    EXPECT_EQ(a.system_counter(SystemCounter::invalid_packets), 1);
}

TEST_F(DriverNameResolverTest, IgnoresOtherFrames) {
    Driver& a = start(1, {.name = "driver-A"});
    std::vector<std::byte> buffer(40);
    wire::encode(wire::Setup{}, buffer);

    tell(buffer);

    EXPECT_EQ(a.system_counter(SystemCounter::invalid_packets), 0);
    EXPECT_THAT(a.errors(), IsEmpty());
}

TEST_F(DriverNameResolverTest, HasABoundForWhatItKnows) {
    Driver& a = start(1, {.name = "driver-A"});
    for (std::size_t i = 0; i <= DriverNameResolver::max_cached_names; i += 256) {
        std::deque<std::string> texts;
        std::vector<wire::ResolutionEntry> entries;
        for (std::size_t j = 0; j < 256; ++j) {
            texts.push_back(fmt::format("name-{}", i + j));
            entries.push_back(ipv4_entry(texts.back(), 2));
            entries.back().port = static_cast<std::uint16_t>(10'000 + i + j);
        }
        tell(entries);
    }

    EXPECT_EQ(a.counter(cache_entries), static_cast<std::int64_t>(DriverNameResolver::max_cached_names));
    EXPECT_EQ(a.counter(neighbors), static_cast<std::int64_t>(DriverNameResolver::max_neighbors));
    EXPECT_THAT(a.errors(), ElementsAre(HasSubstr("as many drivers as it has room for")));
    EXPECT_EQ(a.system_counter(SystemCounter::errors), 1);
}

// ---- Resolving ----

TEST_F(DriverNameResolverTest, LeavesNamesThatNoDriverHasToTheSystem) {
    Driver& a = start(1, {.name = "driver-A"});

    EXPECT_EQ(a.resolved("host-3"), "10.0.0.3:0");
    EXPECT_EQ(a.resolved("driver-A"), "10.0.0.1:0");
    const auto unknown = a.resolver().resolve("endpoint", "driver-X", true);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::unknown_host);
    EXPECT_THAT(unknown.error().message, HasSubstr("Unable to resolve host=(driver-X)"));
    EXPECT_EQ(a.resolver().name(), "driver");
}

TEST_F(DriverNameResolverTest, PortOfAChannelIsItsOwn) {
    Driver& a = start(1, {.name = "driver-A"});
    tell({self_entry("driver-B", 2)});

    EXPECT_EQ(net::resolve_host_port(a.resolver(), "endpoint", "driver-B:40123", false).value().to_string(),
              "10.0.0.2:40123");
}

// ---- Set-up ----

// spec: 06-C60
TEST_F(DriverNameResolverTest, CountersComeRightAfterTheSystemsInTheOrderOfTheSpecification) {
    const Driver& a = start(1, {.name = "driver-A", .bootstrap_neighbors = "host-2:8050,host-3:8051"});
    run(10ms);
    const CountersReader& counters = a.counters();

    EXPECT_EQ(counters.type_id(46), bootstrap_neighbor);
    EXPECT_EQ(counters.type_id(47), bootstrap_neighbor);
    EXPECT_EQ(counters.type_id(48), neighbors);
    EXPECT_EQ(counters.type_id(49), cache_entries);
    EXPECT_EQ(counters.label(46), "Bootstrap neighbor: name=host-2:8050 resolved=10.0.0.2:8050");
    EXPECT_EQ(counters.label(47), "Bootstrap neighbor: name=host-3:8051 resolved=10.0.0.3:8051");
    EXPECT_EQ(counters.label(48), "Resolver neighbors: bound 10.0.0.1:8050");
    EXPECT_EQ(counters.label(49), "Resolver cache entries: name=driver-A");
    EXPECT_EQ(counters.key(46)[0], std::byte{0});
    EXPECT_EQ(counters.key(47)[0], std::byte{1});
    for (std::int32_t id = 46; id < 50; ++id) {
        EXPECT_EQ(counters.registration_id(id), 0);
        EXPECT_EQ(counters.owner_id(id), 0);
        EXPECT_EQ(counters.reference_id(id), 0);
    }
}

TEST_F(DriverNameResolverTest, TellsThePortThatItReallyGot) {
    Driver& a = start(1, {.name = "driver-A", .interface = "10.0.0.1:0", .bootstrap_neighbors = "host-2:8050"});
    run(10ms);

    const std::uint16_t port = a.resolver().bound_address().port();
    EXPECT_NE(port, 0);
    EXPECT_EQ(a.label(neighbors), fmt::format("Resolver neighbors: bound 10.0.0.1:{}", port));
    EXPECT_EQ(frames(std::nullopt, resolver_2).at(0).entries().front().port, port);
}

TEST_F(DriverNameResolverTest, InterfaceMayBeAName) {
    Driver& a = start(1, {.name = "driver-A", .interface = "host-1:8050"});

    EXPECT_EQ(a.resolver().bound_address(), resolver_1);
}

TEST_F(DriverNameResolverTest, RefusesSettingsThatMakeNoSense) {
    const auto start_with = [this](const DriverNameResolverConfig& config) {
        Driver driver{*hosts_[0], names_, clock_, config};
    };
    const std::string interface = "10.0.0.1:8050";
    std::string many = "host-1:1";
    for (int i = 1; i < 20; ++i) {
        many += ",host-1:1";
    }

    EXPECT_THROW(start_with({.name = "a"}), InvalidArgumentError);
    EXPECT_THROW(start_with({.interface = interface}), InvalidArgumentError);
    EXPECT_THROW(start_with({.name = std::string(513, 'a'), .interface = interface}), InvalidArgumentError);
    EXPECT_THROW(start_with({.name = std::string(100, 'a'), .interface = interface, .mtu_length = 96}),
                 InvalidArgumentError);
    EXPECT_THROW(start_with({.name = "a", .interface = interface, .mtu_length = -32}), InvalidArgumentError);
    EXPECT_THROW(start_with({.name = "a", .interface = interface, .bootstrap_neighbors = "host-1"}),
                 InvalidArgumentError);
    EXPECT_THROW(start_with({.name = "a", .interface = interface, .bootstrap_neighbors = "host-1:1,,host-2:1"}),
                 InvalidArgumentError);
    EXPECT_THROW(start_with({.name = "a", .interface = interface, .bootstrap_neighbors = many + ",host-1:1"}),
                 InvalidArgumentError);
    EXPECT_THROW(start_with({.name = "a", .interface = "10.0.0.1"}), Error);
    EXPECT_THROW(start_with({.name = "a", .interface = "nowhere:8050"}), Error);
    EXPECT_NO_THROW(start_with({.name = std::string(512, 'a'), .interface = interface, .bootstrap_neighbors = many}));
    EXPECT_EQ(hosts_[0]->socket_count(), 0U);
}

TEST_F(DriverNameResolverTest, RefusesAPortThatIsTaken) {
    start(1, {.name = "driver-A"});

    EXPECT_THROW(start(1, {.name = "driver-B"}), Error);
}

}  // namespace
}  // namespace cpperon::driver
