/// A name resolver whose calls are measured: the longest, and how many took longer than the threshold; and logged. Used
/// by the native resource agent. spec: 06 §2.6, §22
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "cpperon/base/clock.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/net/name_resolver.hpp"

namespace cpperon::driver {

class TrackedNameResolver final : public net::NameResolver {
public:
    /// The references must outlive the object, as must `log`, null if nothing is logged.
    TrackedNameResolver(net::NameResolver& resolver, SystemCounters& counters, NanoClock& clock,
                        const std::chrono::nanoseconds threshold, EventLog* const log = nullptr) noexcept
        : resolver_(resolver), counters_(counters), clock_(clock), threshold_(threshold), log_(log) {}

    [[nodiscard]] std::string_view name() const noexcept override { return resolver_.name(); }

    [[nodiscard]] std::string lookup(const std::string_view key, const std::string_view text,
                                     const bool is_re_resolution) override {
        auto [found, duration_ns] = measured([&] { return resolver_.lookup(key, text, is_re_resolution); });
        if (log_ != nullptr) {
            log_->on_event(EventId::name_resolution_lookup, LookupDetails{.resolver = name(),
                                                                          .duration_ns = duration_ns,
                                                                          .name = text,
                                                                          .is_re_lookup = is_re_resolution,
                                                                          .resolved_name = found});
        }
        return std::move(found);
    }

    [[nodiscard]] Result<net::SocketAddress> resolve(const std::string_view key, const std::string_view host,
                                                     const bool is_re_resolution) override {
        auto [found, duration_ns] = measured([&] { return resolver_.resolve(key, host, is_re_resolution); });
        if (log_ != nullptr) {
            const std::string address = found ? found->host_string() : "unknown-address";
            log_->on_event(EventId::name_resolution_resolve, ResolveDetails{.resolver = name(),
                                                                            .duration_ns = duration_ns,
                                                                            .name = host,
                                                                            .is_re_resolution = is_re_resolution,
                                                                            .address = address});
        }
        return std::move(found);
    }

private:
    template <typename Result>
    struct Measured {
        Result result;
        std::int64_t duration_ns;
    };
    template <typename Call>
    Measured<std::invoke_result_t<Call>> measured(Call&& call) {
        const std::int64_t start_ns = clock_.nano_time();
        auto result = std::forward<Call>(call)();
        const std::int64_t duration_ns = clock_.nano_time() - start_ns;
        counters_.propose_max(SystemCounter::name_resolver_max_time, duration_ns);
        if (duration_ns > threshold_.count()) {
            counters_.increment(SystemCounter::name_resolver_time_threshold_exceeded);
        }
        return {std::move(result), duration_ns};
    }

    net::NameResolver& resolver_;
    SystemCounters& counters_;
    NanoClock& clock_;
    std::chrono::nanoseconds threshold_;
    EventLog* log_;
};

}  // namespace cpperon::driver
