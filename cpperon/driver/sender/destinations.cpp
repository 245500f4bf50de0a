#include "cpperon/driver/sender/destinations.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cpperon::driver {

namespace {

std::int64_t length_of(const std::span<const net::DatagramRun> runs) noexcept {
    std::int64_t length = 0;
    for (const net::DatagramRun& run : runs) {
        length += run.length;
    }
    return length;
}

}  // namespace

void Destinations::add(SendDestination destination, const std::int64_t now_ns) {
    entries_.push_back({.address = destination.address,
                        .receiver_id = std::nullopt,
                        .registration_id = destination.registration_id,
                        .time_of_last_activity_ns = now_ns,
                        .endpoint = std::move(destination.endpoint)});
    publish_count();
}

void Destinations::remove(const std::optional<net::SocketAddress>& address) {
    remove_last([&](const Entry& entry) { return entry.address == address; });
}

void Destinations::remove_by_id(const std::int64_t registration_id) {
    remove_last([&](const Entry& entry) { return entry.registration_id == registration_id; });
}

template <typename Predicate>
void Destinations::remove_last(const Predicate& is_meant) {
    const auto last = std::find_if(entries_.rbegin(), entries_.rend(), is_meant);
    if (last != entries_.rend()) {
        entries_.erase(std::next(last).base());
        publish_count();
    }
}

void Destinations::change_address(const std::string_view endpoint, const net::SocketAddress& address) {
    for (Entry& entry : entries_) {
        if (entry.endpoint == endpoint) {
            entry.address = address;
        }
    }
}

bool Destinations::matches(const Entry& entry, const std::int64_t receiver_id,
                           const net::SocketAddress& source) noexcept {
    if (!entry.address) {
        return false;
    }
    // A receiver with several addresses may answer from another one than it is sent to.
    return entry.receiver_id ? *entry.receiver_id == receiver_id && entry.address->port() == source.port()
                             : *entry.address == source;
}

bool Destinations::on_status(const std::int64_t receiver_id, const net::SocketAddress& source,
                             const std::int64_t now_ns) {
    bool is_known = false;
    for (Entry& entry : entries_) {
        if (matches(entry, receiver_id, source)) {
            entry.time_of_last_activity_ns = now_ns;
            entry.receiver_id = receiver_id;
            is_known = true;
        }
    }
    if (!is_known && kind_ == Kind::dynamic) {
        if (entries_.size() >= max_dynamic_destinations) {
            return false;
        }
        entries_.push_back({.address = source,
                            .receiver_id = receiver_id,
                            .registration_id = -1,
                            .time_of_last_activity_ns = now_ns,
                            .endpoint = {}});
        publish_count();
    }
    return true;
}

std::int64_t Destinations::registration_id_of(const std::int64_t receiver_id,
                                              const net::SocketAddress& source) const noexcept {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return matches(entry, receiver_id, source); });
    return found == entries_.end() ? -1 : found->registration_id;
}

net::SendOutcome Destinations::send(net::UdpSocket& socket, const std::span<const net::DatagramRun> runs,
                                    const std::int64_t now_ns) noexcept {
    if (kind_ == Kind::dynamic) {
        drop_silent(now_ns);
    }
    int system_error = 0;
    rotation_.for_each(entries_.size(), [&](const std::size_t i) {
        if (entries_[i].address) {
            const net::SendOutcome outcome = socket.send(runs, &*entries_[i].address);
            system_error = outcome.system_error != 0 ? outcome.system_error : system_error;
        }
    });
    return {.bytes_sent = system_error == 0 ? length_of(runs) : 0,
            .is_complete = system_error == 0,
            .system_error = system_error};
}

void Destinations::drop_silent(const std::int64_t now_ns) noexcept {
    const auto is_silent = [&](const Entry& entry) {
        return now_ns > entry.time_of_last_activity_ns + send_destination_timeout_ns;
    };
    if (std::erase_if(entries_, is_silent) > 0) {
        publish_count();
    }
}

void Destinations::publish_count() noexcept {
    if (count_) {
        count_.set_release(static_cast<std::int64_t>(entries_.size()));
    }
}

}  // namespace cpperon::driver
