/// Filters around a transport that only records what reaches it.
#include "cpperon/net/filtered_transport.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/datagram_test_support.hpp"

namespace cpperon::net {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Recorder {
    std::vector<DatagramRun> sent;
    std::int64_t room = 1'000'000;  ///< bytes that sends still find
    int error_without_room = 0;
    std::optional<ErrorInfo> reconnect_error;
    UdpSocket* polled_socket = nullptr;
    ReceiveHandler* handler = nullptr;
};

class RecordingSocket final : public UdpSocket {
public:
    explicit RecordingSocket(Recorder& recorder) : recorder_(recorder) {}

    SendOutcome send(const std::span<const DatagramRun> runs, const SocketAddress*) noexcept override {
        SendOutcome outcome{.is_complete = true};
        for (const DatagramRun& run : runs) {
            const auto taken =
                std::min<std::int64_t>(run.length, recorder_.room / run.segment_length * run.segment_length);
            recorder_.room -= taken;
            outcome.bytes_sent += taken;
            recorder_.sent.push_back(run);
            if (taken < run.length) {
                outcome.is_complete = false;
                outcome.system_error = recorder_.error_without_room;
                break;
            }
        }
        return outcome;
    }
    std::optional<ErrorInfo> reconnect(const SocketAddress&) override { return recorder_.reconnect_error; }
    const SocketAddress& local_address() const noexcept override { return loopback; }
    std::int64_t send_buffer_length() const noexcept override { return 1; }
    std::int64_t receive_buffer_length() const noexcept override { return 2; }

private:
    Recorder& recorder_;
};

class RecordingPoller final : public SocketPoller {
public:
    explicit RecordingPoller(Recorder& recorder) : recorder_(recorder) {}
    void add(UdpSocket& socket, ReceiveHandler& handler) override {
        recorder_.polled_socket = &socket;
        recorder_.handler = &handler;
    }
    void remove(UdpSocket& socket) override {
        EXPECT_EQ(recorder_.polled_socket, &socket);
        recorder_.polled_socket = nullptr;
    }
    std::int64_t poll() override { return 7; }

private:
    Recorder& recorder_;
};

class RecordingTransport final : public UdpTransport {
public:
    explicit RecordingTransport(Recorder& recorder) : recorder_(recorder) {}
    Result<std::unique_ptr<UdpSocket>> open(const SocketSpec& spec) override {
        if (spec.bind_address == loopback_ipv6) {
            return ErrorInfo{.code = ErrorCode::generic_error, .message = "failed to bind"};
        }
        return std::unique_ptr<UdpSocket>{std::make_unique<RecordingSocket>(recorder_)};
    }
    std::unique_ptr<SocketPoller> make_poller(std::size_t) override {
        return std::make_unique<RecordingPoller>(recorder_);
    }
    std::vector<NetworkInterface> interfaces() override { return {NetworkInterface{.name = "lo"}}; }
    SocketBufferLengths probe_buffers(const SocketBufferLengths& wanted) override { return wanted; }

private:
    Recorder& recorder_;
};

/// Loses datagrams by the first byte, of `lost`; notes who the peer was.
class FirstByteFilter final : public DatagramFilter {
public:
    explicit FirstByteFilter(std::vector<int> lost, std::vector<SocketAddress>* const peers = nullptr)
        : lost_(std::move(lost)), peers_(peers) {}

    bool loses(const std::span<const std::byte> datagram, const SocketAddress& peer) override {
        if (peers_ != nullptr) {
            peers_->push_back(peer);
        }
        return std::find(lost_.begin(), lost_.end(), std::to_integer<int>(datagram.front())) != lost_.end();
    }

private:
    std::vector<int> lost_;
    std::vector<SocketAddress>* peers_;
};

/// Datagrams of ten bytes, the last of five, that begin with 0, 1, 2, ...
Bytes numbered(const std::size_t count) {
    Bytes bytes(count * 10 - 5);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i * 10] = static_cast<std::byte>(i);
    }
    return bytes;
}

