#include "tools/metrics.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/version.hpp"
#include "cpperon/shm/channel_status.hpp"
#include "cpperon/shm/counter_types.hpp"
#include "cpperon/shm/system_counter.hpp"
#include "tools/flows.hpp"
#include "tools/label_field.hpp"
#include "tools/metric_table.hpp"
#include "tools/utf8.hpp"

namespace cpperon::tools {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using Labels = std::vector<ClientMetric::Label>;

constexpr double per_ms = 1e-3;

/// The families of one scrape.
class Families {
public:
    Families() {
        for (const MetricDescription& metric : metric_descriptions()) {
            index_.emplace(metric.name, families_.size());
            families_.push_back({std::string{metric.name}, std::string{metric.help}, metric.type, {}});
        }
    }

    void add(const MetricDescription& metric, const double value, Labels labels = {}) {
        ClientMetric sample;
        sample.label = std::move(labels);
        if (metric.type == MetricType::Counter) {
            sample.counter.value = value;
        } else {
            sample.gauge.value = value;
        }
        families_[index_.at(metric.name)].metric.push_back(std::move(sample));
    }

    /// Prometheus refuses a scrape in which two samples have the same labels; a driver's files may say the same twice.
    /// The first stays.
    [[nodiscard]] std::vector<MetricFamily> take() {
        std::erase_if(families_, [](const MetricFamily& family) { return family.metric.empty(); });
        for (MetricFamily& family : families_) {
            const auto by_labels = [](const ClientMetric& left, const ClientMetric& right) {
                return left.label < right.label;
            };
            const auto same_labels = [](const ClientMetric& left, const ClientMetric& right) {
                return left.label == right.label;
            };
            std::stable_sort(family.metric.begin(), family.metric.end(), by_labels);
            family.metric.erase(std::unique(family.metric.begin(), family.metric.end(), same_labels),
                                family.metric.end());
        }
        return std::move(families_);
    }

private:
    std::vector<MetricFamily> families_;
    std::unordered_map<std::string_view, std::size_t> index_;
};

double number(const std::int64_t value, const double scale = 1) noexcept {
    return static_cast<double>(value) * scale;
}

Labels labels_of(const StreamIdentity& identity, const std::int64_t registration_id) {
    return {{"session_id", fmt::to_string(identity.session_id)},
            {"stream_id", fmt::to_string(identity.stream_id)},
            {"channel", as_utf8(identity.channel)},
            {"registration_id", fmt::to_string(registration_id)}};
}

/// What is told of a driver, one part after the other.
class Collector {
public:
    Collector(const DriverSnapshot& snapshot, const std::size_t limit, Families& families)
        : snapshot_(snapshot), limit_(limit), families_(families) {}

    void add_driver() {
        Labels info{{"directory", as_utf8(snapshot_.directory)},
                    {"pid", fmt::to_string(snapshot_.constants.pid)},
                    {"cnc_version", snapshot_.constants.cnc_version.to_string()}};
        for (const CounterRow& row : snapshot_.counters) {
            const auto key = SystemCounterKey::decode(row.type_id, row.key);
            if (!key) {
                continue;
            }
            switch (key->counter) {
                case SystemCounter::aeron_version:
                    info.push_back({"version", as_utf8(label_field(row.label, "version"))});
                    info.push_back({"commit", as_utf8(label_field(row.label, "commit"))});
                    break;
                case SystemCounter::control_protocol_version:
                    info.push_back({"control_protocol_version",
                                    SemanticVersion::unpack(static_cast<std::int32_t>(row.value)).to_string()});
                    break;
                case SystemCounter::resolution_changes:
                    info.push_back({"resolver", as_utf8(label_field(row.label, "driverName"))});
                    break;
                default: break;
            }
        }
        families_.add(metric::driver_info, 1, std::move(info));
        families_.add(metric::driver_start, number(snapshot_.constants.start_timestamp_ms, per_ms));
        if (const auto age_ms = snapshot_.heartbeat_age_ms()) {
            families_.add(metric::driver_heartbeat, number(*age_ms, per_ms));
        }
        families_.add(metric::client_liveness, number(snapshot_.constants.client_liveness_timeout.count(), per_ns));
    }

