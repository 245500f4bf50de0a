/// Sockets and pollers on a simulated host: what `SimulatedHost` hands out. spec: 04 §5.3
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "cpperon/base/random.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

class SimulatedHost;
class SimulatedNetwork;

/// Both are of the same host; family and bytes of the address count.
[[nodiscard]] bool has_same_host(const SocketAddress& a, const SocketAddress& b) noexcept;

/// A datagram that has arrived.
struct ArrivedDatagram {
    std::vector<std::byte> bytes;
    SocketAddress source;
    std::int64_t arrival_ns = 0;
};

class SimulatedSocket final : public UdpSocket {
public:
    /// `local`: bound. `buffers`: granted. `host` outlives the socket.
    SimulatedSocket(SimulatedHost& host, const SocketSpec& spec, const SocketAddress& local,
                    const SocketBufferLengths& buffers);
    SimulatedSocket(const SimulatedSocket&) = delete;
    SimulatedSocket& operator=(const SimulatedSocket&) = delete;
    ~SimulatedSocket() override;

    SendOutcome send(std::span<const DatagramRun> runs, const SocketAddress* destination) noexcept override;
    [[nodiscard]] std::optional<ErrorInfo> reconnect(const SocketAddress& remote) override;
    [[nodiscard]] const SocketAddress& local_address() const noexcept override { return local_; }
    [[nodiscard]] std::int64_t send_buffer_length() const noexcept override { return buffers_.send; }
    [[nodiscard]] std::int64_t receive_buffer_length() const noexcept override { return buffers_.receive; }

    // For the simulated host.

    [[nodiscard]] const std::optional<SocketAddress>& peer() const noexcept { return peer_; }
    [[nodiscard]] const std::optional<MulticastMembership>& membership() const noexcept { return spec_.multicast; }
    [[nodiscard]] bool is_member(const SocketAddress& group, bool is_over_loopback) const noexcept;
    /// False if the buffer is full: the datagram is dropped then.
    [[nodiscard]] bool try_receive(ArrivedDatagram&& datagram);
    [[nodiscard]] bool has_arrivals() const noexcept { return !arrivals_.empty(); }
    /// Its host has crashed: it neither sends nor receives from now on.
    void kill() noexcept;

    // For the poller.

    [[nodiscard]] SimulatedHost& host() const noexcept { return *host_; }
    /// Takes one to `max_count` datagrams into `buffer`, as one run. There must be arrivals.
    [[nodiscard]] ReceivedRun take_run(std::vector<std::byte>& buffer, std::size_t max_count);

private:
    SimulatedHost* host_;
    SocketSpec spec_;
    SocketAddress local_;
    std::optional<SocketAddress> peer_;
    SocketBufferLengths buffers_;
    std::deque<ArrivedDatagram> arrivals_;
    std::int64_t arrived_bytes_ = 0;
    bool is_dead_ = false;
};

class SimulatedPoller final : public SocketPoller {
public:
    SimulatedPoller(SimulatedNetwork& network, const std::size_t batches_per_poll)
        : network_(network), batches_per_poll_(batches_per_poll) {}

    void add(UdpSocket& socket, ReceiveHandler& handler) override;
    void remove(UdpSocket& socket) override;
    std::int64_t poll() override;

private:
    struct Entry {
        SimulatedSocket* socket;
        ReceiveHandler* handler;
    };

    [[nodiscard]] std::size_t draw_run_count();

    SimulatedNetwork& network_;
    std::size_t batches_per_poll_;
    std::vector<Entry> entries_;
    std::vector<std::byte> buffer_;
};

}  // namespace cpperon::net
