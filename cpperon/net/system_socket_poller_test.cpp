#include "cpperon/net/system_socket_poller.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/datagram_test_support.hpp"
#include "cpperon/net/system_udp_transport.hpp"

namespace cpperon::net {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A poller with any number of sockets, and one more socket to send to them.
class SystemSocketPollerTest : public testing::Test {
protected:
    struct Listener {
        std::unique_ptr<UdpSocket> socket;
        Inbox inbox;
    };

    ~SystemSocketPollerTest() override { remove_all(); }

    void add(const std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            Listener& listener = listeners.emplace_back();
            listener.socket = transport.open({.bind_address = loopback}).value_or_throw();
            poller->add(*listener.socket, listener.inbox);
        }
    }
    void remove_first() {
        poller->remove(*listeners.front().socket);
        listeners.pop_front();
    }
    void remove_all() {
        while (!listeners.empty()) {
            remove_first();
        }
    }

    void expect_each_hears_its_own() {
        std::size_t length = 32;
        for (Listener& listener : listeners) {
            listener.inbox.datagrams.clear();
            const Bytes bytes = pattern(length++);
            ASSERT_TRUE(
                sender->send(std::vector{DatagramRun::single(bytes)}, &listener.socket->local_address()).is_complete);
        }
        length = 32;
        for (const Listener& listener : listeners) {
            poll_until(*poller, "a datagram", [&] { return !listener.inbox.datagrams.empty(); });
            EXPECT_THAT(listener.inbox.datagrams, ElementsAre(pattern(length++)));
        }
        EXPECT_EQ(poller->poll(), 0);
    }

    SystemUdpTransport transport;
    std::unique_ptr<SocketPoller> poller = transport.make_poller(4);
    std::unique_ptr<UdpSocket> sender = transport.open({.bind_address = loopback}).value_or_throw();
    std::list<Listener> listeners;
};

TEST_F(SystemSocketPollerTest, FindsNothingWithoutSockets) {
    EXPECT_EQ(poller->poll(), 0);
}

TEST_F(SystemSocketPollerTest, ServesFewSocketsAndMany) {
    for (const std::size_t count : {1U, 4U, 1U, 1U, 93U}) {  // 1, 5, 6, 7 and more than one call to epoll tells of
        add(count);
        expect_each_hears_its_own();
    }
    EXPECT_THAT(listeners, SizeIs(100));
    while (listeners.size() > 1) {
        remove_first();
        if (listeners.size() < 8 || listeners.size() % 30 == 0) {
            expect_each_hears_its_own();
        }
    }
}

TEST_F(SystemSocketPollerTest, NoLongerServesASocketThatWasRemoved) {
    add(7);
    Listener& removed = listeners.front();
    poller->remove(*removed.socket);
    poller->remove(*removed.socket);  // once more does no harm
    const Bytes bytes = pattern(32);

    ASSERT_TRUE(sender->send(std::vector{run_of(bytes, 32)}, &removed.socket->local_address()).is_complete);

    EXPECT_EQ(poller->poll(), 0);
    EXPECT_THAT(removed.inbox.datagrams, IsEmpty());
}

TEST_F(SystemSocketPollerTest, LeavesNoErrorBehindWhenThePeerOfOneOfManyIsGone) {
    add(6);
    const SocketAddress gone = transport.open({.bind_address = loopback}).value_or_throw()->local_address();
    Listener& listener = listeners.emplace_back();
    listener.socket = transport.open({.bind_address = loopback, .connect_to = gone}).value_or_throw();
    poller->add(*listener.socket, listener.inbox);
    const Bytes bytes = pattern(32);
    ASSERT_TRUE(listener.socket->send(std::vector{run_of(bytes, 32)}, nullptr).is_complete);

    EXPECT_EQ(poller->poll(), 0);

    EXPECT_THAT(listener.inbox.errors, IsEmpty());
    EXPECT_TRUE(listener.socket->send(std::vector{run_of(bytes, 32)}, nullptr).is_complete);
}

}  // namespace
}  // namespace cpperon::net
