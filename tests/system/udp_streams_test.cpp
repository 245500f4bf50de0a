/// Whole streams over the loopback, one suite for every kind of channel: each message arrives once, in order and
/// unchanged, at every subscription, and when the publisher is gone the image ends and nothing is left.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/system/udp_traffic.hpp"

namespace cpperon::system_test {
namespace {

/// `$0`, `$1` ... are ports.
struct ChannelKind {
    std::string name;
    std::string publication;
    std::vector<std::string> subscriptions;
    std::vector<std::string> send_destinations{};
    std::vector<std::string> receive_destinations{};  ///< of the first subscription
    std::function<void(DriverContext&)> settings{};
    bool is_for_one_driver = false;  ///< spies are

    friend void PrintTo(const ChannelKind& kind, std::ostream* const out) { *out << kind.name; }
};

enum class Stand {
    one_driver,   ///< with one thread, for both ends
    two_drivers,  ///< with all their threads
};

const std::vector<ChannelKind>& channel_kinds() {
    static const std::vector<ChannelKind> kinds{
        {.name = "UnicastIpv4",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0"}},
        {.name = "UnicastIpv6",
         .publication = "aeron:udp?endpoint=[::1]:$0",
         .subscriptions = {"aeron:udp?endpoint=[::1]:$0"}},
        {.name = "UnicastByName",
         .publication = "aeron:udp?endpoint=localhost:$0",
         .subscriptions = {"aeron:udp?endpoint=localhost:$0"}},
        {.name = "TwoSubscriptionsOnOneEndpoint",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0", "aeron:udp?endpoint=127.0.0.1:$0|tether=false"}},
        {.name = "UnicastFromAnInterface",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0|interface=127.0.0.0:$1/8",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0"}},
        {.name = "UnicastFromAControlAddress",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0|control=127.0.0.1:$1",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0|control=127.0.0.1:$1"}},
        {.name = "OneSession",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0|session-id=77",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0|session-id=77"}},
        {.name = "TermIdsThatWrap",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0|init-term-id=2147483647|term-id=-2147483648|term-offset=64",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0"}},
        {.name = "LargeFrames",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0|mtu=65504|term-length=1m",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0"}},
        {.name = "SmallestFrames",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0|mtu=64",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0"}},
        {.name = "WithoutOffload",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0"},
         .settings =
             [](DriverContext& context) {
                 context.segmentation_offload = false;
                 context.receive_offload = false;
             }},
        {.name = "UnconnectedSockets",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0"},
         .settings = [](DriverContext& context) { context.connect_send_sockets = false; }},
        {.name = "Cubic",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0|term-length=1m",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0|cc=cubic"},
         .settings = [](DriverContext& context) { context.cubic_measures_rtt = true; }},
        {.name = "TimeStampsInTheHeader",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0|channel-snd-ts-offset=reserved",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0"}},
        {.name = "Multicast",
         .publication = "aeron:udp?endpoint=224.20.30.39:$0|interface=localhost|ttl=1",
         .subscriptions = {"aeron:udp?endpoint=224.20.30.39:$0|interface=localhost",
                           "aeron:udp?endpoint=224.20.30.39:$0|interface=localhost"}},
        {.name = "MulticastAtTheSlowestPace",
         .publication = "aeron:udp?endpoint=224.20.30.41:$0|interface=localhost|fc=min",
         .subscriptions = {"aeron:udp?endpoint=224.20.30.41:$0|interface=localhost"}},
        {.name = "DynamicDestinations",
         .publication = "aeron:udp?control=127.0.0.1:$0|control-mode=dynamic|fc=min,g:/2",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$1|control=127.0.0.1:$0|control-mode=dynamic",
                           "aeron:udp?endpoint=127.0.0.1:$2|control=127.0.0.1:$0|control-mode=dynamic"}},
        {.name = "DynamicDestinationsWithATag",
         .publication = "aeron:udp?control=127.0.0.1:$0|control-mode=dynamic|fc=tagged,g:7/2",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:0|control=127.0.0.1:$0|gtag=7",
                           "aeron:udp?endpoint=127.0.0.1:0|control=127.0.0.1:$0|gtag=7"}},
        {.name = "DynamicDestinationsIpv6",
         .publication = "aeron:udp?control=[::1]:$0|control-mode=dynamic",
         .subscriptions = {"aeron:udp?endpoint=[::1]:$1|control=[::1]:$0|control-mode=dynamic"}},
        {.name = "ManualDestinations",
         .publication = "aeron:udp?control-mode=manual|fc=min,g:/2",
         .subscriptions = {"aeron:udp?endpoint=127.0.0.1:$0", "aeron:udp?endpoint=127.0.0.1:$1"},
         .send_destinations = {"aeron:udp?endpoint=127.0.0.1:$0", "aeron:udp?endpoint=127.0.0.1:$1"}},
        {.name = "ManualDestinationsOnBothSides",
         .publication = "aeron:udp?control-mode=manual",
         .subscriptions = {"aeron:udp?control-mode=manual"},
         .send_destinations = {"aeron:udp?endpoint=127.0.0.1:$0", "aeron:udp?endpoint=127.0.0.1:$1"},
         .receive_destinations = {"aeron:udp?endpoint=127.0.0.1:$0", "aeron:udp?endpoint=127.0.0.1:$1"}},
        {.name = "SpyAlone",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0|ssc=true",
         .subscriptions = {"aeron-spy:aeron:udp?endpoint=127.0.0.1:$0"},
         .is_for_one_driver = true},
        {.name = "SpyBesideAReceiver",
         .publication = "aeron:udp?endpoint=127.0.0.1:$0",
         .subscriptions = {"aeron-spy:aeron:udp?endpoint=127.0.0.1:$0", "aeron:udp?endpoint=127.0.0.1:$0"},
         .is_for_one_driver = true},
    };
    return kinds;
}

