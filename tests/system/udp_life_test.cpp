/// How streams over UDP begin and end: late joiners, closes, revokes, rejections, time-outs, and what is left then.
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/udp_host.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;

class UdpLife : public UdpFixture {
protected:
    static constexpr std::int32_t stream_id = 1'001;

    /// Longer than any test waits: what happens nevertheless does not happen by this time-out.
    static constexpr std::chrono::hours never{1};

    /// Messages until the publisher has to wait.
    template <typename AnyPublication>
    static void fill(const AnyPublication& publication) {
        const std::string message(1'000, 'x');
        while (publication.offer(message).status() != OfferStatus::back_pressured) {
        }
    }
    static void discard(const Subscription& subscription) {
        subscription.poll([](std::span<const std::byte>, const Header&) {}, 100);
    }
    /// Sends until something has arrived.
    template <typename AnyPublication>
    void wait_for_arrival(const AnyPublication& publication, const Subscription& subscription) {
        wait_until(
            [&] {
                static_cast<void>(publication.offer("again"));
                return subscription.poll([](std::span<const std::byte>, const Header&) {}, 10) > 0;
            },
            "a message on the new image");
    }

    const std::string channel = ports.in("aeron:udp?endpoint=127.0.0.1:$0");
};

// spec: 06-C42
TEST_F(UdpLife, SecondSubscriberJoinsAnImageWhereItsOthersAre) {
    Host& host = add_host();
    const Subscription first = host.aeron.add_subscription(channel, stream_id);
    const Publication publication = host.aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {first});
    send(publication, "read");
    send(publication, "unread");
    EXPECT_EQ(receive(first), "read");

    const Subscription second = host.aeron.add_subscription(channel, stream_id);
    wait_for_connection(publication, {second});

    EXPECT_EQ(second.image_at(0)->join_position(), 64);
    EXPECT_EQ(second.image_at(0)->correlation_id(), first.image_at(0)->correlation_id());
    EXPECT_EQ(receive(second), "unread");
    EXPECT_EQ(receive(first), "unread");
}

TEST_F(UdpLife, LateReceiverJoinsWhereTheSenderIs) {
    const std::string control = ports.in("control=127.0.0.1:$1");
    Host& sender = add_host();
    Host& late = add_host();
    const Subscription first = sender.aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0|" + control, stream_id);
    const Publication publication =
        sender.aeron.add_publication("aeron:udp?control-mode=dynamic|" + control, stream_id);
    wait_for_connection(publication, {first});
    send(publication, "before");
    EXPECT_EQ(receive(first), "before");

    const Subscription second = late.aeron.add_subscription("aeron:udp?endpoint=127.0.0.1:0|" + control, stream_id);
    wait_for_connection(publication, {second});
    send(publication, "after");

    EXPECT_EQ(second.image_at(0)->join_position(), 64);
    EXPECT_EQ(receive(second), "after");
    EXPECT_EQ(receive(first), "after");
}

TEST_F(UdpLife, SubscriberFollowsTheNextPublicationOfItsChannel) {
    Host& publisher = add_host();
    Host& subscriber = add_host();
    const Subscription subscription = subscriber.aeron.add_subscription(channel, stream_id);

    for (int i = 0; i < 5; ++i) {
        const Publication publication = publisher.aeron.add_publication(channel, stream_id);
        wait_for_connection(publication, {subscription});
        send(publication, std::to_string(i));
        EXPECT_EQ(receive(subscription), std::to_string(i));
        publication.close();
        wait_until([&] { return subscription.image_count() == 0; }, "the image to end");
    }
}

// spec: 04-C31
TEST_F(UdpLife, PublicationIsDisconnectedAsSoonAsItsOnlySubscriberLeaves) {
    DriverContext settings = quick_driver();
    settings.publication_connection_timeout = never;
    Host& publisher = add_host(settings);
    Host& subscriber = add_host(settings);
    const Subscription subscription = subscriber.aeron.add_subscription(channel, stream_id);
    const Publication publication = publisher.aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {subscription});

    subscription.close();

    wait_until([&] { return !publication.is_connected(); }, "the publication to be disconnected");
    EXPECT_EQ(publication.offer("x").status(), OfferStatus::not_connected);
}

