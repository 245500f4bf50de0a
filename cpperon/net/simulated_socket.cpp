#include "cpperon/net/simulated_socket.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include "cpperon/net/simulated_chance.hpp"
#include "cpperon/net/simulated_host.hpp"
#include "cpperon/net/simulated_network.hpp"

namespace cpperon::net {

namespace {

/// As many as the kernel puts together at most.
constexpr std::int64_t max_datagrams_per_run = 64;

}  // namespace

SimulatedSocket::SimulatedSocket(SimulatedHost& host, const SocketSpec& spec, const SocketAddress& local,
                                 const SocketBufferLengths& buffers)
    : host_(&host), spec_(spec), local_(local), peer_(spec.connect_to), buffers_(buffers) {}

SimulatedSocket::~SimulatedSocket() {
    host_->forget(*this);
}

SendOutcome SimulatedSocket::send(const std::span<const DatagramRun> runs,
                                  const SocketAddress* const destination) noexcept {
    SendOutcome outcome;
    if (destination == nullptr && !peer_) {
        outcome.system_error = EDESTADDRREQ;
        return outcome;
    }
    const SocketAddress& to = destination != nullptr ? *destination : *peer_;
    const SocketAddress from = host_->source_address(*this, to);
    for (const DatagramRun& run : runs) {
        for (std::uint32_t offset = 0; offset < run.length; offset += run.segment_length) {
            const std::uint32_t length = std::min(run.segment_length, run.length - offset);
            if (length > max_datagram_length) {
                outcome.system_error = EMSGSIZE;
                return outcome;
            }
            if (is_dead_ || happens(host_->network().random(), host_->short_send_rate())) {
                return outcome;
            }
            host_->network().transmit(*this, from, to, {run.data + offset, length});
            outcome.bytes_sent += length;
        }
    }
    outcome.is_complete = true;
    return outcome;
}

std::optional<ErrorInfo> SimulatedSocket::reconnect(const SocketAddress& remote) {
    peer_ = remote;
    return std::nullopt;
}

bool SimulatedSocket::is_member(const SocketAddress& group, const bool is_over_loopback) const noexcept {
    return spec_.multicast && local_.port() == group.port() && has_same_host(spec_.multicast->group, group) &&
           spec_.multicast->interface_address.is_loopback() == is_over_loopback;
}

bool SimulatedSocket::try_receive(ArrivedDatagram&& datagram) {
    const auto length = static_cast<std::int64_t>(datagram.bytes.size());
    if (is_dead_ || arrived_bytes_ + length > buffers_.receive) {
        return false;
    }
    arrived_bytes_ += length;
    arrivals_.push_back(std::move(datagram));
    return true;
}

void SimulatedSocket::kill() noexcept {
    is_dead_ = true;
    arrivals_.clear();
    arrived_bytes_ = 0;
}

ReceivedRun SimulatedSocket::take_run(std::vector<std::byte>& buffer, const std::size_t max_count) {
    const std::size_t segment_length = arrivals_.front().bytes.size();
    const SocketAddress source = arrivals_.front().source;
    const std::int64_t arrival_ns = arrivals_.front().arrival_ns;
    buffer.clear();
    bool ends = false;
    for (std::size_t count = 0; count < max_count && !ends && !arrivals_.empty(); ++count) {
        ArrivedDatagram& next = arrivals_.front();
        const std::size_t length = next.bytes.size();
        if (next.source != source || length > segment_length ||
            (count > 0 && buffer.size() + length > max_datagram_length)) {
            break;
        }
        ends = length < segment_length;
        buffer.insert(buffer.end(), next.bytes.begin(), next.bytes.end());
        arrived_bytes_ -= static_cast<std::int64_t>(length);
        host_->network().recycle(std::move(next.bytes));
        arrivals_.pop_front();
    }
    return {.bytes = buffer,
            .segment_length = static_cast<std::uint32_t>(segment_length),
            .source = source,
            .media_timestamp_ns = spec_.wants_media_timestamps ? arrival_ns : 0};
}

void SimulatedPoller::add(UdpSocket& socket, ReceiveHandler& handler) {
    // A transport's pollers are given its own sockets.
    entries_.push_back({.socket = static_cast<SimulatedSocket*>(&socket), .handler = &handler});
}

void SimulatedPoller::remove(UdpSocket& socket) {
    std::erase_if(entries_, [&socket](const Entry& entry) { return entry.socket == &socket; });
}

std::int64_t SimulatedPoller::poll() {
    network_.deliver();
    std::int64_t bytes = 0;
    for (const Entry& entry : entries_) {
        for (std::size_t batch = 0; batch < batches_per_poll_ && entry.socket->has_arrivals(); ++batch) {
            const ReceivedRun run = entry.socket->take_run(buffer_, draw_run_count());
            bytes += static_cast<std::int64_t>(run.bytes.size());
            entry.handler->on_datagrams(run);
        }
    }
    return bytes;
}

/// Kernels with receive offload put together what came together, or do not.
std::size_t SimulatedPoller::draw_run_count() {
    RandomSource& random = network_.random();
    return happens(random, 0.5) ? 1 : static_cast<std::size_t>(between(random, 2, max_datagrams_per_run));
}

}  // namespace cpperon::net
