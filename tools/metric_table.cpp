#include "tools/metric_table.hpp"

#include <vector>

namespace cpperon::tools {

namespace {

std::vector<MetricDescription> make_descriptions() {
    std::vector<MetricDescription> result{metric::up,
                                          metric::driver_state,
                                          metric::driver_info,
                                          metric::driver_start,
                                          metric::driver_heartbeat,
                                          metric::client_liveness,
                                          metric::distinct_errors,
                                          metric::observed_errors,
                                          metric::last_error};
    for (const SystemMetric& system : system_metrics) {
        if (!system.description.name.empty()) {
            result.push_back(system.description);
        }
    }
    for (const StreamMetric& stream : stream_metrics) {
        result.push_back(stream.description);
    }
    for (const MetricDescription& other :
         {metric::publication_window, metric::sender_window, metric::congestion_window, metric::round_trip,
          metric::subscriber_position, metric::subscriber_lag, metric::lost_bytes, metric::losses,
          metric::channel_status, metric::channel_destinations, metric::clients, metric::client_heartbeat,
          metric::resolver_neighbors, metric::resolver_cache, metric::resolver_bootstrap, metric::other_counter,
          metric::export_info, metric::export_duration, metric::left_out}) {
        result.push_back(other);
    }
    return result;
}

}  // namespace

std::span<const MetricDescription> metric_descriptions() {
    static const std::vector<MetricDescription> descriptions = make_descriptions();
    return descriptions;
}

}  // namespace cpperon::tools
