/// A network inside one thread, on virtual time: hosts, the links between them, and everything that goes wrong on
/// those, decided by a seed. The same seed and the same calls give the same datagrams at the same times. It knows
/// nothing of what is in a datagram. Used by simulations and tests. design §1, §4.1
///
///     ManualClock clock;
///     SimulatedNetwork network{clock, seed};
///     SimulatedHost& a = network.add_host("a", {*SocketAddress::try_parse("10.0.0.1", 0)});
///     SimulatedHost& b = network.add_host("b", {*SocketAddress::try_parse("10.0.0.2", 0)});
///     network.set_faults({.max_delay_ns = 1'000'000, .loss_rate = 0.1});
///     network.link(a, b).faults.is_cut = true;
///
/// All hosts are on one network segment, over which multicast goes. Datagrams of a host to itself, over its loopback
/// interface or not, take the link of the host to itself. A datagram is delivered by the first poll on any host at or
/// after its time of arrival, to the socket that is there then.
///
/// Threads: one for the network and all of its hosts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/random.hpp"
#include "cpperon/net/simulated_host.hpp"
#include "cpperon/net/simulated_link.hpp"
#include "cpperon/net/socket_address.hpp"

namespace cpperon::net {

/// A datagram as it leaves; borrowed for the call.
struct SentDatagram {
    const SimulatedHost& from;
    SocketAddress source;
    SocketAddress destination;
    std::span<const std::byte> bytes;
};

/// Sees each datagram that is sent, before it meets faults; false: it gets lost. It must not send.
using DatagramTap = std::function<bool(const SentDatagram& datagram)>;

class SimulatedNetwork {
public:
    /// Outlived by `clock`.
    SimulatedNetwork(NanoClock& clock, std::uint64_t seed);
    SimulatedNetwork(const SimulatedNetwork&) = delete;
    SimulatedNetwork& operator=(const SimulatedNetwork&) = delete;
    ~SimulatedNetwork();

    /// `addresses`: one or more, which no other host has; ports do not count.
    SimulatedHost& add_host(std::string name, std::vector<SocketAddress> addresses);

    /// Of every link between two different hosts, now and later.
    void set_faults(const LinkFaults& faults);
    /// One direction; its faults may be changed any time. `from` and `to` may be the same.
    [[nodiscard]] SimulatedLink& link(const SimulatedHost& from, const SimulatedHost& to) noexcept;

    void set_tap(DatagramTap tap) { tap_ = std::move(tap); }
    /// Datagrams that may be on their way at the same time; more are lost, which their links do not count.
    void set_max_in_flight(const std::size_t count) noexcept { max_in_flight_ = count; }

    [[nodiscard]] std::size_t in_flight() const noexcept { return flights_.size(); }
    /// Lost because too many were on their way.
    [[nodiscard]] std::uint64_t in_flight_overflows() const noexcept { return in_flight_overflows_; }
    /// Sent to an address that no host has.
    [[nodiscard]] std::uint64_t unroutable() const noexcept { return unroutable_; }
    /// When the next datagram arrives; nothing if none is on its way.
    [[nodiscard]] std::optional<std::int64_t> next_arrival_ns() const noexcept;
    /// Something has arrived that no poll has fetched.
    [[nodiscard]] bool has_arrivals() const noexcept;

    // For hosts, sockets and pollers.

    [[nodiscard]] RandomSource& random() noexcept { return random_; }
    void transmit(const SimulatedSocket& socket, const SocketAddress& source, const SocketAddress& destination,
                  std::span<const std::byte> bytes);
    /// Moves what has arrived by now into the buffers of sockets.
    void deliver();
    /// Takes a buffer back whose datagram was consumed, so that it can be used again.
    void recycle(std::vector<std::byte> bytes);

private:
    struct Route {
        SocketAddress source;
        SocketAddress destination;
        std::size_t from;       ///< index of the host
        bool is_over_loopback;  ///< of multicast: it stays on the host
    };
    struct Flight {
        std::int64_t arrival_ns;
        std::uint64_t sequence;  ///< of equal arrivals the one sent first comes first
        Route route;
        std::size_t to;
        std::vector<std::byte> bytes;
    };
    struct ArrivesLater;

    void multicast(const Route& route, std::span<const std::byte> bytes);
    void send_over(const Route& route, std::size_t to, std::span<const std::byte> bytes);
    void hand_over(Flight flight);
    [[nodiscard]] std::vector<std::byte> copy(std::span<const std::byte> bytes);

    NanoClock& clock_;
    SeededRandomSource random_;
    std::vector<std::unique_ptr<SimulatedHost>> hosts_;
    std::vector<std::deque<SimulatedLink>> links_;  // from each host to each
    LinkFaults default_faults_;
    DatagramTap tap_;
    std::vector<Flight> flights_;  // a heap: the earliest on top
    std::uint64_t next_sequence_ = 0;
    std::size_t max_in_flight_ = 100'000;
    std::uint64_t in_flight_overflows_ = 0;
    std::uint64_t unroutable_ = 0;
    std::vector<std::vector<std::byte>> spare_buffers_;
};

}  // namespace cpperon::net