// spec: 04-C30
TEST_F(UdpLife, PublicationIsDisconnectedWhenItsReceiverFallsSilentAndConnectedByTheNextOne) {
    Host& publisher = add_host();
    Host& subscriber = add_host();
    Subscription subscription = subscriber.aeron.add_subscription(channel, stream_id);
    const Publication publication = publisher.aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {subscription});
    send(publication, "x");

    subscriber.driver.close();
    wait_until([&] { return !publication.is_connected(); }, "the publication to be disconnected");

    const Subscription next = add_host().aeron.add_subscription(channel, stream_id);
    wait_for_connection(publication, {next});
    wait_for_arrival(publication, next);
}

// spec: 04-C72, 06-C43
TEST_F(UdpLife, ImageEndsSomeTimeAfterItsSenderFellSilent) {
    Host& publisher = add_host();
    Host& subscriber = add_host();
    const Subscription subscription = subscriber.aeron.add_subscription(channel, stream_id);
    const Publication publication = publisher.aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {subscription});
    send(publication, "last words");
    EXPECT_EQ(receive(subscription), "last words");
    const Image image = *subscription.image_at(0);

    publisher.driver.close();

    wait_until([&] { return subscription.image_count() == 0; }, "the image to end");
    EXPECT_TRUE(image.is_closed());
    subscription.close();
    expect_nothing_left(subscriber);
}

// spec: 04-C41, 07-C39
TEST_F(UdpLife, RevokedStreamEndsBeforeItWasRead) {
    Host& publisher = add_host();
    Host& subscriber = add_host();
    const Subscription subscription = subscriber.aeron.add_subscription(channel, stream_id);
    const Subscription spy = publisher.aeron.add_subscription("aeron-spy:" + channel, stream_id);
    const ExclusivePublication publication = publisher.aeron.add_exclusive_publication(channel, stream_id);
    wait_for_connection(publication, {subscription, spy});
    send(publication, "never read");
    const std::int64_t end = publication.position().position();
    const std::vector<Image> images{*subscription.image_at(0), *spy.image_at(0)};

    publication.revoke();

    for (const Image& image : images) {
        wait_until([&] { return image.is_closed(); }, "the image to end");
        EXPECT_TRUE(image.is_publication_revoked());
        EXPECT_EQ(image.end_of_stream_position(), end);
        EXPECT_EQ(image.position(), 0);
    }
    EXPECT_EQ(publisher.value(SystemCounter::publications_revoked), 1);
    EXPECT_EQ(subscriber.value(SystemCounter::publication_images_revoked), 1);
    subscription.close();
    spy.close();
    expect_nothing_left(publisher);
    expect_nothing_left(subscriber);
}

// spec: 06-C45
TEST_F(UdpLife, SecondSessionIsRefusedWhereOneIsTheLimit) {
    DriverContext settings = quick_driver();
    settings.stream_session_limit = 1;
    Host& host = add_host(settings);
    const Subscription subscription = host.aeron.add_subscription(channel, stream_id);
    const ExclusivePublication first = host.aeron.add_exclusive_publication(channel, stream_id);
    wait_for_connection(first, {subscription});

    const ExclusivePublication second = host.aeron.add_exclusive_publication(channel, stream_id);
    wait_until([&] { return !host.errors().empty(); }, "the refusal in the error log");

    EXPECT_THAT(host.errors(), Contains(HasSubstr("exceeded session limit")));
    EXPECT_FALSE(second.is_connected());
    EXPECT_EQ(subscription.image_count(), 1U);
    send(first, "still served");
    EXPECT_EQ(receive(subscription), "still served");
}

