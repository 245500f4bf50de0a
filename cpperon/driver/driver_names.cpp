#include "cpperon/driver/driver_names.hpp"

#include <string_view>
#include <utility>

#include "cpperon/base/clock.hpp"
#include "cpperon/driver/name_resolution/csv_name_resolver.hpp"
#include "cpperon/driver/name_resolution/driver_name_resolver.hpp"

namespace cpperon::driver {

namespace {

/// Steps the resolver that listens to other drivers.
class ResolverAgent final : public Agent {
public:
    ResolverAgent(DriverNameResolver& resolver, NanoClock& clock) noexcept : resolver_(resolver), clock_(clock) {}

    int do_work() override { return resolver_.do_work(clock_.nano_time()); }
    [[nodiscard]] std::string_view role_name() const noexcept override { return "name-resolver"; }

private:
    DriverNameResolver& resolver_;
    NanoClock& clock_;
};

DriverNameResolverConfig config_of(const DriverContext& context) {
    return {.name = context.resolver_name,
            .interface = context.resolver_interface,
            .bootstrap_neighbors = context.resolver_bootstrap_neighbor,
            .neighbor_timeout_ns = context.resolver_neighbor_timeout.count(),
            .self_resolution_interval_ns = context.resolver_self_resolution_interval.count(),
            .neighbor_resolution_interval_ns = context.resolver_neighbor_resolution_interval.count(),
            .bootstrap_resolution_interval_ns = context.resolver_bootstrap_neighbor_resolution_interval.count(),
            .mtu_length = static_cast<std::int32_t>(context.mtu_length),
            .send_buffer_length = context.socket_send_buffer_length,
            .receive_buffer_length = context.socket_receive_buffer_length};
}

std::unique_ptr<DriverNameResolver> make_gossip(const DriverNames::Parts& parts, net::NameResolver& fallback) {
    if (parts.context.name_resolver_supplier != "driver") {
        return nullptr;
    }
    return std::make_unique<DriverNameResolver>(config_of(parts.context),
                                                DriverNameResolverServices{.transport = parts.transport,
                                                                           .system = fallback,
                                                                           .counters = parts.counters,
                                                                           .system_counters = parts.system_counters,
                                                                           .errors = parts.errors,
                                                                           .event_log = parts.event_log},
                                                parts.context.nano_clock->nano_time());
}

std::unique_ptr<CsvNameResolver> make_table(const DriverNames::Parts& parts, net::NameResolver& fallback) {
    if (parts.context.name_resolver_supplier != "csv_table") {
        return nullptr;
    }
    return std::make_unique<CsvNameResolver>(parts.context.name_resolver_args, fallback, parts.counters);
}

net::NameResolver& first_of(net::NameResolver* const gossip, net::NameResolver* const table,
                            net::NameResolver& fallback) {
    if (gossip != nullptr) {
        return *gossip;
    }
    return table != nullptr ? *table : fallback;
}

}  // namespace

DriverNames::DriverNames(const Parts& parts)
    : fallback_(parts.context.name_resolver != nullptr ? *parts.context.name_resolver : system_),
      gossip_(make_gossip(parts, fallback_)),
      table_(make_table(parts, fallback_)),
      agent_(gossip_ ? std::make_unique<ResolverAgent>(*gossip_, *parts.context.nano_clock) : nullptr),
      tracked_(first_of(gossip_.get(), table_.get(), fallback_), parts.system_counters, *parts.context.nano_clock,
               parts.context.name_resolver_threshold, parts.event_log) {}

DriverNames::~DriverNames() = default;

}  // namespace cpperon::driver
