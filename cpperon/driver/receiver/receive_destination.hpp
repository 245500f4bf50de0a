/// One socket from which a receive endpoint receives, and where the control frames leave that are about what came in
/// there. Made by the conductor, used by the receiver. spec: 04 §5.3, §9.3, §9.11
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cpperon/net/socket_address.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::driver {

class ReceiveEndpoint;

struct ReceiveDestinationSpec {
    bool is_multicast = false;
    /// Where control frames go: the group's control address or the explicit `control`; nothing: back to the source.
    std::optional<net::SocketAddress> control;
    std::optional<std::string> control_name;  ///< explicit `control` as spelled: it may be resolved again
    std::uint8_t ttl = 0;                     ///< of the channel, for the check of spec 04 §9.2
};

/// Belongs to one endpoint at a time, which must outlive its use by a poller.
class ReceiveDestination final : public net::ReceiveHandler {
public:
    ReceiveDestination(ReceiveDestinationSpec spec, std::unique_ptr<net::UdpSocket> socket) noexcept
        : spec_(std::move(spec)), socket_(std::move(socket)) {}

    /// Any thread may ask it for its address; the rest is the receiver's.
    [[nodiscard]] net::UdpSocket& socket() const noexcept { return *socket_; }

    // The conductor before it hands the destination over; the receiver from then on.

    void attach_to(ReceiveEndpoint& endpoint) noexcept { endpoint_ = &endpoint; }

    // Receiver.

    [[nodiscard]] bool is_multicast() const noexcept { return spec_.is_multicast; }
    [[nodiscard]] std::uint8_t ttl() const noexcept { return spec_.ttl; }
    [[nodiscard]] const std::optional<net::SocketAddress>& control() const noexcept { return spec_.control; }
    /// Stated in the channel, in contrast to the control address of a group.
    [[nodiscard]] bool has_explicit_control() const noexcept {
        return !spec_.is_multicast && (spec_.control.has_value() || spec_.control_name.has_value());
    }
    [[nodiscard]] const std::optional<std::string>& control_name() const noexcept { return spec_.control_name; }
    void set_control(const net::SocketAddress& address) noexcept { spec_.control = address; }

    /// Something of the streams arrived: nobody has to be looked for.
    void on_activity(const std::int64_t now_ns) noexcept { time_of_last_activity_ns_ = now_ns; }
    [[nodiscard]] std::int64_t time_of_last_activity_ns() const noexcept { return time_of_last_activity_ns_; }

    void on_setup_requested(const std::int64_t now_ns) noexcept { time_of_last_setup_request_ns_ = now_ns; }
    [[nodiscard]] std::int64_t time_of_last_setup_request_ns() const noexcept { return time_of_last_setup_request_ns_; }

    // The poller, on the receiver's thread.

    void on_datagrams(const net::ReceivedRun& run) override;
    void on_receive_error(int system_error) override;

private:
    ReceiveDestinationSpec spec_;
    std::unique_ptr<net::UdpSocket> socket_;
    ReceiveEndpoint* endpoint_ = nullptr;
    std::int64_t time_of_last_activity_ns_ = 0;
    std::int64_t time_of_last_setup_request_ns_ = 0;
};

}  // namespace cpperon::driver
