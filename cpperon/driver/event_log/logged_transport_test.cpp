#include "cpperon/driver/event_log/logged_transport.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/driver/event_log/event_format.hpp"

namespace cpperon::driver {
namespace {

using net::DatagramRun;
using net::SocketAddress;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr SocketAddress first_peer = SocketAddress::ipv4({10, 0, 0, 1}, 1);
constexpr SocketAddress second_peer = SocketAddress::ipv4({10, 0, 0, 2}, 2);

/// Takes as many bytes as it is told to; one socket, one handler.
class OneSocketTransport final : public net::UdpTransport {
public:
    class Socket final : public net::UdpSocket {
    public:
        explicit Socket(OneSocketTransport& transport) : transport_(transport) {}
        net::SendOutcome send(const std::span<const DatagramRun> runs, const SocketAddress*) noexcept override {
            net::SendOutcome outcome{.is_complete = true};
            for (const DatagramRun& run : runs) {
                outcome.bytes_sent += run.length;
            }
            if (outcome.bytes_sent > transport_.room) {
                outcome = {.bytes_sent = transport_.room, .is_complete = false};
            }
            return outcome;
        }
        std::optional<ErrorInfo> reconnect(const SocketAddress&) override { return transport_.reconnect_error; }
        const SocketAddress& local_address() const noexcept override { return first_peer; }
        std::int64_t send_buffer_length() const noexcept override { return 1; }
        std::int64_t receive_buffer_length() const noexcept override { return 2; }

    private:
        OneSocketTransport& transport_;
    };
    class Poller final : public net::SocketPoller {
    public:
        explicit Poller(OneSocketTransport& transport) : transport_(transport) {}
        void add(net::UdpSocket& added, net::ReceiveHandler& taker) override {
            EXPECT_EQ(&added, transport_.socket);
            transport_.handler = &taker;
        }
        void remove(net::UdpSocket& removed) override {
            EXPECT_EQ(&removed, transport_.socket);
            transport_.handler = nullptr;
        }
        std::int64_t poll() override { return 7; }

    private:
        OneSocketTransport& transport_;
    };

    Result<std::unique_ptr<net::UdpSocket>> open(const net::SocketSpec&) override {
        if (failure) {
            return *failure;
        }
        auto made = std::make_unique<Socket>(*this);
        socket = made.get();
        return std::unique_ptr<net::UdpSocket>{std::move(made)};
    }
    std::unique_ptr<net::SocketPoller> make_poller(std::size_t) override { return std::make_unique<Poller>(*this); }
    std::vector<net::NetworkInterface> interfaces() override { return {{.name = "eth7"}}; }
    net::SocketBufferLengths probe_buffers(const net::SocketBufferLengths& wanted) override { return wanted; }

    std::int64_t room = 1'000'000;
    std::optional<ErrorInfo> failure;
    std::optional<ErrorInfo> reconnect_error;
    net::UdpSocket* socket = nullptr;
    net::ReceiveHandler* handler = nullptr;
};

class CountingHandler final : public net::ReceiveHandler {
public:
    void on_datagrams(const net::ReceivedRun& run) override { bytes += run.bytes.size(); }
    void on_receive_error(const int system_error) override { error = system_error; }
    std::size_t bytes = 0;
    int error = 0;
};

class LoggedTransportTest : public testing::Test {
protected:
    explicit LoggedTransportTest(const EventSet events = {EventId::frame_in, EventId::frame_out})
        : log(events, clock) {}