    void add_errors() {
        std::int64_t observations = 0;
        std::int64_t last_ms = 0;
        for (const ErrorRow& error : snapshot_.errors) {
            observations += error.count;
            last_ms = std::max(last_ms, error.last_ms);
        }
        families_.add(metric::distinct_errors, static_cast<double>(snapshot_.errors.size()));
        families_.add(metric::observed_errors, number(observations));
        if (!snapshot_.errors.empty()) {
            families_.add(metric::last_error, number(last_ms, per_ms));
        }
    }

    void add_losses() {
        // An image that came again from the same source begins another entry.
        struct Loss {
            std::int64_t count = 0;
            std::int64_t bytes = 0;
        };
        std::map<std::tuple<std::int32_t, std::int32_t, std::string, std::string>, Loss> sums;
        Budget budget{limit_};
        for (const LossRow& row : snapshot_.losses) {
            const std::tuple key{row.session_id, row.stream_id, row.channel, row.source};
            if (sums.contains(key) || budget.take()) {
                sums[key].count += row.count;
                sums[key].bytes += row.total_bytes_lost;
            }
        }
        tell("lossy_images", budget);
        for (const auto& [key, loss] : sums) {
            const auto& [session_id, stream_id, channel, source] = key;
            const Labels labels{{"session_id", fmt::to_string(session_id)},
                                {"stream_id", fmt::to_string(stream_id)},
                                {"channel", as_utf8(channel)},
                                {"source", as_utf8(source)}};
            families_.add(metric::lost_bytes, number(loss.bytes), labels);
            families_.add(metric::losses, number(loss.count), labels);
        }
    }

    void add_system_counters() {
        for (const CounterRow& row : snapshot_.counters) {
            const auto key = SystemCounterKey::decode(row.type_id, row.key);
            if (key && !to_string(key->counter).empty()) {
                const SystemMetric& system = system_metrics[static_cast<std::size_t>(key->counter)];
                if (!system.description.name.empty()) {
                    families_.add(system.description, number(row.value, system.scale));
                }
            }
        }
    }

    void add_flows() {
        Budget budget{limit_};
        for (const Flow& flow : group_flows(snapshot_)) {
            if (budget.take()) {
                add_flow(flow);
            }
        }
        tell("streams", budget);
    }

    /// All that is neither of the driver nor of a stream.
    void add_other_counters() {
        Budget channel_budget{limit_};
        Budget client_budget{limit_};
        Budget other_budget{limit_};
        std::int64_t client_count = 0;
        for (const CounterRow& row : snapshot_.counters) {
            switch (row.type_id) {
                case counter_type::send_channel_status:
                case counter_type::receive_channel_status:
                    if (channel_budget.take()) {
                        add_channel_status(row);
                    }
                    break;
                case counter_type::multi_destination_count:
                    if (channel_budget.take()) {
                        families_.add(metric::channel_destinations, number(row.value), channel_labels(row));
                    }
                    break;
                case counter_type::client_heartbeat:
                    ++client_count;
                    if (client_budget.take()) {
                        add_client(row);
                    }
                    break;
                case counter_type::resolver_neighbors:
                    families_.add(metric::resolver_neighbors, number(row.value));
                    break;
                case counter_type::resolver_cache_entries:
                    families_.add(metric::resolver_cache, number(row.value));
                    break;
                case counter_type::bootstrap_neighbor:
                    families_.add(metric::resolver_bootstrap, number(row.value),
                                  {{"neighbor", as_utf8(label_field(row.label, "name"))}});
                    break;
                case counter_type::local_socket_address: break;  // the label of a channel's status has it too
                default:
                    if (is_unknown(row) && other_budget.take()) {
                        families_.add(metric::other_counter, number(row.value),
                                      {{"type_id", fmt::to_string(row.type_id)},
                                       {"registration_id", fmt::to_string(row.registration_id)},
                                       {"label", as_utf8(row.label)}});
                    }
                    break;
            }
        }
        families_.add(metric::clients, number(client_count));
        tell("channels", channel_budget);
        tell("clients", client_budget);
        tell("counters", other_budget);
    }

private:
    /// So many of a kind, and how many came beyond.
    class Budget {
    public:
        explicit Budget(const std::size_t limit) : limit_(limit) {}

