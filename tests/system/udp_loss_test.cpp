/// Streams over a network that loses datagrams on purpose, as the drivers' settings say: what is reliable arrives
/// nevertheless. spec: 04 §18.3, 06 §21
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/system/udp_traffic.hpp"

namespace cpperon::system_test {
namespace {

constexpr std::int32_t stream_id = 1'001;

/// What is lost where; the stream starts in term 0.
struct Loss {
    std::string name;
    std::function<void(DriverContext& publisher, DriverContext& subscriber)> settings;
    bool loses_data = true;

    friend void PrintTo(const Loss& loss, std::ostream* const out) { *out << loss.name; }
};

class UdpLoss : public UdpFixture, public testing::WithParamInterface<Loss> {
protected:
    void expect_repaired(const std::string& publication_channel, const std::string& subscription_channel) {
        DriverContext of_publisher = quick_driver();
        DriverContext of_subscriber = quick_driver();
        GetParam().settings(of_publisher, of_subscriber);
        Host& publisher = add_host(of_publisher);
        Host& subscriber = add_host(of_subscriber);
        const Subscription subscription = subscriber.aeron.add_subscription(subscription_channel, stream_id);
        const Publication publication = publisher.aeron.add_publication(
            publication_channel + "|init-term-id=0|term-id=0|term-offset=0|term-length=64k", stream_id);
        wait_for_connection(publication, {subscription});

        Transfer transfer{{.count = test::is_sanitized ? 100 : 300, .max_length = 4'000}};
        transfer.add_reader(subscription);
        wait_until([&] { return !transfer.step(publication); }, "all messages");

        transfer.expect_complete();
        if (GetParam().loses_data) {
            EXPECT_GT(subscriber.value(SystemCounter::naks_sent), 0);
            EXPECT_GT(subscriber.value_of_only(counter_type::naks_sent), 0);
            EXPECT_GT(publisher.value(SystemCounter::naks_received), 0);
            EXPECT_GT(publisher.value(SystemCounter::retransmits_sent), 0);
            EXPECT_GT(publisher.value(SystemCounter::retransmitted_bytes), 0);
            EXPECT_GT(subscriber.lost_bytes(stream_id), 0);
        }
        EXPECT_EQ(subscriber.value(SystemCounter::loss_gap_fills), 0);
    }
};

TEST_P(UdpLoss, IsRepairedOnUnicast) {
    const std::string channel = ports.in("aeron:udp?endpoint=127.0.0.1:$0");

    expect_repaired(channel, channel);
}

TEST_P(UdpLoss, IsRepairedOnMulticast) {
    const std::string channel = ports.in("aeron:udp?endpoint=224.20.30.51:$0|interface=localhost");

    expect_repaired(channel, channel);
}

TEST_P(UdpLoss, IsRepairedOnDynamicDestinations) {
    expect_repaired(ports.in("aeron:udp?control=127.0.0.1:$0|control-mode=dynamic|fc=min"),
                    ports.in("aeron:udp?endpoint=127.0.0.1:0|control=127.0.0.1:$0"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, UdpLoss,
                         testing::Values(Loss{.name = "OfReceivedData",
                                              .settings =
                                                  [](DriverContext&, DriverContext& subscriber) {
                                                      subscriber.incoming_interceptors = "loss";
                                                      subscriber.loss_args = "rate=0.1|seed=7|recv-msg-mask=0x2";
                                                  }},
                                         Loss{.name = "OfEverythingReceived",
                                              .settings =
                                                  [](DriverContext& publisher, DriverContext& subscriber) {
                                                      for (DriverContext* const driver : {&publisher, &subscriber}) {
                                                          driver->incoming_interceptors = "loss";
                                                          driver->loss_args = "rate=0.1|seed=8|recv-msg-mask=0xffff";
                                                      }
                                                  }},
                                         Loss{.name = "OfEverythingSent",
                                              .settings =
                                                  [](DriverContext& publisher, DriverContext& subscriber) {
                                                      for (DriverContext* const driver : {&publisher, &subscriber}) {
                                                          driver->outgoing_interceptors = "loss";
                                                          driver->loss_args = "rate=0.1|seed=9|recv-msg-mask=0xffff";
                                                      }
                                                  }},
                                         Loss{.name = "OfStatusMessages",
                                              .settings =
                                                  [](DriverContext& publisher, DriverContext&) {
                                                      publisher.incoming_interceptors = "loss";
                                                      publisher.loss_args = "rate=0.5|seed=10|recv-msg-mask=0x8";
                                                  },
                                              .loses_data = false},
                                         Loss{.name = "OfOneRange",
                                              .settings =
                                                  [](DriverContext&, DriverContext& subscriber) {
                                                      subscriber.incoming_interceptors = "fixed-loss";
                                                      subscriber.fixed_loss_args =
                                                          "term-id=0|term-offset=4096|length=8192";
                                                  }},
                                         Loss{.name = "OfManyRanges",
                                              .settings =
                                                  [](DriverContext&, DriverContext& subscriber) {
                                                      subscriber.incoming_interceptors = "multi-gap-loss";
                                                      subscriber.multi_gap_loss_args =
                                                          "term-id=0|gap-radix=8192|gap-length=2048|total-gaps=6";
                                                  }}),
                         [](const auto& instance) { return instance.param.name; });

// spec: 04-C70
TEST_F(UdpFixture, UnreliableSubscriptionLeavesOutWhatWasLost) {
    DriverContext settings = quick_driver();
    settings.incoming_interceptors = "loss";
    settings.loss_args = "rate=0.2|seed=11|recv-msg-mask=0x2";
    Host& host = add_host(settings);
    const std::string channel = ports.in("aeron:udp?endpoint=127.0.0.1:$0");
    const Subscription subscription = host.aeron.add_subscription(channel + "|reliable=false", stream_id);
    const Publication publication = host.aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {subscription});
    constexpr std::int64_t count = 1'000;

    std::int64_t sent = 0;
    std::int64_t last = -1;
    std::int64_t received = 0;
    std::array<std::byte, 1'000> message{};
    wait_until(
        [&] {
            if (sent < count) {
                std::memcpy(message.data(), &sent, sizeof sent);
                sent += publication.offer(message) ? 1 : 0;
            }
            subscription.poll(
                [&](const std::span<const std::byte> fragment, const Header&) {
                    std::int64_t number = 0;
                    ASSERT_EQ(fragment.size(), message.size());
                    std::memcpy(&number, fragment.data(), sizeof number);
                    EXPECT_GT(number, last) << "out of order, or twice";
                    last = number;
                    ++received;
                },
                100);
            return sent == count && subscription.image_at(0)->position() == publication.position().position();
        },
        "the subscriber to come to the end");

    EXPECT_LT(received, count);
    EXPECT_GT(received, count / 2);
    EXPECT_GT(host.value(SystemCounter::loss_gap_fills), 0);
    EXPECT_EQ(host.value(SystemCounter::naks_sent), 0);
    EXPECT_EQ(host.value(SystemCounter::retransmits_sent), 0);
}

// Frames of 1,024 bytes, each alone in its datagram. spec: 04-C70
TEST_F(UdpFixture, UnreliableSubscriptionMissesALostRangeAndNothingElse) {
    DriverContext settings = quick_driver();
    settings.incoming_interceptors = "fixed-loss";
    settings.fixed_loss_args = "term-id=0|term-offset=4096|length=8192";
    Host& host = add_host(settings);
    const std::string channel = ports.in("aeron:udp?endpoint=127.0.0.1:$0");
    const Subscription subscription = host.aeron.add_subscription(channel + "|reliable=false", stream_id);
    const Publication publication =
        host.aeron.add_publication(channel + "|init-term-id=0|term-id=0|term-offset=0|term-length=64k", stream_id);
    wait_for_connection(publication, {subscription});
    constexpr std::int64_t count = 24;

    for (std::int64_t i = 0; i < count; ++i) {
        send(publication, std::string(1'024 - 32, static_cast<char>('a' + i)));
    }
    std::string received;
    wait_until(
        [&] {
            subscription.poll([&](const std::span<const std::byte> message,
                                  const Header&) { received += static_cast<char>(message.front()); },
                              100);
            return subscription.image_at(0)->position() == count * 1'024;
        },
        "the subscriber to come to the end");

    EXPECT_EQ(received, "abcdmnopqrstuvwx");
    EXPECT_EQ(host.lost_bytes(stream_id), 8'192);
    EXPECT_GT(host.value(SystemCounter::loss_gap_fills), 0);
    EXPECT_EQ(host.value(SystemCounter::naks_sent), 0);
    EXPECT_EQ(host.value(SystemCounter::retransmits_sent), 0);
}

}  // namespace
}  // namespace cpperon::system_test
