#include "cpperon/driver/name_resolution/driver_name_resolver.hpp"

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/shm/counter_types.hpp"
#include "cpperon/wire/frames.hpp"

namespace cpperon::driver {

namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t work_interval_ns = 10 * ns_per_ms;
/// Messages that one duty cycle takes from the socket. More drivers than cycles may speak in a second.
constexpr std::size_t batches_per_poll = 8;

const DriverNameResolverConfig& validated(const DriverNameResolverConfig& config) {
    if (config.interface.empty()) {
        throw InvalidArgumentError(
            "the driver name resolver needs aeron.driver.resolver.interface, for example "
            "'0.0.0.0:8050'");
    }
    if (config.name.empty() || config.name.size() > wire::max_resolution_name_length) {
        throw InvalidArgumentError(
            fmt::format("the driver name resolver needs aeron.driver.resolver.name, of 1 to {} characters; it has {}",
                        wire::max_resolution_name_length, config.name.size()));
    }
    const std::size_t longest =
        wire::frame_header_length + wire::encoded_length({.type = wire::ResolutionType::ipv6, .name = config.name});
    if (config.mtu_length < 0 || static_cast<std::size_t>(config.mtu_length) < longest) {
        throw InvalidArgumentError(
            fmt::format("a name resolution frame with aeron.driver.resolver.name has {} bytes, "
                        "more than the MTU of {}",
                        longest, config.mtu_length));
    }
    return config;
}

std::unique_ptr<net::UdpSocket> open_socket(const DriverNameResolverConfig& config,
                                            const DriverNameResolverServices& services) {
    const net::SocketAddress address =
        net::resolve_host_port(services.system, "aeron.driver.resolver.interface", config.interface, false)
            .value_or_throw();
    return services.transport
        .open({.bind_address = address,
               .send_buffer_length = config.send_buffer_length,
               .receive_buffer_length = config.receive_buffer_length})
        .value_or_throw();
}

/// An entry about the driver at `address`, without its name.
wire::ResolutionEntry entry_of(const net::SocketAddress& address) noexcept {
    wire::ResolutionEntry entry{.type = address.is_ipv6() ? wire::ResolutionType::ipv6 : wire::ResolutionType::ipv4,
                                .port = address.port()};
    std::ranges::copy(address.bytes(), entry.address.begin());
    return entry;
}

net::SocketAddress address_of(const wire::ResolutionEntry& entry) noexcept {
    if (entry.type == wire::ResolutionType::ipv6) {
        return net::SocketAddress::ipv6(entry.address, entry.port);
    }
    return net::SocketAddress::ipv4({entry.address[0], entry.address[1], entry.address[2], entry.address[3]},
                                    entry.port);
}

std::int32_t age_in_ms(const std::int64_t age_ns) noexcept {
    constexpr std::int64_t max = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(age_ns / ns_per_ms, 0, max));
}

}  // namespace

DriverNameResolver::DriverNameResolver(const DriverNameResolverConfig& config,
                                       const DriverNameResolverServices& services, const std::int64_t now_ns)
    : config_(validated(config)),
      services_(services),
      buffer_(static_cast<std::size_t>(config.mtu_length)),
      cache_(config.neighbor_timeout_ns, max_cached_names),
      neighbors_(config.neighbor_timeout_ns, max_neighbors),
      bootstrap_(config.bootstrap_neighbors, services.counters),
      socket_(open_socket(config, services)),
      neighbor_count_(OwnedCounter::allocate(
          services.counters,
          {.type_id = counter_type::resolver_neighbors,
           .label = fmt::format("Resolver neighbors: bound {}", socket_->local_address().to_string())})),
      cache_size_(OwnedCounter::allocate(services.counters,
                                         {.type_id = counter_type::resolver_cache_entries,
                                          .label = fmt::format("Resolver cache entries: name={}", config.name)})),
      poller_(services.transport.make_poller(batches_per_poll)),
      self_(entry_of(socket_->local_address())),
      now_ns_(now_ns),
      next_work_ns_(now_ns),
      next_bootstrap_resolution_ns_(now_ns),
      next_self_resolution_ns_(now_ns),
      next_neighbor_resolution_ns_(now_ns + config.neighbor_resolution_interval_ns) {
    self_.flags = wire::resolution_flag::self;
    self_.name = config_.name;
    poller_->add(*socket_, *this);
}