const SocketAddress peer = SocketAddress::ipv4({10, 0, 0, 7}, 40'123);

class FilteredTransportTest : public testing::Test {
protected:
    std::unique_ptr<UdpSocket> socket_losing(const std::vector<int>& incoming, const std::vector<int>& outgoing) {
        make_filters = [this, incoming, outgoing] {
            SocketFilters filters;
            if (!incoming.empty()) {
                filters.incoming.push_back(std::make_unique<FirstByteFilter>(incoming, &peers));
            }
            if (!outgoing.empty()) {
                filters.outgoing.push_back(std::make_unique<FirstByteFilter>(outgoing, &peers));
            }
            return filters;
        };
        return transport.open({.bind_address = loopback, .connect_to = peer}).value_or_throw();
    }

    /// Offset and length of what was sent, within `bytes`.
    [[nodiscard]] std::vector<std::pair<std::ptrdiff_t, std::uint32_t>> parts_sent(const Bytes& bytes) const {
        std::vector<std::pair<std::ptrdiff_t, std::uint32_t>> parts;
        for (const DatagramRun& run : recorder.sent) {
            parts.emplace_back(run.data - bytes.data(), run.length);
        }
        return parts;
    }

    Recorder recorder;
    RecordingTransport inner{recorder};
    SocketFilterFactory make_filters;
    std::vector<SocketAddress> peers;
    FilteredTransport transport{inner, [this] { return make_filters(); }};
};

TEST_F(FilteredTransportTest, SendsTheDatagramsThatStayAndCountsAllAsSent) {
    const auto socket = socket_losing({}, {1, 2, 5});
    const Bytes bytes = numbered(6);

    const SendOutcome outcome = socket->send(std::vector{run_of(bytes, 10)}, nullptr);

    EXPECT_TRUE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 55);
    EXPECT_THAT(parts_sent(bytes), ElementsAre(std::pair{0, 10U}, std::pair{30, 20U}));
    EXPECT_THAT(recorder.sent, testing::Each(testing::Field(&DatagramRun::segment_length, 10U)));
}

TEST_F(FilteredTransportTest, KeepsTheShorterLastDatagramInItsRun) {
    const auto socket = socket_losing({}, {0});
    const Bytes bytes = numbered(3);

    EXPECT_TRUE(socket->send(std::vector{run_of(bytes, 10)}, nullptr).is_complete);

    EXPECT_THAT(parts_sent(bytes), ElementsAre(std::pair{10, 15U}));
}

TEST_F(FilteredTransportTest, CanLoseEverything) {
    const auto socket = socket_losing({}, {0, 1, 2});
    const Bytes bytes = numbered(3);

    const SendOutcome outcome = socket->send(std::vector{run_of(bytes, 10), run_of(bytes, 10)}, nullptr);

    EXPECT_TRUE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 50);
    EXPECT_THAT(recorder.sent, IsEmpty());
}

TEST_F(FilteredTransportTest, StopsWhereTheSocketHasNoRoom) {
    const auto socket = socket_losing({}, {1});
    const Bytes bytes = numbered(6);
    recorder.room = 30;
    recorder.error_without_room = ENOBUFS;

    const SendOutcome outcome = socket->send(std::vector{run_of(bytes, 10), run_of(bytes, 10)}, nullptr);

    EXPECT_FALSE(outcome.is_complete);
    EXPECT_EQ(outcome.bytes_sent, 10 + 10 + 20);  // sent, lost, sent
    EXPECT_EQ(outcome.system_error, ENOBUFS);
    EXPECT_THAT(parts_sent(bytes), ElementsAre(std::pair{0, 10U}, std::pair{20, 35U}));
}

