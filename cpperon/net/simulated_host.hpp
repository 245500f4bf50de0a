/// A host on a simulated network: the UDP transport that a driver in a simulation is given. It has what the operating
/// system gives a driver: addresses, ports, multicast groups, bounded buffers. spec: 04 §5.3
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cpperon/net/simulated_socket.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

/// What sockets of a host get.
struct SimulatedBufferLimits {
    SocketBufferLengths initial{.send = 212'992, .receive = 212'992};      ///< of one that asks for nothing
    SocketBufferLengths maximum{.send = 4'194'304, .receive = 4'194'304};  ///< of one that asks for more
};

/// Made by `SimulatedNetwork::add_host`; stays until the network goes, and outlives its sockets and pollers.
class SimulatedHost final : public UdpTransport {
public:
    SimulatedHost(SimulatedNetwork& network, std::string name, std::size_t index, std::vector<SocketAddress> addresses);
    SimulatedHost(const SimulatedHost&) = delete;
    SimulatedHost& operator=(const SimulatedHost&) = delete;
    ~SimulatedHost() override = default;

    // UdpTransport.

    [[nodiscard]] Result<std::unique_ptr<UdpSocket>> open(const SocketSpec& spec) override;
    [[nodiscard]] std::unique_ptr<SocketPoller> make_poller(std::size_t batches_per_poll) override;
    /// `lo` with 127.0.0.1 and ::1, and one interface per address: `eth0`, `eth1`, ...; of /24 and /64.
    [[nodiscard]] std::vector<NetworkInterface> interfaces() override;
    [[nodiscard]] SocketBufferLengths probe_buffers(const SocketBufferLengths& wanted) override;

    // What tests change and look at.

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// The first address.
    [[nodiscard]] const SocketAddress& address() const noexcept { return addresses_.front(); }
    /// The chance that a datagram is not taken when it is sent, nor those behind it: a full send buffer.
    void set_short_send_rate(const double rate) noexcept { short_send_rate_ = rate; }
    void set_buffer_limits(const SimulatedBufferLimits& limits) noexcept { limits_ = limits; }
    [[nodiscard]] std::size_t socket_count() const noexcept { return sockets_.size(); }
    /// Something has arrived that no poll has fetched.
    [[nodiscard]] bool has_arrivals() const noexcept;
    /// As if the process that has the sockets were killed: they fall silent and their ports are free. They may be
    /// destroyed any time later.
    void crash() noexcept;

    // For the network and the sockets.

    [[nodiscard]] SimulatedNetwork& network() const noexcept { return *network_; }
    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    [[nodiscard]] double short_send_rate() const noexcept { return short_send_rate_; }
    /// `address` without port is one of this host, loopback not included.
    [[nodiscard]] bool owns(const SocketAddress& address) const noexcept;
    /// The socket that unicast from `source` to `destination` is for; null: none.
    [[nodiscard]] SimulatedSocket* find(const SocketAddress& destination, const SocketAddress& source) const noexcept;
    /// The sockets that have joined `group`, an address with port, on loopback or on a network.
    [[nodiscard]] std::vector<SimulatedSocket*> find_members(const SocketAddress& group, bool is_over_loopback) const;
    /// Where a datagram to `destination` comes from that leaves `socket`.
    [[nodiscard]] SocketAddress source_address(const SimulatedSocket& socket,
                                               const SocketAddress& destination) const noexcept;
    void forget(const SimulatedSocket& socket) noexcept;

private:
    [[nodiscard]] bool is_taken(const SocketSpec& spec, std::uint16_t port) const noexcept;
    /// A free port of the ephemeral range; 0: all are taken.
    [[nodiscard]] std::uint16_t ephemeral_port(const SocketSpec& spec) noexcept;

    SimulatedNetwork* network_;
    std::string name_;
    std::size_t index_;
    std::vector<SocketAddress> addresses_;
    SimulatedBufferLimits limits_;
    double short_send_rate_ = 0;
    std::uint16_t next_port_;
    std::vector<SimulatedSocket*> sockets_;  // in the order in which they were opened
};

}  // namespace cpperon::net
