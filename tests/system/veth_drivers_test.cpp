/// Two whole drivers on two hosts with a cable between them, who stream to each other.
#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/process_fixture.hpp"
#include "tests/system/udp_traffic.hpp"
#include "tests/system/veth_cable.hpp"

namespace cpperon::system_test {
namespace {

using testing::Each;
using testing::HasSubstr;

/// Of one direction: `{from}` and `{to}` are the addresses of publisher and subscriber.
struct ChannelKind {
    std::string name;
    std::string publication;
    std::string subscription;
    std::string send_destination{};
    std::function<void(DriverContext&)> settings{};
    bool is_ipv6 = false;

    friend void PrintTo(const ChannelKind& kind, std::ostream* const out) { *out << kind.name; }
};

const std::string unicast = "aeron:udp?endpoint={to}:40123";
const std::string multicast = "aeron:udp?endpoint=224.20.30.57:40123|interface=10.77.0.0/24";

/// Two drivers, each in the namespace of its own host: their threads begin where they are made.
class VethFixture : public UdpFixture {
protected:
    void SetUp() override {
        if (!cable.is_ready()) {
            GTEST_SKIP() << no_cable;
        }
    }
    void start_drivers(const DriverContext& settings) {
        left = &cable.left().call([&]() -> Host& { return add_host(settings); });
        right = &cable.right().call([&]() -> Host& { return add_host(settings); });
    }

    Cable cable;
    Host* left = nullptr;
    Host* right = nullptr;
};

/// A stream from one host to the other, from its first message to its last.
class Direction {
public:
    Direction(Host& from, Host& to, const std::int32_t stream_id, const ChannelKind& kind, const Traffic& traffic)
        : from_(from), to_(to), transfer_(traffic) {
        const bool is_from_left = stream_id == 1;
        const auto address = [&](const bool is_left) {
            return kind.is_ipv6 ? (is_left ? "[fd00:77::1]" : "[fd00:77::2]") : (is_left ? "10.77.0.1" : "10.77.0.2");
        };
        const auto channel = [&](const std::string_view text) {
            return fmt::format(fmt::runtime(text), fmt::arg("from", address(is_from_left)),
                               fmt::arg("to", address(!is_from_left)));
        };
        subscription_ = to.aeron.add_subscription(channel(kind.subscription), stream_id);
        publication_ = from.aeron.add_exclusive_publication(channel(kind.publication), stream_id);
        if (!kind.send_destination.empty()) {
            publication_.add_destination(channel(kind.send_destination));
        }
        transfer_.add_reader(subscription_);
    }

    [[nodiscard]] bool is_connected() const { return publication_.is_connected() && subscription_.image_count() == 1; }
    [[nodiscard]] const Subscription& subscription() const { return subscription_; }
    [[nodiscard]] const ExclusivePublication& publication() const { return publication_; }
    /// False once everything has arrived.
    bool step() { return transfer_.step(publication_); }
    void expect_complete() const { transfer_.expect_complete(); }
    void expect_repaired() const {
        EXPECT_GT(to_.value(SystemCounter::naks_sent), 0);
        EXPECT_GT(from_.value(SystemCounter::naks_received), 0);
        EXPECT_GT(from_.value(SystemCounter::retransmits_sent), 0);
        EXPECT_GT(to_.lost_bytes(publication_.stream_id()), 0);
        EXPECT_EQ(to_.value(SystemCounter::loss_gap_fills), 0);
    }
    void end_publication() { publication_.close(); }
    void end_subscription() { subscription_.close(); }

private:
    Host& from_;
    Host& to_;
    Subscription subscription_;
    ExclusivePublication publication_;
    Transfer transfer_;
};

class VethStreams : public VethFixture, public testing::WithParamInterface<ChannelKind> {
protected:
    void SetUp() override {
        VethFixture::SetUp();
        if (!IsSkipped() && GetParam().is_ipv6 && !cable.has_ipv6()) {
            GTEST_SKIP() << "this host has no IPv6";
        }
    }
    void run_both_ways(const Traffic& traffic) {
        DriverContext settings = quick_driver();
        settings.threading_mode = ThreadingMode::dedicated;
        if (GetParam().settings) {
            GetParam().settings(settings);
        }
        start_drivers(settings);
        there = std::make_unique<Direction>(*left, *right, 1, GetParam(), traffic);
        back = std::make_unique<Direction>(*right, *left, 2, GetParam(), traffic);
        ASSERT_TRUE(
            wait_until([&] { return there->is_connected() && back->is_connected(); }, "both streams to be connected"))
            << testing::PrintToString(left->errors()) << testing::PrintToString(right->errors());
        ASSERT_TRUE(wait_until(
            [&] {
                const bool goes_there = there->step();
                const bool comes_back = back->step();
                return !goes_there && !comes_back;
            },
            "all messages"));
        there->expect_complete();
        back->expect_complete();
    }
    void expect_clean_end() {
        const std::vector<Image> images{*there->subscription().image_at(0), *back->subscription().image_at(0)};
        there->end_publication();
        back->end_publication();
        wait_until([&] { return std::all_of(images.begin(), images.end(), std::mem_fn(&Image::is_closed)); },
                   "the images to end with their publications");
        there->end_subscription();
        back->end_subscription();
        for (const Host* const host : {left, right}) {
            expect_nothing_left(*host);
            EXPECT_EQ(host->value(SystemCounter::errors), 0) << testing::PrintToString(host->errors());
        }
    }

