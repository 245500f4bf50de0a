/// A transport whose datagrams are logged: stands between a driver and any other transport where FRAME_IN or FRAME_OUT
/// is on, and is not there otherwise. Each datagram of a run is an event. spec: 06 §22
///
/// Each socket and poller is used by the agent that it was given to.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::driver {

class LoggedTransport final : public net::UdpTransport {
public:
    /// Both outlive this and everything that it opened.
    LoggedTransport(net::UdpTransport& inner, EventLog& log) noexcept : inner_(inner), log_(log) {}

    [[nodiscard]] Result<std::unique_ptr<net::UdpSocket>> open(const net::SocketSpec& spec) override;
    [[nodiscard]] std::unique_ptr<net::SocketPoller> make_poller(std::size_t batches_per_poll) override;
    [[nodiscard]] std::vector<net::NetworkInterface> interfaces() override { return inner_.interfaces(); }
    [[nodiscard]] net::SocketBufferLengths probe_buffers(const net::SocketBufferLengths& wanted) override {
        return inner_.probe_buffers(wanted);
    }

private:
    net::UdpTransport& inner_;
    EventLog& log_;
};

}  // namespace cpperon::driver