DriverNameResolver::~DriverNameResolver() {
    poller_->remove(*socket_);
}

int DriverNameResolver::do_work(const std::int64_t now_ns) {
    if (now_ns < next_work_ns_) {
        return 0;
    }
    next_work_ns_ = now_ns + work_interval_ns;
    now_ns_ = now_ns;

    int work_count = poller_->poll() > 0 ? 1 : 0;
    cache_.expire(now_ns);
    neighbors_.expire(now_ns, [this](const net::SocketAddress& neighbor) {
        log(EventId::name_resolution_neighbor_removed, neighbor);
    });
    work_count += resolve_bootstrap_neighbors();
    work_count += send_self();
    work_count += send_cache();
    update_counters();
    return work_count;
}

Result<net::SocketAddress> DriverNameResolver::resolve(const std::string_view key, const std::string_view host,
                                                       const bool is_re_resolution) {
    if (const net::SocketAddress* const known = cache_.find(host)) {
        return known->with_port(0);
    }
    if (host == config_.name) {
        return bound_address().with_port(0);
    }
    return services_.system.resolve(key, host, is_re_resolution);
}

// What others tell.

void DriverNameResolver::on_datagrams(const net::ReceivedRun& run) {
    std::span<const std::byte> rest = run.bytes;
    do {
        const auto datagram = rest.first(std::min<std::size_t>(rest.size(), run.segment_length));
        rest = rest.subspan(datagram.size());
        on_datagram(datagram, run.source);
    } while (!rest.empty());
}

void DriverNameResolver::on_receive_error(const int system_error) {
    services_.errors.record(ErrorCode::generic_error, fmt::format("the name resolver cannot receive: {}",
                                                                  std::generic_category().message(system_error)));
}

void DriverNameResolver::on_datagram(const std::span<const std::byte> datagram, const net::SocketAddress& source) {
    if (const wire::Fault fault = wire::check_datagram(datagram); fault != wire::Fault::none) {
        on_fault(fault);
        return;
    }
    if (wire::frame_header(datagram).type != static_cast<std::uint16_t>(wire::FrameType::resolution)) {
        return;
    }
    wire::ResolutionReader reader{datagram};
    while (const auto entry = reader.next()) {
        on_entry(*entry, source);
    }
    if (reader.fault() != wire::Fault::none) {
        on_fault(reader.fault());
    }
}

void DriverNameResolver::on_entry(const wire::ResolutionEntry& entry, const net::SocketAddress& source) {
    net::SocketAddress address = address_of(entry);
    if (entry.is_self() && address.is_wildcard()) {
        address = source;
    }
    if (address.port() == bound_address().port() && entry.name == config_.name) {
        return;
    }
    if (address.is_wildcard() || address.is_multicast() || address.port() == 0) {
        on_fault(wire::Fault::resolution_address_not_allowed);
        return;
    }
    const std::int64_t age_ns = std::max(entry.age_ms, 0) * ns_per_ms;
    const std::int64_t last_activity_ns = now_ns_ - age_ns;
    const bool is_cached = cache_.put(entry.name, {.address = address, .last_activity_ns = last_activity_ns});
    const bool was_neighbor = neighbors_.contains(address);
    const bool is_neighbor =
        neighbors_.on_sighting({.address = address, .last_activity_ns = last_activity_ns, .is_self = entry.is_self()});
    if (is_neighbor && !was_neighbor) {
        log(EventId::name_resolution_neighbor_added, address);
    }
    if (!is_cached || !is_neighbor) {
        on_no_room();
    }
}

