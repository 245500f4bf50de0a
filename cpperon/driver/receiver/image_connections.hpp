/// The ways by which one image's frames arrive, one per destination of its endpoint: who is alive, where control frames
/// go to, and which have ended. Decides only. Receiver only. spec: 04 §9.4, §9.6, §9.7, §9.11
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "cpperon/driver/receiver/receive_destination.hpp"
#include "cpperon/net/socket_address.hpp"

namespace cpperon::driver {

/// No control frame goes where nothing came from for so long. spec: 04 §1
inline constexpr std::int64_t destination_timeout_ns = 5'000'000'000;

/// What a handler of datagrams knows about all of a run.
struct Arrival {
    ReceiveDestination& destination;
    const net::SocketAddress& source;
    std::int64_t now_ns = 0;
};

class ImageConnections {
public:
    /// A connection that has not brought anything yet but counts as alive from now on; no other if there is one.
    void add(ReceiveDestination& destination, std::int64_t now_ns);
    void remove(const ReceiveDestination& destination);
    /// Removes all but those of `destinations`.
    void keep(std::span<ReceiveDestination* const> destinations);
    void remove_all() noexcept { connections_.clear(); }

    /// A frame came in. The first source of a connection is where its control frames go, unless the destination has a
    /// control address.
    void on_frame(const Arrival& arrival);

    /// The stream ends at `position`, says what came in.
    void on_end_of_stream(const Arrival& arrival, std::int64_t position);
    /// The highest of the positions, if every connection has ended.
    [[nodiscard]] std::optional<std::int64_t> end_of_stream_position() const noexcept;

    /// How many brought a frame within `timeout_ns`.
    [[nodiscard]] std::int32_t count_active(std::int64_t now_ns, std::int64_t timeout_ns) const noexcept;

    /// Calls `send(destination, address)` for each live connection: one with an address to send to, from which
    /// something came within the destination timeout.
    template <typename Send>
    void for_each_live(const std::int64_t now_ns, const Send& send) const {
        for (const Connection& connection : connections_) {
            if (now_ns < connection.time_of_last_activity_ns + destination_timeout_ns) {
                connection.send_with(send);
            }
        }
    }
    /// Calls `send(destination, address)` for each connection with an address to send to.
    template <typename Send>
    void for_each(const Send& send) const {
        for (const Connection& connection : connections_) {
            connection.send_with(send);
        }
    }

private:
    /// Long before any time, and far enough from overflow to be added to.
    static constexpr std::int64_t never_ns = std::numeric_limits<std::int64_t>::min() / 2;

    struct Connection {
        ReceiveDestination* destination = nullptr;
        std::optional<net::SocketAddress> source;
        std::int64_t time_of_last_activity_ns = never_ns;
        std::int64_t time_of_last_frame_ns = never_ns;
        std::optional<std::int64_t> end_of_stream_position;

        template <typename Send>
        void send_with(const Send& send) const {
            if (destination->control()) {
                send(*destination, *destination->control());
            } else if (source) {
                send(*destination, *source);
            }
        }
    };

    [[nodiscard]] Connection& find_or_add(ReceiveDestination& destination);

    std::vector<Connection> connections_;
};

}  // namespace cpperon::driver
