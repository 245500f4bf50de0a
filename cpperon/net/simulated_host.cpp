#include "cpperon/net/simulated_host.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cpperon/net/simulated_network.hpp"

namespace cpperon::net {

namespace {

constexpr std::uint16_t first_ephemeral_port = 32'768;
constexpr std::uint16_t last_ephemeral_port = 60'999;

std::int64_t granted(const std::int64_t wanted, const std::int64_t initial, const std::int64_t maximum) noexcept {
    return wanted > 0 ? std::min(wanted, maximum) : initial;
}

ErrorInfo socket_error(const std::string_view operation, const SocketAddress& address, const int system_error) {
    return {.code = ErrorCode::generic_error,
            .message = fmt::format("{} {}: {}", operation, address.to_string(),
                                   std::generic_category().message(system_error))};
}

NetworkInterface loopback(const SocketAddress& address) {
    return {.name = "lo",
            .index = 1,
            .address = address,
            .prefix_length = static_cast<std::uint8_t>(address.is_ipv6() ? 128 : 8),
            .is_up = true,
            .is_loopback = true,
            .is_multicast_capable = true};
}

}  // namespace

bool has_same_host(const SocketAddress& a, const SocketAddress& b) noexcept {
    return std::ranges::equal(a.bytes(), b.bytes());
}

SimulatedHost::SimulatedHost(SimulatedNetwork& network, std::string name, const std::size_t index,
                             std::vector<SocketAddress> addresses)
    : network_(&network),
      name_(std::move(name)),
      index_(index),
      addresses_(std::move(addresses)),
      next_port_(first_ephemeral_port) {
    assert(!addresses_.empty());
}

Result<std::unique_ptr<UdpSocket>> SimulatedHost::open(const SocketSpec& spec) {
    const SocketAddress& wanted = spec.bind_address;
    if (!wanted.is_wildcard() && !wanted.is_loopback() && !owns(wanted)) {
        return socket_error("failed to bind to", wanted, EADDRNOTAVAIL);
    }
    const std::uint16_t port = wanted.port() != 0 ? wanted.port() : ephemeral_port(spec);
    if (port == 0 || is_taken(spec, port)) {
        return socket_error("failed to bind to", wanted, EADDRINUSE);
    }
    if (spec.connect_to && spec.connect_to->family() != wanted.family()) {
        return socket_error("failed to connect to address", *spec.connect_to, EAFNOSUPPORT);
    }
    auto socket = std::make_unique<SimulatedSocket>(
        *this, spec, wanted.with_port(port),
        probe_buffers({.send = spec.send_buffer_length, .receive = spec.receive_buffer_length}));
    sockets_.push_back(socket.get());
    return std::unique_ptr<UdpSocket>{std::move(socket)};
}

std::unique_ptr<SocketPoller> SimulatedHost::make_poller(const std::size_t batches_per_poll) {
    return std::make_unique<SimulatedPoller>(*network_, batches_per_poll);
}

std::vector<NetworkInterface> SimulatedHost::interfaces() {
    std::vector<NetworkInterface> found{loopback(*SocketAddress::try_parse("127.0.0.1", 0)),
                                        loopback(*SocketAddress::try_parse("::1", 0))};
    for (std::size_t i = 0; i < addresses_.size(); ++i) {
        found.push_back({.name = fmt::format("eth{}", i),
                         .index = static_cast<std::uint32_t>(i + 2),
                         .address = addresses_[i].with_port(0),
                         .prefix_length = static_cast<std::uint8_t>(addresses_[i].is_ipv6() ? 64 : 24),
                         .is_up = true,
                         .is_multicast_capable = true});
    }
    return found;
}

SocketBufferLengths SimulatedHost::probe_buffers(const SocketBufferLengths& wanted) {
    return {.send = granted(wanted.send, limits_.initial.send, limits_.maximum.send),
            .receive = granted(wanted.receive, limits_.initial.receive, limits_.maximum.receive)};
}

bool SimulatedHost::has_arrivals() const noexcept {
    return std::ranges::any_of(sockets_, [](const SimulatedSocket* socket) { return socket->has_arrivals(); });
}

void SimulatedHost::crash() noexcept {
    for (SimulatedSocket* const socket : sockets_) {
        socket->kill();
    }
    sockets_.clear();
}

bool SimulatedHost::owns(const SocketAddress& address) const noexcept {
    return std::ranges::any_of(addresses_, [&](const SocketAddress& own) { return has_same_host(own, address); });
}

/// As the operating system does it: the more exactly a socket says what it wants, the better it fits.
SimulatedSocket* SimulatedHost::find(const SocketAddress& destination, const SocketAddress& source) const noexcept {
    SimulatedSocket* best = nullptr;
    int best_fit = 0;
    for (SimulatedSocket* const socket : sockets_) {
        const SocketAddress& local = socket->local_address();
        const bool is_bound_to_all = local.is_wildcard();
        if (local.port() != destination.port() || local.family() != destination.family() ||
            (!is_bound_to_all && !has_same_host(local, destination)) || (socket->peer() && *socket->peer() != source)) {
            continue;
        }
        const int fit = 1 + (is_bound_to_all ? 0 : 1) + (socket->peer() ? 2 : 0);
        if (fit > best_fit) {
            best = socket;
            best_fit = fit;
        }
    }
    return best;
}

std::vector<SimulatedSocket*> SimulatedHost::find_members(const SocketAddress& group,
                                                          const bool is_over_loopback) const {
    std::vector<SimulatedSocket*> members;
    std::ranges::copy_if(sockets_, std::back_inserter(members), [&](const SimulatedSocket* const socket) {
        return socket->is_member(group, is_over_loopback);
    });
    return members;
}

SocketAddress SimulatedHost::source_address(const SimulatedSocket& socket,
                                            const SocketAddress& destination) const noexcept {
    const SocketAddress& local = socket.local_address();
    if (!local.is_wildcard()) {
        return local;
    }
    if (destination.is_multicast() && socket.membership() && !socket.membership()->interface_address.is_wildcard()) {
        return socket.membership()->interface_address.with_port(local.port());
    }
    if (destination.is_loopback() || owns(destination)) {
        return destination.with_port(local.port());
    }
    const auto own = std::ranges::find(addresses_, destination.family(), &SocketAddress::family);
    return (own != addresses_.end() ? *own : local).with_port(local.port());
}

void SimulatedHost::forget(const SimulatedSocket& socket) noexcept {
    std::erase(sockets_, &socket);
}

bool SimulatedHost::is_taken(const SocketSpec& spec, const std::uint16_t port) const noexcept {
    const SocketAddress& wanted = spec.bind_address;
    return std::ranges::any_of(sockets_, [&](const SimulatedSocket* const socket) {
        const SocketAddress& local = socket->local_address();
        const bool collides = local.port() == port && local.family() == wanted.family() &&
                              (local.is_wildcard() || wanted.is_wildcard() || has_same_host(local, wanted));
        const bool is_shared = spec.multicast && socket->membership();
        return collides && !is_shared;
    });
}

std::uint16_t SimulatedHost::ephemeral_port(const SocketSpec& spec) noexcept {
    for (int tries = 0; tries <= last_ephemeral_port - first_ephemeral_port; ++tries) {
        const std::uint16_t port = next_port_;
        next_port_ = port == last_ephemeral_port ? first_ephemeral_port : static_cast<std::uint16_t>(port + 1);
        if (!is_taken(spec, port)) {
            return port;
        }
    }
    return 0;
}

}  // namespace cpperon::net