void DriverNameResolver::log(const EventId id, const net::SocketAddress& neighbor) const {
    if (services_.event_log != nullptr) {
        services_.event_log->on_event(id, NeighborDetails{.address = neighbor});
    }
}

void DriverNameResolver::on_fault(const wire::Fault fault) {
    services_.system_counters.increment(SystemCounter::invalid_packets);
    const std::uint32_t bit = 1U << static_cast<unsigned>(fault);
    if ((logged_faults_ & bit) == 0) {
        logged_faults_ |= bit;
        services_.errors.record(ErrorCode::generic_error,
                                fmt::format("the name resolver dropped what it received: {}", to_string(fault)));
    }
}

void DriverNameResolver::on_no_room() {
    if (!std::exchange(has_logged_no_room_, true)) {
        services_.errors.record(ErrorCode::generic_error, "the name resolver knows as many drivers as it has room for");
    }
}

// What we tell.

int DriverNameResolver::resolve_bootstrap_neighbors() {
    if (now_ns_ < next_bootstrap_resolution_ns_) {
        return 0;
    }
    next_bootstrap_resolution_ns_ = now_ns_ + config_.bootstrap_resolution_interval_ns;
    bootstrap_.resolve(services_.system, neighbors_, services_.errors);
    return 1;
}

int DriverNameResolver::send_self() {
    if (now_ns_ < next_self_resolution_ns_) {
        return 0;
    }
    next_self_resolution_ns_ = now_ns_ + config_.self_resolution_interval_ns;
    wire::ResolutionPacker packer{buffer_};
    packer.try_add(self_);
    const std::span<const std::byte> frame = packer.frame();
    for (const net::SocketAddress& address : bootstrap_.addresses()) {
        send(frame, address);
    }
    neighbors_.for_each([&](const net::SocketAddress& neighbor) {
        if (!bootstrap_.contains(neighbor)) {
            send(frame, neighbor);
        }
    });
    return 1;
}

int DriverNameResolver::send_cache() {
    if (now_ns_ < next_neighbor_resolution_ns_) {
        return 0;
    }
    next_neighbor_resolution_ns_ = now_ns_ + config_.neighbor_resolution_interval_ns;
    wire::ResolutionPacker packer{buffer_};
    cache_.for_each([&](const std::string_view name, const CachedName& cached) {
        wire::ResolutionEntry entry = entry_of(cached.address);
        entry.age_ms = age_in_ms(now_ns_ - cached.last_activity_ns);
        entry.name = name;
        if (!packer.try_add(entry)) {
            flush(packer);
            packer.try_add(entry);  // or never: a name may be longer than a small MTU allows
        }
    });
    flush(packer);
    return 1;
}

void DriverNameResolver::flush(wire::ResolutionPacker& packer) {
    if (!packer.is_empty()) {
        neighbors_.for_each([&](const net::SocketAddress& neighbor) { send(packer.frame(), neighbor); });
        packer.clear();
    }
}

void DriverNameResolver::send(const std::span<const std::byte> frame, const net::SocketAddress& address) {
    const net::DatagramRun run = net::DatagramRun::single(frame);
    const net::SendOutcome outcome = socket_->send({&run, 1}, &address);
    if (outcome.is_complete) {
        return;
    }
    services_.system_counters.increment(SystemCounter::short_sends);
    if (outcome.system_error != 0) {
        services_.errors.record(
            ErrorCode::generic_error,
            fmt::format("the name resolver cannot send: {}", std::generic_category().message(outcome.system_error)));
    }
}

void DriverNameResolver::update_counters() noexcept {
    neighbor_count_.set(static_cast<std::int64_t>(neighbors_.size()));
    cache_size_.set(static_cast<std::int64_t>(cache_.size()));
    bootstrap_.update_counters(neighbors_);
}

}  // namespace cpperon::driver