        [[nodiscard]] bool take() noexcept { return ++asked_ <= limit_; }
        [[nodiscard]] std::size_t left_out() const noexcept { return asked_ - std::min(asked_, limit_); }

    private:
        std::size_t limit_;
        std::size_t asked_ = 0;
    };

    void tell(const char* const kind, const Budget& budget) {
        families_.add(metric::left_out, static_cast<double>(budget.left_out()), {{"kind", kind}});
    }

    static bool is_unknown(const CounterRow& row) {
        if (const auto key = SystemCounterKey::decode(row.type_id, row.key)) {
            return to_string(key->counter).empty();
        }
        return !StreamCounterKey::decode(row.type_id, row.key);
    }

    void add_flow(const Flow& flow) {
        const Labels labels = labels_of(flow.identity, flow.registration_id);
        for (const CounterRow* const row : flow.counters) {
            if (row->type_id == counter_type::per_image) {
                const std::string_view name = counter_name(row->label);
                if (name.ends_with("-rtt")) {
                    families_.add(metric::round_trip, number(row->value, per_ns), labels);
                } else if (name.ends_with("-wnd")) {
                    families_.add(metric::congestion_window, number(row->value), labels);
                }
                continue;
            }
            const auto found = std::find_if(stream_metrics.begin(), stream_metrics.end(),
                                            [&](const StreamMetric& each) { return each.type_id == row->type_id; });
            if (found != stream_metrics.end()) {
                families_.add(found->description, number(row->value), labels);
            }
        }
        if (const auto window = flow.publication_window()) {
            families_.add(metric::publication_window, number(*window), labels);
        }
        if (const auto window = flow.sender_window()) {
            families_.add(metric::sender_window, number(*window), labels);
        }
        for (const CounterRow* const row : flow.subscribers) {
            const Labels of_subscriber = labels_of(flow.identity, row->registration_id);
            families_.add(metric::subscriber_position, number(row->value), of_subscriber);
            if (const auto lag = flow.lag_of(*row)) {
                families_.add(metric::subscriber_lag, number(*lag), of_subscriber);
            }
        }
    }

    static Labels channel_labels(const CounterRow& row) {
        const auto key = ChannelCounterKey::decode(row.type_id, row.key);
        return {{"channel", as_utf8(key ? key->channel : std::string{})},
                {"registration_id", fmt::to_string(row.registration_id)}};
    }

    void add_channel_status(const CounterRow& row) {
        Labels labels = channel_labels(row);
        labels.push_back({"direction", row.type_id == counter_type::send_channel_status ? "send" : "receive"});
        families_.add(metric::channel_status, number(row.value), std::move(labels));
    }

    void add_client(const CounterRow& row) {
        families_.add(metric::client_heartbeat, number(snapshot_.taken_ms - row.value, per_ms),
                      {{"client_id", fmt::to_string(row.registration_id)},
                       {"name", as_utf8(label_field(row.label, "name"))},
                       {"version", as_utf8(label_field(row.label, "version"))}});
    }

    const DriverSnapshot& snapshot_;
    std::size_t limit_;
    Families& families_;
};

}  // namespace

std::vector<MetricFamily> collect_metrics(const DriverLook& look, const std::size_t max_streams,
                                          const std::chrono::nanoseconds duration) {
    Families families;
    families.add(metric::up, look.is_alive() ? 1 : 0);
    for (const std::string_view state : {"alive", "dead", "closed", "absent"}) {
        families.add(metric::driver_state, state == look.state() ? 1 : 0, {{"state", std::string{state}}});
    }
    if (look.snapshot) {
        Collector collector{*look.snapshot, max_streams, families};
        collector.add_driver();
        collector.add_errors();
        collector.add_losses();
        collector.add_system_counters();
        if (look.is_alive()) {
            collector.add_flows();
            collector.add_other_counters();
        }
    }
    families.add(metric::export_info, 1,
                 {{"version", std::string{version_text}}, {"commit", std::string{build_commit()}}});
    families.add(metric::export_duration, number(duration.count(), per_ns));
    return families.take();
}

}  // namespace cpperon::tools
