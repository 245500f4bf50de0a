/// Polls the system's sockets: few of them one by one, many through epoll. Used by one agent. spec: 04 §9.1
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "cpperon/net/datagram_receiver.hpp"
#include "cpperon/net/file_descriptor.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

class SystemSocketPoller final : public SocketPoller {
public:
    /// Up to as many sockets are asked one by one: cheaper than asking which of them have something.
    static constexpr std::size_t max_sockets_asked_directly = 5;

    explicit SystemSocketPoller(const std::size_t batches_per_poll) : receiver_(batches_per_poll) {}

    void add(UdpSocket& socket, ReceiveHandler& handler) override;
    void remove(UdpSocket& socket) override;
    std::int64_t poll() override;

private:
    struct Entry {
        const UdpSocket* socket;
        int descriptor;
        ReceiveHandler* handler;
        SocketTraffic traffic;
    };

    /// Starts or ends the use of epoll as the count of sockets asks for.
    void choose_way();
    void watch(Entry& entry);
    std::int64_t poll_ready();

    DatagramReceiver receiver_;
    std::vector<std::unique_ptr<Entry>> entries_;  // epoll has their addresses
    FileDescriptor epoll_;                         // open while it is used
};

}  // namespace cpperon::net
