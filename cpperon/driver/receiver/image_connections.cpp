#include "cpperon/driver/receiver/image_connections.hpp"

#include <algorithm>

namespace cpperon::driver {

ImageConnections::Connection& ImageConnections::find_or_add(ReceiveDestination& destination) {
    for (Connection& connection : connections_) {
        if (connection.destination == &destination) {
            return connection;
        }
    }
    Connection& connection = connections_.emplace_back();
    connection.destination = &destination;
    return connection;
}

void ImageConnections::add(ReceiveDestination& destination, const std::int64_t now_ns) {
    Connection& connection = find_or_add(destination);
    connection.time_of_last_activity_ns = std::max(connection.time_of_last_activity_ns, now_ns);
}

void ImageConnections::remove(const ReceiveDestination& destination) {
    std::erase_if(connections_, [&](const Connection& connection) { return connection.destination == &destination; });
}

void ImageConnections::keep(const std::span<ReceiveDestination* const> destinations) {
    std::erase_if(connections_, [&](const Connection& connection) {
        return std::find(destinations.begin(), destinations.end(), connection.destination) == destinations.end();
    });
}

void ImageConnections::on_frame(const Arrival& arrival) {
    Connection& connection = find_or_add(arrival.destination);
    if (!connection.source) {
        connection.source = arrival.source;
    }
    connection.time_of_last_activity_ns = arrival.now_ns;
    connection.time_of_last_frame_ns = arrival.now_ns;
}

void ImageConnections::on_end_of_stream(const Arrival& arrival, const std::int64_t position) {
    find_or_add(arrival.destination).end_of_stream_position = position;
}

std::optional<std::int64_t> ImageConnections::end_of_stream_position() const noexcept {
    std::optional<std::int64_t> highest;
    for (const Connection& connection : connections_) {
        if (!connection.end_of_stream_position) {
            return std::nullopt;
        }
        highest = std::max(highest, connection.end_of_stream_position);
    }
    return highest;
}

std::int32_t ImageConnections::count_active(const std::int64_t now_ns, const std::int64_t timeout_ns) const noexcept {
    return static_cast<std::int32_t>(std::count_if(
        connections_.begin(), connections_.end(),
        [&](const Connection& connection) { return now_ns <= connection.time_of_last_frame_ns + timeout_ns; }));
}

}  // namespace cpperon::driver
