/// The receiving side of a channel: its destinations, each with a socket of its own, and one dispatcher that finds the
/// image for what arrives. Made by the conductor, used by the receiver. spec: 04 §9.1 to §9.3, §9.11
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cpperon/base/ids.hpp"
#include "cpperon/driver/receiver/image_connections.hpp"
#include "cpperon/driver/receiver/receive_destination.hpp"
#include "cpperon/driver/receiver/receiver_context.hpp"
#include "cpperon/driver/receiver/stream_dispatcher.hpp"
#include "cpperon/driver/rotation.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/net/udp_transport.hpp"
#include "cpperon/uri/values.hpp"
#include "cpperon/wire/frames.hpp"
#include "cpperon/wire/validate.hpp"

namespace cpperon::driver {

class ImageReceiver;

struct ReceiveEndpointSpec {
    std::int64_t receiver_id = 0;
    std::optional<std::int64_t> group_tag;
    std::string channel;  ///< as spelled by the subscription that created it
    TimestampOffset media_receive_timestamp_offset;
    TimestampOffset channel_receive_timestamp_offset;
};

/// Its destinations and images are the conductor's, and stay until the receiver has let go of them.
class ReceiveEndpoint {
public:
    ReceiveEndpoint(const ReceiveEndpointSpec& spec, ReceiverContext& context);

    [[nodiscard]] std::int64_t receiver_id() const noexcept { return spec_.receiver_id; }
    [[nodiscard]] const std::optional<std::int64_t>& group_tag() const noexcept { return spec_.group_tag; }
    [[nodiscard]] const std::string& channel() const noexcept { return spec_.channel; }

    // The conductor, before `AddEndpoint`.

    /// One of the destinations that it has from the start.
    void add_first(ReceiveDestination& destination);

    // The receiver, from here on.

    /// Begins to receive, and makes itself known to where its control addresses are.
    void open(std::int64_t now_ns);
    void close();
    void add_destination(ReceiveDestination& destination, std::int64_t now_ns);
    void remove_destination(ReceiveDestination& destination);
    /// Nothing happens if `destination`, which is not touched then, is none of its own: it may have gone while its name
    /// was being looked up.
    void change_control_address(const ReceiveDestination* destination, const net::SocketAddress& address);

    void add_interest(std::int32_t stream_id, std::optional<SessionId> session_id);
    void remove_interest(std::int32_t stream_id, std::optional<SessionId> session_id);
    /// Asks for a SETUP at every control address.
    void request_setup(const StreamSession& id);
    void add_image(ImageReceiver& image, std::int64_t now_ns);
    void remove_image(ImageReceiver& image);
    void clear_cool_down(const StreamSession& id) { dispatcher_.clear_cool_down(id); }
    void clear_init_in_progress(const StreamSession& id) { dispatcher_.clear_init_in_progress(id); }

    /// What is due by time. Returns how much was done.
    int do_work(std::int64_t now_ns);
    /// Asks the conductor to look up the names of control addresses from which nothing comes. spec: 04 §13.3
    void check_control_addresses(std::int64_t now_ns);

    void on_datagrams(ReceiveDestination& destination, const net::ReceivedRun& run);
    void on_receive_error(int system_error);

    /// True: the frame left. What did not leave is counted, and logged where it is more than a full buffer.
    bool send(ReceiveDestination& destination, std::span<const std::byte> frame, const net::SocketAddress& address);

private:
    /// The image that the last data were for: most runs are of one stream.
    struct RecentImage {
        StreamSession id;
        ImageReceiver* image = nullptr;
    };

    void register_destination(ReceiveDestination& destination, std::int64_t now_ns);
    void stamp(const net::ReceivedRun& run) const noexcept;
    void on_datagram(std::span<const std::byte> datagram, const Arrival& arrival);
    void on_data(std::span<const std::byte> datagram, const Arrival& arrival);
    void on_setup(const wire::Setup& setup, const Arrival& arrival);
    void create_image(const wire::Setup& setup, bool was_elicited, const Arrival& arrival);
    void on_rtt_measurement(const wire::RttMeasurement& measurement, const Arrival& arrival);
    void on_fault(wire::Fault fault);

    void publish_recent_arrivals(const Arrival& arrival);
    void forget_recent_image() noexcept { recent_ = {}; }
    void announce(ReceiveDestination& destination, std::int64_t now_ns);
    void send_setup_request(ReceiveDestination& destination, const StreamSession& id,
                            const net::SocketAddress& address);

    // Constant after construction.
    const ReceiveEndpointSpec spec_;
    ReceiverContext& context_;

    // Receiver only, once it is open.
    RecentImage recent_;
    StreamDispatcher dispatcher_;
    std::vector<ReceiveDestination*> destinations_;
    std::vector<ImageReceiver*> images_;
    Rotation rotation_;                // over the images
    std::uint64_t logged_faults_ = 0;  // a bit for each kind
};

}  // namespace cpperon::driver