    std::unique_ptr<Direction> there;
    std::unique_ptr<Direction> back;
};

TEST_P(VethStreams, ArriveWholeOnBothSides) {
    run_both_ways({.count = test::is_sanitized ? 100 : 1'000, .max_length = 8'000});

    if (!HasFatalFailure()) {
        expect_clean_end();
    }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, VethStreams,
    testing::Values(
        ChannelKind{.name = "UnicastIpv4", .publication = unicast, .subscription = unicast},
        ChannelKind{.name = "UnicastIpv6", .publication = unicast, .subscription = unicast, .is_ipv6 = true},
        ChannelKind{.name = "WithoutOffload",
                    .publication = unicast,
                    .subscription = unicast,
                    .settings =
                        [](DriverContext& settings) {
                            settings.segmentation_offload = false;
                            settings.receive_offload = false;
                        }},
        // As long as one packet of the cable takes: 1,500 without the headers of IP and UDP.
        ChannelKind{.name = "FramesThatFillThePacket", .publication = unicast + "|mtu=1472", .subscription = unicast},
        // The kernel cuts them into packets, which it does not do for a run.
        ChannelKind{.name = "FramesLongerThanThePacket", .publication = unicast + "|mtu=8k", .subscription = unicast},
        ChannelKind{.name = "Multicast", .publication = multicast, .subscription = multicast},
        ChannelKind{.name = "MulticastIpv6",
                    .publication = "aeron:udp?endpoint=[ff15::77]:40123|interface=[fd00:77::]/64",
                    .subscription = "aeron:udp?endpoint=[ff15::77]:40123|interface=[fd00:77::]/64",
                    .is_ipv6 = true},
        ChannelKind{.name = "DynamicDestinations",
                    .publication = "aeron:udp?control={from}:40124|control-mode=dynamic|fc=min",
                    .subscription = "aeron:udp?endpoint={to}:40125|control={from}:40124"},
        ChannelKind{.name = "DynamicDestinationsIpv6",
                    .publication = "aeron:udp?control={from}:40124|control-mode=dynamic|fc=min",
                    .subscription = "aeron:udp?endpoint={to}:40125|control={from}:40124",
                    .is_ipv6 = true},
        ChannelKind{.name = "ManualDestinations",
                    .publication = "aeron:udp?control-mode=manual|fc=min",
                    .subscription = unicast,
                    .send_destination = unicast}),
    [](const auto& instance) { return instance.param.name; });

/// Each packet that leaves is dropped with a probability of one in ten, both ways, by a filter that the kernel runs:
/// "load a random number; below a tenth of its range: drop". Each is a datagram, where the kernel cuts no runs.
class LossyVethStreams : public VethStreams {
protected:
    void SetUp() override {
        VethStreams::SetUp();
        if (!IsSkipped() && !cable.on_both("tc qdisc add dev {device} clsact && tc filter add dev {device} egress bpf "
                                           "direct-action bytecode "
                                           "'4,32 0 0 4294963256,53 1 0 429496729,6 0 0 2,6 0 0 0'")) {
            GTEST_SKIP() << "losing packets on a cable needs 'tc' and the kernel's BPF classifier";
        }
    }
};

TEST_P(LossyVethStreams, ArriveWholeNevertheless) {
    run_both_ways({.count = test::is_sanitized ? 100 : 1'000, .max_length = 2'000});

    there->expect_repaired();
    back->expect_repaired();
}

void send_single_datagrams(DriverContext& settings) {
    settings.segmentation_offload = false;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, LossyVethStreams,
    testing::Values(ChannelKind{.name = "Unicast",
                                .publication = unicast,
                                .subscription = unicast,
                                .settings = send_single_datagrams},
                    ChannelKind{.name = "UnicastIpv6",
                                .publication = unicast,
                                .subscription = unicast,
                                .settings = send_single_datagrams,
                                .is_ipv6 = true},
                    ChannelKind{.name = "Multicast",
                                .publication = multicast,
                                .subscription = multicast,
                                .settings = send_single_datagrams},
                    ChannelKind{.name = "DynamicDestinations",
                                .publication = "aeron:udp?control={from}:40124|control-mode=dynamic|fc=min",
                                .subscription = "aeron:udp?endpoint={to}:40125|control={from}:40124",
                                .settings = send_single_datagrams}),
    [](const auto& instance) { return instance.param.name; });

/// A cable slower than the publishers, 10 Mbit/s, whose queue holds three packets and drops what comes when it is full.
class SlowVethStreams : public VethStreams {
protected:
    void SetUp() override {
        VethStreams::SetUp();
        if (!IsSkipped() && !cable.on_both("tc qdisc add dev {device} root tbf rate 10mbit burst 3kb limit 4500")) {
            GTEST_SKIP() << "a slow cable needs 'tc' and the kernel's token bucket filter";
        }
    }
};

TEST_P(SlowVethStreams, ArriveWholeNevertheless) {
    run_both_ways({.count = test::is_sanitized ? 100 : 500, .max_length = 2'000});

    there->expect_repaired();
    back->expect_repaired();
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, SlowVethStreams,
    testing::Values(ChannelKind{.name = "StaticWindow", .publication = unicast, .subscription = unicast},
                    ChannelKind{.name = "Cubic", .publication = unicast, .subscription = unicast + "|cc=cubic"}),
    [](const auto& instance) { return instance.param.name; });

// An error of the network, too, is logged once, and not for ever.
TEST_F(VethFixture, DriversFindEachOtherAgainWhenTheCableIsBack) {
    start_drivers(quick_driver());
    Direction there{*left, *right, 1, {.publication = unicast, .subscription = unicast}, {}};
    wait_until([&] { return there.is_connected(); }, "the stream to be connected");
    send(there.publication(), "before");
    EXPECT_EQ(receive(there.subscription()), "before");

    ASSERT_TRUE(cable.on_both("ip link set {device} down"));
    wait_until([&] { return !there.publication().is_connected() && there.subscription().image_count() == 0; },
               "both sides to notice");
    ASSERT_TRUE(cable.on_both("ip link set {device} up"));
    wait_until([&] { return there.is_connected(); }, "the stream to be connected again");
    send(there.publication(), "after");

    EXPECT_EQ(receive(there.subscription()), "after");
    EXPECT_THAT(left->errors(), Each(HasSubstr("a sender cannot send")));
    EXPECT_LE(left->errors().size(), 2U) << testing::PrintToString(left->errors());
}

/// The driver's program, one process on each host.
class VethProcesses : public ProcessFixture {
protected:
    void SetUp() override {
        if (!cable.is_ready()) {
            GTEST_SKIP() << no_cable;
        }
    }
    [[nodiscard]] std::unique_ptr<DriverProcess> start_driver_on(const NetworkNamespace& host) {
        return host.call([&] {
            return start_driver({"-Daeron.term.buffer.length=64k", "-Daeron.publication.linger.timeout=10s"});
        });
    }

    Cable cable;
};

TEST_F(VethProcesses, CarryMessagesFromHostToHost) {
    const std::string count = test::is_sanitized ? "200" : "5000";
    const std::string left_directory = scratch / "left";
    const std::string right_directory = scratch / "right";
    directory = left_directory;
    const auto left = start_driver_on(cable.left());
    directory = right_directory;
    const auto right = start_driver_on(cable.right());

    const std::vector<std::string> stream{
        "--channel", "aeron:udp?endpoint=10.77.0.2:40123", "--messages", count, "--max-length", "2000"};
    const auto subscriber = start_peer("subscribe", stream, right_directory);
    wait_for_event(*subscriber, "ready");
    const auto publisher = start_peer("publish", stream, left_directory);
    wait_for_event(*publisher, "ready");
    publisher->tell("go");

    EXPECT_EQ(publisher->exit_status(), 0) << publisher->error_output();
    EXPECT_EQ(subscriber->exit_status(), 0) << subscriber->output() << subscriber->error_output();
    EXPECT_THAT(subscriber->output(), HasSubstr("received " + count + " from 1\n"));
    for (DriverProcess* const driver : {left.get(), right.get()}) {
        driver->send(SIGTERM);
        EXPECT_EQ(driver->exit_status(), SIGTERM);
        EXPECT_EQ(driver->error_output(), "");
    }
}

}  // namespace
}  // namespace cpperon::system_test