// spec: 04-C77, 06-C46
TEST_F(UdpLife, UntetheredSubscriberIsLeftBehindAndComesBack) {
    DriverContext settings = quick_driver();
    settings.untethered_window_limit_timeout = 50ms;
    settings.untethered_resting_timeout = 50ms;
    Host& host = add_host(settings);
    const Subscription fast = host.aeron.add_subscription(channel, stream_id);
    const Subscription slow = host.aeron.add_subscription(channel + "|tether=false", stream_id);
    const Publication publication = host.aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {fast, slow});
    const Image left_behind = *slow.image_at(0);

    wait_until(
        [&] {
            static_cast<void>(publication.offer(std::string(1'000, 'x')));
            discard(fast);
            return left_behind.is_closed();
        },
        "the image of the slow subscriber to end");
    const std::int64_t stuck = publication.position().position();
    wait_until(
        [&] {
            static_cast<void>(publication.offer(std::string(1'000, 'x')));
            discard(fast);
            return publication.position().position() > stuck + 3 * 65'536;
        },
        "the publisher to go on");
    wait_until([&] { return slow.image_count() == 1; }, "the slow subscriber to come back");

    const Image again = *slow.image_at(0);
    EXPECT_EQ(again.subscriber_position_id(), left_behind.subscriber_position_id());
    EXPECT_GT(again.join_position(), left_behind.position());
    wait_for_arrival(publication, slow);
}

// spec: 04-C42
TEST_F(UdpLife, PublicationClosedWithUnsentDataAndNoReceiverIsFreed) {
    Host& publisher = add_host();
    Host& subscriber = add_host();
    const Subscription subscription = subscriber.aeron.add_subscription(channel, stream_id);
    const Publication publication = publisher.aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {subscription});
    fill(publication);

    subscriber.driver.close();
    publication.close();

    expect_nothing_left(publisher);
}

// spec: 04-C38
TEST_F(UdpLife, PublisherStaysWithinHalfATermOfTheSenderAndTheSenderWithinTheWindow) {
    Host& host = add_host();
    const Subscription subscription = host.aeron.add_subscription(channel + "|rcv-wnd=8k", stream_id);
    const Publication publication = host.aeron.add_publication(channel, stream_id);
    wait_for_connection(publication, {subscription});
    wait_until([&] { return publication.position_limit().position() == 32'768; }, "a limit of half a term");

    fill(publication);
    wait_until([&] { return host.value_of_only(counter_type::sender_limit) == 8'192; }, "the window to be full");
    const auto sent = [&] { return host.value_of_only(counter_type::sender_position); };
    wait_until([&] { return sent() > 8'192 - 1'408; }, "the sender to use it up");

    wait_until([&] { return publication.position_limit().position() == 32'768 + sent(); }, "the limit to follow");
    EXPECT_LE(sent(), 8'192);
}

// Some adds come while the channel they name is being closed. spec: 05-C45, 06-C35, 06-C65
TEST_F(UdpLife, AddsAndClosesInALoopLeaveNothingBehind) {
    Host& host = add_host();
    const std::int64_t mapped = host.value(SystemCounter::bytes_currently_mapped);
    const std::vector<std::string> channels{channel, ports.in("aeron:udp?endpoint=224.20.30.45:$1|interface=localhost"),
                                            ports.in("aeron:udp?control=127.0.0.1:$2|control-mode=dynamic"),
                                            "aeron:udp?control-mode=manual"};

    const auto add_when_free = [this](auto&& add) {
        auto result = add().try_wait();
        wait_until(
            [&] {
                if (!result && result.error().code == ErrorCode::resource_temporarily_unavailable) {
                    result = add().try_wait();
                    return false;
                }
                return true;
            },
            "a channel to be closed");
        return std::move(result).value_or_throw();
    };

    for (int i = 0; i < (test::is_sanitized ? 40 : 200); ++i) {
        const std::size_t kind = static_cast<std::size_t>(i) % channels.size();
        const Publication publication =
            add_when_free([&] { return host.aeron.async_add_publication(channels[kind], i % 3); });
        const bool has_subscriber = kind < 2;
        const Subscription subscription =
            has_subscriber ? add_when_free([&] { return host.aeron.async_add_subscription(channels[kind], i % 3); })
                           : Subscription{};
        if (i % 5 == 0 && has_subscriber) {
            wait_for_connection(publication, {subscription});
        }
    }

    expect_nothing_left(host);
    EXPECT_EQ(host.value(SystemCounter::bytes_currently_mapped), mapped);
    EXPECT_THAT(host.errors(), testing::IsEmpty());
}

}  // namespace
}  // namespace cpperon::system_test