    [[nodiscard]] std::unique_ptr<net::UdpSocket> open(const std::optional<SocketAddress>& peer = {}) {
        return transport.open({.connect_to = peer}).value_or_throw();
    }
    /// As `FRAME_OUT [1/2]: address=…`.
    std::vector<std::string> lines() {
        std::vector<std::string> lines;
        log.consume(
            [&](const EventId id, const std::span<const std::byte> record) {
                lines.push_back(format_event(id, record).substr(std::string{"[0.000000000] DRIVER: "}.size()));
            },
            1'000);
        return lines;
    }
    DatagramRun run(const std::uint32_t length, const std::uint32_t segment_length) const {
        return {.data = bytes.data(), .length = length, .segment_length = segment_length};
    }

    ManualClock clock;
    EventLog log;
    OneSocketTransport inner;
    LoggedTransport transport{inner, log};
    std::array<std::byte, 4'096> bytes{};
};

class LoggedTransportOneWay : public LoggedTransportTest {
protected:
    LoggedTransportOneWay() : LoggedTransportTest({EventId::frame_in}) {}
};

TEST_F(LoggedTransportTest, LogsEachDatagramOfEachRun) {
    const auto socket = open();
    const std::array<DatagramRun, 2> runs{run(2'500, 1'000), run(64, 64)};

    EXPECT_EQ(socket->send(runs, &first_peer).bytes_sent, 2'564);

    EXPECT_THAT(lines(), ElementsAre(testing::StartsWith("FRAME_OUT [32/1000]: address=10.0.0.1:1 type=PAD"),
                                     HasSubstr("[32/1000]"), HasSubstr("[32/500]"), HasSubstr("[32/64]")));
}

TEST_F(LoggedTransportTest, LogsWhatLeftAndNothingElse) {
    const auto socket = open();
    inner.room = 2'000;
    const std::array<DatagramRun, 2> runs{run(3'000, 1'000), run(64, 64)};

    EXPECT_FALSE(socket->send(runs, &first_peer).is_complete);

    EXPECT_THAT(lines(), ElementsAre(HasSubstr("[32/1000]"), HasSubstr("[32/1000]")));
}

TEST_F(LoggedTransportTest, KnowsThePeerOfAConnectedSocket) {
    const auto socket = open(first_peer);
    const DatagramRun one = run(32, 32);

    socket->send({&one, 1}, nullptr);
    inner.reconnect_error = ErrorInfo{ErrorCode::generic_error, "no"};
    EXPECT_TRUE(socket->reconnect(second_peer));
    socket->send({&one, 1}, nullptr);
    inner.reconnect_error.reset();
    EXPECT_FALSE(socket->reconnect(second_peer));
    socket->send({&one, 1}, nullptr);

    EXPECT_THAT(lines(), ElementsAre(HasSubstr("address=10.0.0.1:1 "), HasSubstr("address=10.0.0.1:1 "),
                                     HasSubstr("address=10.0.0.2:2 ")));
}

TEST_F(LoggedTransportTest, LogsAndHandsOnWhatArrives) {
    const auto socket = open();
    const auto poller = transport.make_poller(1);
    CountingHandler handler;
    poller->add(*socket, handler);

    inner.handler->on_datagrams({.bytes = std::span{bytes}.first(150), .segment_length = 100, .source = second_peer});
    inner.handler->on_datagrams({.bytes = {}, .segment_length = 0, .source = second_peer});
    inner.handler->on_receive_error(5);

    EXPECT_EQ(handler.bytes, 150U);
    EXPECT_EQ(handler.error, 5);
    EXPECT_EQ(poller->poll(), 7);
    EXPECT_THAT(lines(), ElementsAre(testing::StartsWith("FRAME_IN [32/100]: address=10.0.0.2:2 "),
                                     HasSubstr("[32/50]"), HasSubstr("[0/0]")));
    poller->remove(*socket);
    EXPECT_EQ(inner.handler, nullptr);
}

TEST_F(LoggedTransportTest, LeavesTheRestToTheTransport) {
    EXPECT_EQ(transport.interfaces().front().name, "eth7");
    EXPECT_EQ(transport.probe_buffers({.send = 3}).send, 3);
    EXPECT_EQ(open()->receive_buffer_length(), 2);
    EXPECT_EQ(open()->send_buffer_length(), 1);
    EXPECT_EQ(open()->local_address(), first_peer);
    inner.failure = ErrorInfo{ErrorCode::generic_error, "failed to bind"};
    EXPECT_EQ(transport.open({}).error().message, "failed to bind");
}

TEST_F(LoggedTransportOneWay, LogsOnlyTheDirectionThatIsOn) {
    const auto socket = open();
    const DatagramRun one = run(32, 32);

    socket->send({&one, 1}, &first_peer);

    EXPECT_THAT(lines(), IsEmpty());
}

}  // namespace
}  // namespace cpperon::driver
