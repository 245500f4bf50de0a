/// A transport that loses datagrams on purpose: filters stand between the driver and any other transport and decide for
/// each datagram, incoming or outgoing. For tests of users, in the real network. spec: 06 §21, §23
///
/// Each socket has filters of its own, made when it is opened and used by the agent that has the socket.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

class DatagramFilter {
public:
    virtual ~DatagramFilter() = default;

    /// Whether this datagram, which came from `peer` or is about to leave to it, is lost. Asked once per datagram, in
    /// order; not asked where a filter before this one has lost it.
    [[nodiscard]] virtual bool loses(std::span<const std::byte> datagram, const SocketAddress& peer) = 0;
};

using FilterChain = std::vector<std::unique_ptr<DatagramFilter>>;

/// The filters of one socket. Empty chains cost nothing.
struct SocketFilters {
    FilterChain incoming;
    FilterChain outgoing;
};

/// Called by the conductor's thread for every socket that is opened.
using SocketFilterFactory = std::function<SocketFilters()>;

class FilteredTransport final : public UdpTransport {
public:
    /// `inner` must outlive this and everything that it opened.
    FilteredTransport(UdpTransport& inner, SocketFilterFactory make_filters)
        : inner_(inner), make_filters_(std::move(make_filters)) {}

    [[nodiscard]] Result<std::unique_ptr<UdpSocket>> open(const SocketSpec& spec) override;
    [[nodiscard]] std::unique_ptr<SocketPoller> make_poller(std::size_t batches_per_poll) override;
    [[nodiscard]] std::vector<NetworkInterface> interfaces() override { return inner_.interfaces(); }
    [[nodiscard]] SocketBufferLengths probe_buffers(const SocketBufferLengths& wanted) override {
        return inner_.probe_buffers(wanted);
    }

private:
    UdpTransport& inner_;
    SocketFilterFactory make_filters_;
};

}  // namespace cpperon::net
