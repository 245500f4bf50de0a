/// The names, types and explanations of all metrics that `export` may tell. docs/monitoring.md has the same table,
/// which a test compares with this one.
#pragma once

#include <array>
#include <cstdint>
#include <prometheus/metric_type.h>
#include <span>
#include <string_view>

#include "cpperon/shm/counter_types.hpp"
#include "cpperon/shm/system_counter.hpp"

namespace cpperon::tools {

using prometheus::MetricType;

/// A metric that may be exported.
struct MetricDescription {
    std::string_view name;
    MetricType type = MetricType::Gauge;
    std::string_view help;
};

/// All of them, in the order in which they are exported.
[[nodiscard]] std::span<const MetricDescription> metric_descriptions();

inline constexpr double per_ns = 1e-9;  ///< from ns to s

/// In the order of `SystemCounter`. Without a name are those that are labels of `aeron_driver_info`.
struct SystemMetric {
    MetricDescription description;
    double scale = 1;
};

inline constexpr std::array<SystemMetric, system_counter_count> system_metrics{{
    {{"aeron_sent_bytes_total", MetricType::Counter, "Bytes that the sender sent: data and heartbeats"}},
    {{"aeron_received_bytes_total", MetricType::Counter, "Bytes that the receiver took from its sockets"}},
    {{"aeron_receiver_proxy_fails_total", MetricType::Counter, "Commands that found the queue to the receiver full"}},
    {{"aeron_sender_proxy_fails_total", MetricType::Counter, "Commands that found the queue to the sender full"}},
    {{"aeron_conductor_proxy_fails_total", MetricType::Counter, "Commands that found the queue to the conductor full"}},
    {{"aeron_naks_sent_total", MetricType::Counter, "Requests for repetition that were sent"}},
    {{"aeron_naks_received_total", MetricType::Counter, "Requests for repetition that were received"}},
    {{"aeron_status_messages_sent_total", MetricType::Counter, "Status messages that images sent"}},
    {{"aeron_status_messages_received_total", MetricType::Counter, "Status messages that were received"}},
    {{"aeron_heartbeats_sent_total", MetricType::Counter, "Heartbeats of idle streams that were sent"}},
    {{"aeron_heartbeats_received_total", MetricType::Counter, "Heartbeats of idle streams that images accepted"}},
    {{"aeron_retransmits_sent_total", MetricType::Counter, "Retransmissions that were sent"}},
    {{"aeron_flow_control_under_runs_total", MetricType::Counter, "Datagrams that came for a position already read"}},
    {{"aeron_flow_control_over_runs_total", MetricType::Counter, "Datagrams beyond the window of their receiver"}},
    {{"aeron_invalid_packets_total", MetricType::Counter, "Datagrams that were malformed"}},
    {{"aeron_errors_total", MetricType::Counter, "Errors that the driver recorded, repeated ones too"}},
    {{"aeron_short_sends_total", MetricType::Counter, "Sends of which the system took only a part"}},
    {{"aeron_free_fails_total", MetricType::Counter, "Attempts to delete a log that failed"}},
    {{"aeron_back_pressure_events_total", MetricType::Counter,
      "How often senders came to a halt at the limit of a receiver"}},
    {{"aeron_unblocked_publications_total", MetricType::Counter,
      "Publications in which an unfinished message was skipped"}},
    {{"aeron_unblocked_commands_total", MetricType::Counter, "Unfinished commands of clients that were skipped"}},
    {{"aeron_possible_ttl_asymmetries_total", MetricType::Counter,
      "Multicast publishers with a larger TTL than the subscriber"}},
    {{"aeron_controllable_idle_strategy", MetricType::Gauge, "What a tool asks the controllable idle strategy to do"}},
    {{"aeron_loss_gap_fills_total", MetricType::Counter, "Gaps that unreliable subscriptions stepped over"}},
    {{"aeron_client_timeouts_total", MetricType::Counter, "Clients that gave no sign of life and were given up"}},
    {{"aeron_resolution_changes_total", MetricType::Counter, "Names that came to stand for another address"}},
    {{"aeron_conductor_cycle_time_max_seconds", MetricType::Gauge, "The longest duty cycle of the conductor so far"},
     per_ns},
    {{"aeron_conductor_slow_cycles_total", MetricType::Counter, "Duty cycles of the conductor beyond their threshold"}},
    {{"aeron_sender_cycle_time_max_seconds", MetricType::Gauge, "The longest duty cycle of the sender so far"}, per_ns},
    {{"aeron_sender_slow_cycles_total", MetricType::Counter, "Duty cycles of the sender beyond their threshold"}},
    {{"aeron_receiver_cycle_time_max_seconds", MetricType::Gauge, "The longest duty cycle of the receiver so far"},
     per_ns},
    {{"aeron_receiver_slow_cycles_total", MetricType::Counter, "Duty cycles of the receiver beyond their threshold"}},
    {{"aeron_name_resolution_time_max_seconds", MetricType::Gauge, "The longest look-up of a name so far"}, per_ns},
    {{"aeron_slow_name_resolutions_total", MetricType::Counter, "Look-ups of names beyond their threshold"}},
    {{}},
    {{"aeron_mapped_bytes", MetricType::Gauge, "Bytes of files that the driver has mapped"}},
    {{"aeron_retransmitted_bytes_total", MetricType::Counter, "Bytes that were sent again"}},
    {{"aeron_retransmit_overflows_total", MetricType::Counter,
      "Requests for repetition that found too many others under way"}},
    {{"aeron_error_frames_received_total", MetricType::Counter, "Error frames that were received"}},
    {{"aeron_error_frames_sent_total", MetricType::Counter, "Error frames that were sent"}},
    {{"aeron_publications_revoked_total", MetricType::Counter, "Publications that were revoked"}},
    {{"aeron_images_revoked_total", MetricType::Counter, "Images whose publication was revoked"}},
    {{"aeron_images_rejected_total", MetricType::Counter, "Images that a subscriber rejected"}},
    {{}},
    {{"aeron_status_messages_rejected_total", MetricType::Counter, "Status messages with an impossible position"}},
    {{"aeron_native_resource_agent_proxy_fails_total", MetricType::Counter,
      "Commands that found the queue to its agent full"}},
}};

/// Of one counter of a stream.
struct StreamMetric {
    std::int32_t type_id;
    MetricDescription description;
};

inline constexpr std::array stream_metrics{
    StreamMetric{
        counter_type::publisher_position,
        {"aeron_publication_position_bytes_total", MetricType::Counter, "Written: the position of a publication"}},
    StreamMetric{counter_type::publisher_limit,
                 {"aeron_publication_limit_bytes", MetricType::Gauge, "The position at which offers are refused"}},
    StreamMetric{
        counter_type::sender_position,
        {"aeron_sender_position_bytes_total", MetricType::Counter, "Sent: the position of a UDP publication's sender"}},
    StreamMetric{
        counter_type::sender_limit,
        {"aeron_sender_limit_bytes", MetricType::Gauge, "The position up to which receivers let the sender send"}},
    StreamMetric{counter_type::sender_back_pressure_events,
                 {"aeron_sender_back_pressure_events_total", MetricType::Counter,
                  "How often the sender came to a halt at its limit"}},
    StreamMetric{
        counter_type::sender_naks_received,
        {"aeron_sender_naks_received_total", MetricType::Counter, "Requests for repetition of a publication's data"}},
    StreamMetric{counter_type::flow_control_receivers,
                 {"aeron_sender_receivers", MetricType::Gauge, "Receivers that count for the flow control of a group"}},
    StreamMetric{counter_type::receiver_high_water_mark,
                 {"aeron_receiver_high_water_mark_bytes_total", MetricType::Counter,
                  "Received at the farthest: position of an image"}},
    StreamMetric{
        counter_type::receiver_position,
        {"aeron_receiver_position_bytes_total", MetricType::Counter, "Received without a gap: position of an image"}},
    StreamMetric{counter_type::receiver_naks_sent,
                 {"aeron_receiver_naks_sent_total", MetricType::Counter, "Requests for repetition that an image sent"}},
};

/// All the others.
namespace metric {

inline constexpr MetricDescription up{"aeron_up", MetricType::Gauge, "1 if the driver is alive, else 0"};
inline constexpr MetricDescription driver_state{"aeron_driver_state", MetricType::Gauge,
                                                "1 for the state that the driver is in"};
inline constexpr MetricDescription driver_info{"aeron_driver_info", MetricType::Gauge,
                                               "1; what the driver is, in labels"};
inline constexpr MetricDescription driver_start{"aeron_driver_start_time_seconds", MetricType::Gauge,
                                                "When the driver started, since 1970"};
inline constexpr MetricDescription driver_heartbeat{"aeron_driver_heartbeat_age_seconds", MetricType::Gauge,
                                                    "Since the driver's last sign of life"};
inline constexpr MetricDescription client_liveness{"aeron_client_liveness_timeout_seconds", MetricType::Gauge,
                                                   "Silence after which the driver gives a client up"};
inline constexpr MetricDescription distinct_errors{"aeron_error_log_entries", MetricType::Gauge,
                                                   "Distinct errors in the error log"};
inline constexpr MetricDescription observed_errors{"aeron_error_log_observations_total", MetricType::Counter,
                                                   "Observations of all errors in the error log"};
inline constexpr MetricDescription last_error{"aeron_error_log_last_observation_time_seconds", MetricType::Gauge,
                                              "When an error was last observed, since 1970"};
inline constexpr MetricDescription publication_window{
    "aeron_publication_window_bytes", MetricType::Gauge,
    "Bytes that may be written before offers are refused: limit less position"};
inline constexpr MetricDescription sender_window{
    "aeron_sender_window_bytes", MetricType::Gauge,
    "Bytes that may be sent before receivers grant more: limit less position"};
inline constexpr MetricDescription congestion_window{"aeron_receiver_congestion_window_bytes", MetricType::Gauge,
                                                     "Window of an image's congestion control"};
inline constexpr MetricDescription round_trip{"aeron_receiver_round_trip_seconds", MetricType::Gauge,
                                              "Round trip that an image's congestion control measured"};
inline constexpr MetricDescription subscriber_position{"aeron_subscriber_position_bytes_total", MetricType::Counter,
                                                       "Read: position of a subscription in a session"};
inline constexpr MetricDescription subscriber_lag{"aeron_subscriber_lag_bytes", MetricType::Gauge,
                                                  "Bytes written or received that a subscription has yet to read"};
inline constexpr MetricDescription lost_bytes{"aeron_lost_bytes_total", MetricType::Counter,
                                              "Bytes of an image that were lost at first"};
inline constexpr MetricDescription losses{"aeron_losses_total", MetricType::Counter,
                                          "Losses of an image that were observed"};
inline constexpr MetricDescription channel_status{"aeron_channel_status", MetricType::Gauge,
                                                  "Of a channel: 1 active, 0 initializing, 2 closing, -1 errored"};
inline constexpr MetricDescription channel_destinations{"aeron_channel_destinations", MetricType::Gauge,
                                                        "Destinations of a publication that has several"};
inline constexpr MetricDescription clients{"aeron_clients", MetricType::Gauge, "Clients of the driver"};
inline constexpr MetricDescription client_heartbeat{"aeron_client_heartbeat_age_seconds", MetricType::Gauge,
                                                    "Since the last sign of life of a client"};
inline constexpr MetricDescription resolver_neighbors{"aeron_resolver_neighbors", MetricType::Gauge,
                                                      "Drivers that the name resolver knows as neighbours"};
inline constexpr MetricDescription resolver_cache{"aeron_resolver_cache_entries", MetricType::Gauge,
                                                  "Names that the name resolver knows"};
inline constexpr MetricDescription resolver_bootstrap{"aeron_resolver_bootstrap_neighbor", MetricType::Gauge,
                                                      "1 if this bootstrap neighbour is a neighbour now, else 0"};
inline constexpr MetricDescription other_counter{
    "aeron_counter", MetricType::Gauge, "A counter of another kind: of an application, an archive, a newer driver"};
inline constexpr MetricDescription export_info{"cpperon_export_info", MetricType::Gauge,
                                               "1; the version of the exporter, in labels"};
inline constexpr MetricDescription export_duration{"cpperon_export_snapshot_seconds", MetricType::Gauge,
                                                   "What the look at the driver took"};
inline constexpr MetricDescription left_out{"cpperon_export_left_out", MetricType::Gauge,
                                            "What --max-streams left out, by kind"};

}  // namespace metric

}  // namespace cpperon::tools
