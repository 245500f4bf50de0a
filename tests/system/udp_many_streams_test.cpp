/// A driver with a thousand publications and a thousand images.
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/system/udp_host.hpp"

namespace cpperon::system_test {
namespace {

class ManyUdpStreams : public UdpFixture {
protected:
    static constexpr std::int32_t count = test::is_sanitized ? 100 : 1'000;

    /// With the time-outs of every day: thousands of streams that report every 20 ms are a load of their own.
    static DriverContext settings_for_many() {
        const DriverContext usual;
        DriverContext settings = quick_driver();
        settings.threading_mode = ThreadingMode::dedicated;
        settings.counters_buffer_length = 4'194'304;  // 32,768 counters
        settings.perform_storage_checks = false;
        settings.status_message_timeout = usual.status_message_timeout;
        settings.image_liveness_timeout = usual.image_liveness_timeout;
        settings.publication_connection_timeout = usual.publication_connection_timeout;
        return settings;
    }

    /// Each stream carries one message to the only subscription of its id, and all of them leave nothing behind.
    void expect_each_served(const std::string& channel) {
        Host& host = add_host(settings_for_many());
        std::vector<Subscription> subscriptions;
        std::vector<Publication> publications;
        for (std::int32_t i = 0; i < count; ++i) {
            auto subscribing = host.aeron.async_add_subscription(channel, i);
            publications.push_back(host.aeron.add_publication(channel + "|term-length=64k", i));
            subscriptions.push_back(subscribing.wait());
        }

        for (const Publication& publication : publications) {
            send(publication, "of stream " + std::to_string(publication.stream_id()));
        }
        for (const Subscription& subscription : subscriptions) {
            EXPECT_EQ(receive(subscription), "of stream " + std::to_string(subscription.stream_id()));
        }
        EXPECT_EQ(host.counters(counter_type::image_position).size(), static_cast<std::size_t>(count));
        EXPECT_EQ(host.counters(counter_type::send_channel).size(), 1U);

        publications.clear();
        subscriptions.clear();
        expect_nothing_left(host);
        EXPECT_EQ(host.value(SystemCounter::errors), 0) << testing::PrintToString(host.errors());
    }
};

TEST_F(ManyUdpStreams, OnOneUnicastChannelAreServed) {
    expect_each_served(ports.in("aeron:udp?endpoint=127.0.0.1:$0"));
}

TEST_F(ManyUdpStreams, OnOneMulticastChannelAreServed) {
    expect_each_served(ports.in("aeron:udp?endpoint=224.20.30.53:$0|interface=localhost"));
}

// More sockets than are polled one by one.
TEST_F(ManyUdpStreams, OnChannelsOfTheirOwnAreServed) {
    Host& host = add_host();
    std::vector<Subscription> subscriptions;
    std::vector<Publication> publications;
    for (std::int32_t i = 0; i < 50; ++i) {
        subscriptions.push_back(host.aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0", i));
        publications.push_back(
            host.aeron.add_publication("aeron:udp?endpoint=" + *subscriptions.back().resolved_endpoint(), i));
    }

    for (const Publication& publication : publications) {
        send(publication, "of stream " + std::to_string(publication.stream_id()));
    }
    for (const Subscription& subscription : subscriptions) {
        EXPECT_EQ(receive(subscription), "of stream " + std::to_string(subscription.stream_id()));
    }
    publications.clear();
    subscriptions.clear();
    expect_nothing_left(host);
}

}  // namespace
}  // namespace cpperon::system_test
