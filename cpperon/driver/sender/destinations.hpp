/// Where the datagrams of a multi-destination channel go: to addresses that a command named (`control-mode=manual`) or
/// from which receivers made themselves known (`dynamic`). Sender only. spec: 04 §7, 06 §13.5
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cpperon/driver/rotation.hpp"
#include "cpperon/driver/sender/sender_messages.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/net/udp_transport.hpp"
#include "cpperon/shm/atomic_counter.hpp"

namespace cpperon::driver {

/// A dynamic destination that is silent for longer is dropped; the name of another is looked up again. spec: 04 §1
inline constexpr std::int64_t send_destination_timeout_ns = 5'000'000'000;

/// Dynamic destinations of one channel: anybody can be one. Each costs a send of every datagram, so that no honest
/// channel has as many.
inline constexpr std::size_t max_dynamic_destinations = 4'096;

class Destinations {
public:
    enum class Kind : std::uint8_t { manual, dynamic };

    /// `count`: `mdc-num-dest`.
    Destinations(Kind kind, const shm::AtomicCounter& count) noexcept : kind_(kind), count_(count) {}

    // Commands, of manual ones.

    void add(SendDestination destination, std::int64_t now_ns);
    /// The last one added with this address; without an address the last one that has none. spec: 05 §9.1
    void remove(const std::optional<net::SocketAddress>& address);
    void remove_by_id(std::int64_t registration_id);
    /// Of every destination whose endpoint is spelled `endpoint`.
    void change_address(std::string_view endpoint, const net::SocketAddress& address);

    // What receivers say.

    /// A valid status message came: its destination is alive, a dynamic one is added if it is new.
    /// False: there is no room for it.
    bool on_status(std::int64_t receiver_id, const net::SocketAddress& source, std::int64_t now_ns);
    /// Registration id of the destination that a receiver belongs to; -1: of none.
    [[nodiscard]] std::int64_t registration_id_of(std::int64_t receiver_id,
                                                  const net::SocketAddress& source) const noexcept;

    /// Sends `runs` to each. What one of them cannot take now is left to its NAKs: only a hard error makes it
    /// incomplete. Without destinations everything counts as sent.
    [[nodiscard]] net::SendOutcome send(net::UdpSocket& socket, std::span<const net::DatagramRun> runs,
                                        std::int64_t now_ns) noexcept;

    /// Calls `re_resolve(endpoint, address)` for each manual one from which nothing came for too long. Its time starts
    /// anew.
    template <typename ReResolve>
    void check_names(const std::int64_t now_ns, const ReResolve& re_resolve) {
        if (kind_ != Kind::manual) {
            return;
        }
        for (Entry& entry : entries_) {
            if (now_ns > entry.time_of_last_activity_ns + send_destination_timeout_ns) {
                entry.time_of_last_activity_ns = now_ns;
                re_resolve(entry.endpoint, entry.address);
            }
        }
    }

private:
    struct Entry {
        std::optional<net::SocketAddress> address;  // unknown: nothing is sent
        std::optional<std::int64_t> receiver_id;
        std::int64_t registration_id = -1;
        std::int64_t time_of_last_activity_ns = 0;
        std::string endpoint;  // as spelled; of manual ones
    };

    [[nodiscard]] static bool matches(const Entry& entry, std::int64_t receiver_id,
                                      const net::SocketAddress& source) noexcept;
    void drop_silent(std::int64_t now_ns) noexcept;
    template <typename Predicate>
    void remove_last(const Predicate& is_meant);
    void publish_count() noexcept;

    // Constant after construction.
    Kind kind_;
    // Changes with commands, status messages and time.
    std::vector<Entry> entries_;
    Rotation rotation_;
    shm::AtomicCounter count_;
};

}  // namespace cpperon::driver