class UdpStreams : public UdpFixture, public testing::WithParamInterface<std::tuple<ChannelKind, Stand>> {
protected:
    static constexpr std::int32_t stream_id = 1'001;

    void SetUp() override {
        if (kind().publication.find('[') != std::string::npos && !has_ipv6()) {
            GTEST_SKIP() << "this host has no IPv6";
        }
        DriverContext settings = quick_driver();
        if (kind().settings) {
            kind().settings(settings);
        }
        if (std::get<Stand>(GetParam()) == Stand::two_drivers) {
            settings.threading_mode = ThreadingMode::dedicated;
            subscriber_ = &add_host(settings);
        }
        publisher_ = &add_host(settings);
        if (subscriber_ == nullptr) {
            subscriber_ = publisher_;
        }
    }
    [[nodiscard]] static const ChannelKind& kind() { return std::get<ChannelKind>(GetParam()); }

    std::vector<Subscription> add_subscriptions() {
        std::vector<Subscription> subscriptions;
        for (const std::string& channel : kind().subscriptions) {
            subscriptions.push_back(subscriber_->aeron.add_subscription(ports.in(channel), stream_id));
        }
        for (const std::string& destination : kind().receive_destinations) {
            static_cast<void>(subscriptions.front().add_destination(ports.in(destination)));
        }
        return subscriptions;
    }
    template <typename AnyPublication>
    AnyPublication with_destinations(AnyPublication publication) {
        for (const std::string& destination : kind().send_destinations) {
            static_cast<void>(publication.add_destination(ports.in(destination)));
        }
        return publication;
    }
    /// From the first message to the end of the stream.
    template <typename AnyPublication>
    void expect_carried(const AnyPublication& publication, const std::vector<Subscription>& subscriptions,
                        const Traffic& traffic) {
        wait_for_connection(publication, subscriptions);
        std::vector<Image> images;
        Transfer transfer{traffic};
        for (const Subscription& subscription : subscriptions) {
            images.push_back(*subscription.image_at(0));
            transfer.add_reader(subscription);
        }
        wait_until([&] { return !transfer.step(publication); }, "all messages");
        transfer.expect_complete();
        const std::int64_t end = publication.position().position();

        publication.close();

        wait_until([&] { return std::all_of(images.begin(), images.end(), std::mem_fn(&Image::is_closed)); },
                   "the images to end with their publication");
        for (const Image& image : images) {
            EXPECT_TRUE(image.is_end_of_stream());
            EXPECT_EQ(image.position(), end);
        }
    }
    void expect_clean_end(const std::vector<Subscription>& subscriptions) {
        for (const Subscription& subscription : subscriptions) {
            subscription.close();
        }
        for (const Host* const host : {publisher_, subscriber_}) {
            expect_nothing_left(*host);
            EXPECT_EQ(host->value(SystemCounter::errors), 0) << testing::PrintToString(host->errors());
        }
    }

    Host* publisher_ = nullptr;
    Host* subscriber_ = nullptr;
};

