#include "tools/counter_rates.hpp"

#include <utility>

#include "cpperon/shm/counter_types.hpp"
#include "cpperon/shm/system_counter.hpp"

namespace cpperon::tools {

namespace {

/// Not of moments and maxima: how fast those change says nothing.
bool has_rate(const CounterRow& counter) noexcept {
    if (counter.type_id == counter_type::client_heartbeat) {
        return false;
    }
    if (counter.type_id != counter_type::system) {
        return true;
    }
    switch (static_cast<SystemCounter>(counter.id)) {
        case SystemCounter::conductor_max_cycle_time:
        case SystemCounter::sender_max_cycle_time:
        case SystemCounter::receiver_max_cycle_time:
        case SystemCounter::name_resolver_max_time: return false;
        default: return true;
    }
}

}  // namespace

void CounterRates::update(const DriverSnapshot& snapshot, const std::int64_t now_ns) {
    const CncConstants& driver = snapshot.constants;
    const bool is_same_driver = !samples_.empty() && driver_pid_ == driver.pid &&
                                driver_start_ms_ == driver.start_timestamp_ms && now_ns > last_ns_;
    interval_s_ = is_same_driver ? std::optional{static_cast<double>(now_ns - last_ns_) / 1e9} : std::nullopt;
    std::unordered_map<std::int32_t, Sample> samples;
    for (const CounterRow& counter : snapshot.counters) {
        Sample sample{.identity = counter.identity(), .key = counter.key, .value = counter.value};
        const auto before = samples_.find(counter.id);
        if (interval_s_ && has_rate(counter) && before != samples_.end() &&
            before->second.identity == sample.identity && before->second.key == sample.key) {
            const double change = static_cast<double>(sample.value) - static_cast<double>(before->second.value);
            sample.rate = change / *interval_s_;
        }
        samples.emplace(counter.id, sample);
    }
    samples_ = std::move(samples);
    driver_pid_ = driver.pid;
    driver_start_ms_ = driver.start_timestamp_ms;
    last_ns_ = now_ns;
}

std::optional<double> CounterRates::of(const CounterRow& counter) const noexcept {
    const auto found = samples_.find(counter.id);
    const bool is_known =
        found != samples_.end() && found->second.identity == counter.identity() && found->second.key == counter.key;
    return is_known ? found->second.rate : std::nullopt;
}

}  // namespace cpperon::tools
