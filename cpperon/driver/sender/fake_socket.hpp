/// Sockets in memory for the tests of the sender: what is sent is kept, what arrives is put there by the test.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "cpperon/net/udp_transport.hpp"

namespace cpperon::driver {

/// A datagram as it left.
struct SentDatagram {
    std::vector<std::byte> bytes;
    std::optional<net::SocketAddress> destination;  ///< nothing: to whom the socket is connected
};

class FakeSocket final : public net::UdpSocket {
public:
    net::SendOutcome send(const std::span<const net::DatagramRun> runs,
                          const net::SocketAddress* const destination) noexcept override {
        run_counts.push_back(runs.size());
        net::SendOutcome outcome;
        for (const net::DatagramRun& run : runs) {
            for (std::uint32_t offset = 0; offset < run.length; offset += run.segment_length) {
                if (room == 0 || (destination != nullptr && destination->port() == broken_port)) {
                    outcome.system_error = room == 0 ? system_error : 1;
                    return outcome;
                }
                --room;
                const std::size_t length = std::min(run.segment_length, run.length - offset);
                sent.push_back({.bytes = {run.data + offset, run.data + offset + length},
                                .destination = destination == nullptr ? std::nullopt : std::optional{*destination}});
                outcome.bytes_sent += static_cast<std::int64_t>(length);
            }
        }
        outcome.is_complete = true;
        return outcome;
    }
    [[nodiscard]] std::optional<ErrorInfo> reconnect(const net::SocketAddress& remote) override {
        if (reconnect_failure) {
            return reconnect_failure;
        }
        connected_to = remote;
        return std::nullopt;
    }
    [[nodiscard]] const net::SocketAddress& local_address() const noexcept override { return local_; }
    [[nodiscard]] std::int64_t send_buffer_length() const noexcept override { return 212'992; }
    [[nodiscard]] std::int64_t receive_buffer_length() const noexcept override { return 212'992; }

    /// What has left since the last call.
    std::vector<SentDatagram> take_sent() { return std::exchange(sent, {}); }

    std::vector<SentDatagram> sent;
    std::vector<std::size_t> run_counts;  ///< of each call
    /// Datagrams that it still takes; with 0 a send fails with `system_error`, 0 being "not now".
    std::size_t room = std::numeric_limits<std::size_t>::max();
    int system_error = 0;
    std::uint16_t broken_port = 0;  ///< addresses with it cannot be sent to
    std::optional<net::SocketAddress> connected_to;
    std::optional<ErrorInfo> reconnect_failure;

private:
    net::SocketAddress local_ = net::SocketAddress::ipv4({127, 0, 0, 1}, 40'000);
};

class FakePoller final : public net::SocketPoller {
public:
    void add(net::UdpSocket& socket, net::ReceiveHandler& handler) override { handlers_[&socket] = &handler; }
    void remove(net::UdpSocket& socket) override { handlers_.erase(&socket); }
    std::int64_t poll() override {
        ++poll_count;
        std::int64_t bytes = 0;
        while (!arrivals_.empty()) {
            Arrival arrival = std::move(arrivals_.front());
            arrivals_.pop_front();
            bytes += static_cast<std::int64_t>(arrival.bytes.size());
            if (const auto found = handlers_.find(arrival.socket); found != handlers_.end()) {
                found->second->on_datagrams(
                    {.bytes = arrival.bytes, .segment_length = arrival.segment_length, .source = arrival.source});
            }
        }
        return bytes;
    }

    /// The next poll receives datagrams of `segment_length` bytes, the last of which may be shorter.
    void deliver(net::UdpSocket& socket, const std::span<const std::byte> bytes, const std::size_t segment_length,
                 const net::SocketAddress& source) {
        arrivals_.push_back({.socket = &socket,
                             .bytes = {bytes.begin(), bytes.end()},
                             .segment_length = static_cast<std::uint32_t>(segment_length),
                             .source = source});
    }
    [[nodiscard]] bool has_arrivals() const { return !arrivals_.empty(); }
    [[nodiscard]] bool has(net::UdpSocket& socket) const { return handlers_.contains(&socket); }

    int poll_count = 0;

private:
    struct Arrival {
        net::UdpSocket* socket;
        std::vector<std::byte> bytes;
        std::uint32_t segment_length;
        net::SocketAddress source;
    };

    std::map<net::UdpSocket*, net::ReceiveHandler*> handlers_;
    std::deque<Arrival> arrivals_;
};

}  // namespace cpperon::driver