// Several times round the three terms of 64 KiB, in messages of one to many frames.
TEST_P(UdpStreams, EachMessageOfASharedPublicationArrivesOnceInOrderAndUnchanged) {
    const std::vector<Subscription> subscriptions = add_subscriptions();
    const Publication publication =
        with_destinations(publisher_->aeron.add_publication(ports.in(kind().publication), stream_id));

    expect_carried(publication, subscriptions, {.count = test::is_sanitized ? 50 : 200, .max_length = 8'000});

    expect_clean_end(subscriptions);
}

TEST_P(UdpStreams, EachClaimOfAnExclusivePublicationArrivesOnceInOrderAndUnchanged) {
    const std::vector<Subscription> subscriptions = add_subscriptions();
    const ExclusivePublication publication =
        with_destinations(publisher_->aeron.add_exclusive_publication(ports.in(kind().publication), stream_id));

    expect_carried(
        publication, subscriptions,
        {.count = test::is_sanitized ? 1'000 : 4'000,
         .max_length = std::min(static_cast<std::size_t>(publication.max_payload_length()), std::size_t{200}),
         .is_claimed = true});

    expect_clean_end(subscriptions);
}

std::vector<ChannelKind> kinds_for_two_drivers() {
    std::vector<ChannelKind> kinds = channel_kinds();
    std::erase_if(kinds, [](const ChannelKind& kind) { return kind.is_for_one_driver; });
    return kinds;
}

constexpr auto name_of_kind = [](const auto& instance) { return std::get<ChannelKind>(instance.param).name; };

INSTANTIATE_TEST_SUITE_P(OneDriver, UdpStreams,
                         testing::Combine(testing::ValuesIn(channel_kinds()), testing::Values(Stand::one_driver)),
                         name_of_kind);
INSTANTIATE_TEST_SUITE_P(TwoDrivers, UdpStreams,
                         testing::Combine(testing::ValuesIn(kinds_for_two_drivers()),
                                          testing::Values(Stand::two_drivers)),
                         name_of_kind);

/// One driver in each of the ways its agents can share threads.
class UdpThreads : public UdpFixture, public testing::WithParamInterface<ThreadingMode> {};

TEST_P(UdpThreads, CarryAStreamToItsEnd) {
    DriverContext settings = quick_driver();
    settings.threading_mode = GetParam();
    Host& host = add_host(settings);
    const std::string channel = ports.in("aeron:udp?endpoint=127.0.0.1:$0");
    const Subscription subscription = host.aeron.add_subscription(channel, 1'001);
    const Publication publication = host.aeron.add_publication(channel, 1'001);
    wait_for_connection(publication, {subscription});

    Transfer transfer{{.count = 1'000, .max_length = 2'000}};
    transfer.add_reader(subscription);
    wait_until([&] { return !transfer.step(publication); }, "all messages");
    publication.close();

    transfer.expect_complete();
    wait_until([&] { return subscription.image_count() == 0; }, "the image to end");
    subscription.close();
    expect_nothing_left(host);
}

INSTANTIATE_TEST_SUITE_P(Modes, UdpThreads,
                         testing::Values(ThreadingMode::dedicated, ThreadingMode::shared_network, ThreadingMode::shared,
                                         ThreadingMode::invoker),
                         [](const auto& mode) { return std::string{to_string(mode.param)}; });

/// Messages as long as they may be in terms of 8 MiB.
class MegabyteMessages : public UdpFixture, public testing::WithParamInterface<std::string> {};

TEST_P(MegabyteMessages, ArriveWhole) {
    Host& host = add_host();
    const std::string channel = ports.in(GetParam());
    const Subscription subscription = host.aeron.add_subscription(channel, 1'001);
    const Publication publication = host.aeron.add_publication(channel + "|term-length=8m", 1'001);
    ASSERT_EQ(publication.max_message_length(), 1'048'576);
    wait_for_connection(publication, {subscription});

    Transfer transfer{{.count = 30, .max_length = 1'048'576}};
    transfer.add_reader(subscription);
    wait_until([&] { return !transfer.step(publication); }, "all messages");

    transfer.expect_complete();
}

INSTANTIATE_TEST_SUITE_P(Channels, MegabyteMessages,
                         testing::Values("aeron:udp?endpoint=127.0.0.1:$0",
                                         "aeron:udp?endpoint=224.20.30.43:$0|interface=localhost"),
                         [](const auto& instance) { return instance.index == 0 ? "Unicast" : "Multicast"; });

}  // namespace
}  // namespace cpperon::system_test
