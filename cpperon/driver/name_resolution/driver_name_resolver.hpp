/// Drivers tell each other their names: each sends its own to those it knows, and what it has heard from others to
/// everybody. A name that is known so stands for the address of its driver; all others are left to the system.
/// Runs on the native resource agent's thread. spec: 04 §13.2, 06 §16.3, §19.8
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cpperon/driver/conductor/owned_counter.hpp"
#include "cpperon/driver/event_log/event_id.hpp"
#include "cpperon/driver/name_resolution/bootstrap_neighbors.hpp"
#include "cpperon/driver/name_resolution/name_cache.hpp"
#include "cpperon/driver/name_resolution/neighbor_table.hpp"
#include "cpperon/net/name_resolver.hpp"
#include "cpperon/net/udp_transport.hpp"
#include "cpperon/shm/counters_manager.hpp"
#include "cpperon/wire/resolution.hpp"
#include "cpperon/wire/validate.hpp"

namespace cpperon::driver {

class DriverErrors;
class EventLog;
class SystemCounters;

/// The settings of spec 06 §3.4, with their defaults.
struct DriverNameResolverConfig {
    std::string name;                 ///< this driver's; 1 to 512 bytes
    std::string interface;            ///< `host:port` to bind; a wildcard is told as whatever others see
    std::string bootstrap_neighbors;  ///< up to 20 `host:port`, separated by commas
    std::int64_t neighbor_timeout_ns = 10'000'000'000;
    std::int64_t self_resolution_interval_ns = 1'000'000'000;
    std::int64_t neighbor_resolution_interval_ns = 2'000'000'000;
    std::int64_t bootstrap_resolution_interval_ns = 10'000'000'000;
    std::int32_t mtu_length = 1'408;         ///< no frame is longer
    std::int64_t send_buffer_length = 0;     ///< of the socket; 0: the system's
    std::int64_t receive_buffer_length = 0;  ///< of the socket; 0: the system's
};

/// What the resolver works with; all of it outlives the resolver.
struct DriverNameResolverServices {
    net::UdpTransport& transport;
    net::NameResolver& system;  ///< for bootstrap neighbours, the interface, and names that no driver has
    shm::CountersManager& counters;
    SystemCounters& system_counters;
    DriverErrors& errors;
    EventLog* event_log = nullptr;  ///< null: nothing is logged
};

class DriverNameResolver final : public net::NameResolver, private net::ReceiveHandler {
public:
    /// More names and neighbours than these are not kept: anybody can send them.
    static constexpr std::size_t max_cached_names = 4'096;
    static constexpr std::size_t max_neighbors = 1'024;

    /// Binds the socket and allocates the counters: while the conductor does not run yet. Throws
    /// `InvalidArgumentError` for settings that make no sense, `Error` where the socket cannot be had.
    DriverNameResolver(const DriverNameResolverConfig& config, const DriverNameResolverServices& services,
                       std::int64_t now_ns);
    DriverNameResolver(const DriverNameResolver&) = delete;
    DriverNameResolver& operator=(const DriverNameResolver&) = delete;
    /// Gives the counters back: when the conductor does not run any longer.
    ~DriverNameResolver() override;

    /// Listens, forgets, and tells, at most every 10 ms. Bootstrap names are resolved here, which may block. Returns
    /// how many things were done.
    int do_work(std::int64_t now_ns);

    [[nodiscard]] std::string_view name() const noexcept override { return "driver"; }
    [[nodiscard]] Result<net::SocketAddress> resolve(std::string_view key, std::string_view host,
                                                     bool is_re_resolution) override;

    /// Where others reach this resolver; a wildcard if it is bound to that.
    [[nodiscard]] const net::SocketAddress& bound_address() const noexcept { return socket_->local_address(); }

private:
    void on_datagrams(const net::ReceivedRun& run) override;
    void on_receive_error(int system_error) override;
    void on_datagram(std::span<const std::byte> datagram, const net::SocketAddress& source);
    void on_entry(const wire::ResolutionEntry& entry, const net::SocketAddress& source);
    void on_fault(wire::Fault fault);
    void on_no_room();
    void log(EventId id, const net::SocketAddress& neighbor) const;

    void update_counters() noexcept;
    /// Each sends nothing and returns 0 before its time has come.
    int resolve_bootstrap_neighbors();
    int send_self();
    int send_cache();
    /// Sends what is in the packer, if anything is, and empties it.
    void flush(wire::ResolutionPacker& packer);
    void send(std::span<const std::byte> frame, const net::SocketAddress& address);

    // Constant after construction.
    const DriverNameResolverConfig config_;
    DriverNameResolverServices services_;

    std::vector<std::byte> buffer_;  // of the frame that is being sent
    NameCache cache_;
    NeighborTable neighbors_;
    // In the order in which their counters are allocated.
    BootstrapNeighbors bootstrap_;
    std::unique_ptr<net::UdpSocket> socket_;
    OwnedCounter neighbor_count_;
    OwnedCounter cache_size_;
    std::unique_ptr<net::SocketPoller> poller_;
    wire::ResolutionEntry self_;

    std::int64_t now_ns_;  // of the duty cycle
    std::int64_t next_work_ns_;
    std::int64_t next_bootstrap_resolution_ns_;
    std::int64_t next_self_resolution_ns_;
    std::int64_t next_neighbor_resolution_ns_;

    std::uint32_t logged_faults_ = 0;  // a bit for each kind
    bool has_logged_no_room_ = false;
};

}  // namespace cpperon::driver
