#include "cpperon/net/simulated_network.hpp"

#include <algorithm>
#include <utility>

namespace cpperon::net {

namespace {

/// Buffers kept for later datagrams.
constexpr std::size_t max_spare_buffers = 64;

}  // namespace

/// Order of a heap that has the earliest flight on top.
struct SimulatedNetwork::ArrivesLater {
    [[nodiscard]] bool operator()(const Flight& a, const Flight& b) const noexcept {
        return a.arrival_ns != b.arrival_ns ? a.arrival_ns > b.arrival_ns : a.sequence > b.sequence;
    }
};

SimulatedNetwork::SimulatedNetwork(NanoClock& clock, const std::uint64_t seed) : clock_(clock), random_(seed) {}

SimulatedNetwork::~SimulatedNetwork() = default;

SimulatedHost& SimulatedNetwork::add_host(std::string name, std::vector<SocketAddress> addresses) {
    const std::size_t index = hosts_.size();
    hosts_.push_back(std::make_unique<SimulatedHost>(*this, std::move(name), index, std::move(addresses)));
    for (std::deque<SimulatedLink>& links : links_) {
        links.emplace_back().faults = default_faults_;
    }
    links_.emplace_back(index + 1);
    for (std::size_t to = 0; to < index; ++to) {
        links_[index][to].faults = default_faults_;
    }
    return *hosts_.back();
}

void SimulatedNetwork::set_faults(const LinkFaults& faults) {
    default_faults_ = faults;
    for (std::size_t from = 0; from < links_.size(); ++from) {
        for (std::size_t to = 0; to < links_.size(); ++to) {
            if (from != to) {
                links_[from][to].faults = faults;
            }
        }
    }
}

SimulatedLink& SimulatedNetwork::link(const SimulatedHost& from, const SimulatedHost& to) noexcept {
    return links_[from.index()][to.index()];
}

std::optional<std::int64_t> SimulatedNetwork::next_arrival_ns() const noexcept {
    return flights_.empty() ? std::nullopt : std::optional{flights_.front().arrival_ns};
}

bool SimulatedNetwork::has_arrivals() const noexcept {
    return std::ranges::any_of(hosts_, [](const auto& host) { return host->has_arrivals(); });
}

void SimulatedNetwork::transmit(const SimulatedSocket& socket, const SocketAddress& source,
                                const SocketAddress& destination, const std::span<const std::byte> bytes) {
    const SimulatedHost& from = socket.host();
    if (tap_ && !tap_({.from = from, .source = source, .destination = destination, .bytes = bytes})) {
        return;
    }
    const Route route{.source = source,
                      .destination = destination,
                      .from = from.index(),
                      .is_over_loopback = socket.membership() && socket.membership()->interface_address.is_loopback()};
    if (destination.is_multicast()) {
        multicast(route, bytes);
        return;
    }
    if (destination.is_loopback() || from.owns(destination)) {
        send_over(route, from.index(), bytes);
        return;
    }
    const auto to = std::ranges::find_if(hosts_, [&](const auto& host) { return host->owns(destination); });
    if (to == hosts_.end()) {
        ++unroutable_;
        return;
    }
    send_over(route, (*to)->index(), bytes);
}

/// Only hosts that have joined the group are sent a copy, as switches and routers do it.
void SimulatedNetwork::multicast(const Route& route, const std::span<const std::byte> bytes) {
    for (const std::unique_ptr<SimulatedHost>& host : hosts_) {
        if ((!route.is_over_loopback || host->index() == route.from) &&
            !host->find_members(route.destination, route.is_over_loopback).empty()) {
            send_over(route, host->index(), bytes);
        }
    }
}

void SimulatedNetwork::send_over(const Route& route, const std::size_t to, const std::span<const std::byte> bytes) {
    const Passage passage = links_[route.from][to].pass(bytes.size(), clock_.nano_time(), random_);
    for (std::size_t i = 0; i < passage.count; ++i) {
        if (flights_.size() >= max_in_flight_) {
            ++in_flight_overflows_;
            continue;
        }
        Flight flight{.arrival_ns = passage.copies[i].arrival_ns,
                      .sequence = next_sequence_++,
                      .route = route,
                      .to = to,
                      .bytes = copy(bytes)};
        if (passage.copies[i].is_corrupted) {
            corrupt(flight.bytes, random_);
        }
        flights_.push_back(std::move(flight));
        std::ranges::push_heap(flights_, ArrivesLater{});
    }
}

void SimulatedNetwork::deliver() {
    const std::int64_t now_ns = clock_.nano_time();
    while (!flights_.empty() && flights_.front().arrival_ns <= now_ns) {
        std::ranges::pop_heap(flights_, ArrivesLater{});
        Flight flight = std::move(flights_.back());
        flights_.pop_back();
        hand_over(std::move(flight));
    }
}

void SimulatedNetwork::hand_over(Flight flight) {
    SimulatedHost& host = *hosts_[flight.to];
    LinkStatistics& statistics = links_[flight.route.from][flight.to].statistics;
    std::vector<SimulatedSocket*> sockets;
    if (flight.route.destination.is_multicast()) {
        sockets = host.find_members(flight.route.destination, flight.route.is_over_loopback);
    } else if (SimulatedSocket* const socket = host.find(flight.route.destination, flight.route.source)) {
        sockets.push_back(socket);
    }
    if (sockets.empty()) {
        ++statistics.undeliverable;
    }
    for (SimulatedSocket* const socket : sockets) {
        const bool is_received = socket->try_receive(
            {.bytes = copy(flight.bytes), .source = flight.route.source, .arrival_ns = flight.arrival_ns});
        ++(is_received ? statistics.delivered : statistics.buffer_overflows);
    }
    recycle(std::move(flight.bytes));
}

std::vector<std::byte> SimulatedNetwork::copy(const std::span<const std::byte> bytes) {
    std::vector<std::byte> buffer;
    if (!spare_buffers_.empty()) {
        buffer = std::move(spare_buffers_.back());
        spare_buffers_.pop_back();
    }
    buffer.assign(bytes.begin(), bytes.end());
    return buffer;
}

void SimulatedNetwork::recycle(std::vector<std::byte> bytes) {
    if (spare_buffers_.size() < max_spare_buffers) {
        spare_buffers_.push_back(std::move(bytes));
    }
}

}  // namespace cpperon::net