TEST_F(FilteredTransportTest, HandsOverTheDatagramsThatStay) {
    const auto socket = socket_losing({0, 3}, {});
    const auto poller = transport.make_poller(4);
    Inbox inbox;
    poller->add(*socket, inbox);
    Bytes bytes = numbered(5);

    recorder.handler->on_datagrams({.bytes = bytes, .segment_length = 10, .source = peer, .media_timestamp_ns = 9});
    recorder.handler->on_receive_error(EIO);

    EXPECT_EQ(inbox.runs, 2);
    EXPECT_THAT(inbox.datagrams, ElementsAre(SizeIs(10), SizeIs(10), SizeIs(5)));
    EXPECT_EQ(inbox.datagrams[0].front(), std::byte{1});
    EXPECT_EQ(inbox.datagrams[2].front(), std::byte{4});
    EXPECT_EQ(inbox.source, peer);
    EXPECT_EQ(inbox.media_timestamp_ns, 9);
    EXPECT_THAT(inbox.errors, ElementsAre(EIO));
    EXPECT_EQ(poller->poll(), 7);
    poller->remove(*socket);
    EXPECT_EQ(recorder.polled_socket, nullptr);
}

TEST_F(FilteredTransportTest, StandsAsideWhereASocketHasNoFilters) {
    const auto socket = socket_losing({}, {});
    const auto poller = transport.make_poller(4);
    Inbox inbox;
    const Bytes bytes = numbered(3);

    poller->add(*socket, inbox);
    EXPECT_TRUE(socket->send(std::vector{run_of(bytes, 10)}, nullptr).is_complete);

    EXPECT_EQ(recorder.handler, &inbox);
    EXPECT_THAT(parts_sent(bytes), ElementsAre(std::pair{0, 25U}));
    poller->remove(*socket);
}

TEST_F(FilteredTransportTest, TellsFiltersWhoThePeerIs) {
    const auto socket = socket_losing({}, {1});
    const SocketAddress other = peer.with_port(1);
    const SocketAddress third = peer.with_port(2);
    const Bytes bytes(10);

    socket->send(std::vector{run_of(bytes, 10)}, nullptr);
    socket->send(std::vector{run_of(bytes, 10)}, &other);
    EXPECT_EQ(socket->reconnect(third), std::nullopt);
    socket->send(std::vector{run_of(bytes, 10)}, nullptr);
    recorder.reconnect_error = ErrorInfo{};
    EXPECT_TRUE(socket->reconnect(other));
    socket->send(std::vector{run_of(bytes, 10)}, nullptr);

    EXPECT_THAT(peers, ElementsAre(peer, other, third, third));
}

TEST_F(FilteredTransportTest, PassesOnWhatFiltersHaveNoPartIn) {
    const auto socket = socket_losing({0}, {0});

    EXPECT_EQ(socket->local_address(), loopback);
    EXPECT_EQ(socket->send_buffer_length(), 1);
    EXPECT_EQ(socket->receive_buffer_length(), 2);
    EXPECT_THAT(transport.interfaces(), SizeIs(1));
    EXPECT_EQ(transport.probe_buffers({.send = 3, .receive = 4}).receive, 4);
    EXPECT_EQ(transport.open({.bind_address = loopback_ipv6}).error().message, "failed to bind");
}

TEST_F(FilteredTransportTest, AsksNoFilterAboutWhatOneBeforeItHasLost) {
    std::vector<SocketAddress> asked;
    make_filters = [&asked] {
        SocketFilters filters;
        filters.outgoing.push_back(std::make_unique<FirstByteFilter>(std::vector{0, 2}));
        filters.outgoing.push_back(std::make_unique<FirstByteFilter>(std::vector{1}, &asked));
        return filters;
    };
    const auto socket = transport.open({.bind_address = loopback}).value_or_throw();
    const Bytes bytes = numbered(4);

    socket->send(std::vector{run_of(bytes, 10)}, &peer);

    EXPECT_THAT(asked, SizeIs(2));
    EXPECT_THAT(parts_sent(bytes), ElementsAre(std::pair{30, 5U}));
}

}  // namespace
}  // namespace cpperon::net
