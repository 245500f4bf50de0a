#include "cpperon/driver/name_resolution/bootstrap_neighbors.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/shm/counter_types.hpp"
#include "cpperon/uri/endpoint.hpp"

namespace cpperon::driver {

namespace {

constexpr std::string_view setting = "aeron.driver.resolver.bootstrap.neighbor";

std::string label_of(const std::string_view text, const std::string_view address) {
    return fmt::format("Bootstrap neighbor: name={} resolved={}", text, address);
}

OwnedCounter allocate_counter(shm::CountersManager& counters, const std::size_t index, const std::string_view text) {
    const CounterKey key = BootstrapNeighborKey{.index = static_cast<std::int32_t>(index)}.encode();
    return OwnedCounter::allocate(
        counters, {.type_id = counter_type::bootstrap_neighbor, .key = key, .label = label_of(text, "")});
}

std::vector<std::string_view> split(std::string_view list) {
    std::vector<std::string_view> parts;
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        parts.push_back(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return parts;
}

}  // namespace

BootstrapNeighbors::BootstrapNeighbors(const std::string_view list, shm::CountersManager& counters)
    : counters_(counters) {
    const std::vector<std::string_view> texts = split(list);
    if (texts.size() > max_count) {
        throw InvalidArgumentError(
            fmt::format("{}: {} neighbors are given, at most {} are allowed", setting, texts.size(), max_count));
    }
    for (const std::string_view text : texts) {
        const Result<uri::HostPort> host_port = uri::try_parse_host_port(setting, text);
        if (!host_port) {
            throw InvalidArgumentError(host_port.error().message);
        }
    }
    for (const std::string_view text : texts) {
        neighbors_.push_back({.text = std::string{text},
                              .address = std::nullopt,
                              .counter = allocate_counter(counters, neighbors_.size(), text)});
    }
}

void BootstrapNeighbors::resolve(net::NameResolver& system, const NeighborTable& neighbors, DriverErrors& errors) {
    for (Neighbor& neighbor : neighbors_) {
        if (neighbor.address && neighbors.contains(*neighbor.address)) {
            continue;
        }
        const Result<net::SocketAddress> address =
            net::resolve_host_port(system, setting, neighbor.text, !is_first_resolution_);
        if (address) {
            set_address(neighbor, *address);
        } else {
            errors.record(address.error().code, address.error().message);
        }
    }
    is_first_resolution_ = false;
    collect_addresses();
}

void BootstrapNeighbors::set_address(Neighbor& neighbor, const net::SocketAddress& address) {
    if (neighbor.address != address) {
        neighbor.address = address;
        counters_.relabel(neighbor.counter.id(), label_of(neighbor.text, address.to_string()));
    }
}

void BootstrapNeighbors::collect_addresses() {
    addresses_.clear();
    for (const Neighbor& neighbor : neighbors_) {
        if (neighbor.address && !contains(*neighbor.address)) {
            addresses_.push_back(*neighbor.address);
        }
    }
}

void BootstrapNeighbors::update_counters(const NeighborTable& neighbors) noexcept {
    for (Neighbor& neighbor : neighbors_) {
        neighbor.counter.set(neighbor.address && neighbors.contains(*neighbor.address) ? 1 : 0);
    }
}

bool BootstrapNeighbors::contains(const net::SocketAddress& address) const noexcept {
    return std::ranges::find(addresses_, address) != addresses_.end();
}

}  // namespace cpperon::driver
