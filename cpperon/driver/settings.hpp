/// The table of the driver's settings: property name, field, bounds, each once. Reading the environment, checking and
/// printing are visitors of it. Used while a driver starts. spec: 06 §3.4, 01 §11
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "cpperon/base/result.hpp"
#include "cpperon/driver/context.hpp"

namespace cpperon::driver {

/// Both inclusive.
struct Bounds {
    std::int64_t low = 0;
    std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

inline constexpr std::int64_t kibibyte = 1'024;
inline constexpr std::int64_t mebibyte = 1'024 * kibibyte;
inline constexpr std::int64_t gibibyte = 1'024 * mebibyte;

inline constexpr Bounds at_least_one_microsecond{.low = 1'000};
inline constexpr Bounds any_int32{.low = std::numeric_limits<std::int32_t>::min(),
                                  .high = std::numeric_limits<std::int32_t>::max()};
inline constexpr std::int64_t max_int32 = any_int32.high;
inline constexpr Bounds any_int64{.low = std::numeric_limits<std::int64_t>::min()};
inline constexpr Bounds at_least_one_millisecond{.low = 1'000'000};
inline constexpr Bounds some_int32{.low = 1, .high = max_int32};
inline constexpr Bounds socket_buffer{.low = 0, .high = max_int32};

/// `low high`, as settings write it. The error has no name of a setting. spec: 06 §3.3
[[nodiscard]] Result<net::PortRange> try_parse_port_range(std::string_view text);

/// Shows every setting to `visitor`, in the order in which they are printed. `Context` is a `DriverContext`, const or
/// not.
template <typename Context, typename Visitor>
void visit_settings(Context& context, Visitor& visitor) {
    visitor.text("aeron.dir", context.directory);
    visitor.flag("aeron.dir.warn.if.exists", context.warn_if_directory_exists);
    visitor.flag("aeron.dir.delete.on.start", context.delete_directory_on_start);
    visitor.flag("aeron.dir.delete.on.shutdown", context.delete_directory_on_shutdown);
    visitor.milliseconds("aeron.driver.timeout", context.driver_timeout, Bounds{});
    visitor.flag("aeron.print.configuration", context.print_configuration);
    visitor.validator("aeron.driver.termination.validator", context.termination_validator);

    visitor.mode("aeron.threading.mode", context.threading_mode);
    visitor.naming("aeron.thread.naming", context.thread_naming);
    visitor.idle("aeron.conductor.idle.strategy", context.conductor_idle);
    visitor.idle("aeron.sender.idle.strategy", context.sender_idle);
    visitor.idle("aeron.receiver.idle.strategy", context.receiver_idle);
    visitor.idle("aeron.sharednetwork.idle.strategy", context.shared_network_idle);
    visitor.idle("aeron.shared.idle.strategy", context.shared_idle);
    visitor.idle("aeron.driver.native.resource.agent.idle.strategy", context.native_resource_agent_idle);
    visitor.integer("aeron.conductor.cpu.affinity", context.conductor_cpu_affinity, Bounds{-1, 255});
    visitor.integer("aeron.sender.cpu.affinity", context.sender_cpu_affinity, Bounds{-1, 255});
    visitor.integer("aeron.receiver.cpu.affinity", context.receiver_cpu_affinity, Bounds{-1, 255});
    visitor.integer("aeron.driver.native.resource.agent.cpu.affinity", context.native_resource_agent_cpu_affinity,
                    Bounds{-1, 255});
    visitor.duration("aeron.driver.conductor.cycle.threshold", context.conductor_cycle_threshold, Bounds{});
    visitor.duration("aeron.driver.sender.cycle.threshold", context.sender_cycle_threshold, Bounds{});
    visitor.duration("aeron.driver.receiver.cycle.threshold", context.receiver_cycle_threshold, Bounds{});
    visitor.duration("aeron.driver.name.resolver.threshold", context.name_resolver_threshold, Bounds{});

    visitor.size("aeron.conductor.buffer.length", context.to_driver_buffer_length, Bounds{1'049'344, max_int32});
    visitor.size("aeron.clients.buffer.length", context.to_clients_buffer_length, Bounds{1'048'704, max_int32});
    visitor.size("aeron.counters.buffer.length", context.counters_buffer_length, Bounds{mebibyte, 500 * mebibyte});
    visitor.size("aeron.error.buffer.length", context.error_buffer_length, Bounds{4 * mebibyte, max_int32});
    visitor.size("aeron.loss.report.buffer.length", context.loss_report_buffer_length, Bounds{kibibyte, max_int32});
    visitor.size("aeron.file.page.size", context.file_page_size, Bounds{4 * kibibyte, gibibyte});
    visitor.size("aeron.term.buffer.length", context.term_length, Bounds{kibibyte, max_int32});
    visitor.size("aeron.ipc.term.buffer.length", context.ipc_term_length, Bounds{kibibyte, max_int32});
    visitor.flag("aeron.term.buffer.sparse.file", context.sparse_term_buffers);
    visitor.flag("aeron.perform.storage.checks", context.perform_storage_checks);
    visitor.size("aeron.low.file.store.warning.threshold", context.low_storage_warning_threshold, Bounds{});

    visitor.size("aeron.mtu.length", context.mtu_length, Bounds{32, 65'504});
    visitor.size("aeron.ipc.mtu.length", context.ipc_mtu_length, Bounds{32, 65'504});
    visitor.size("aeron.publication.term.window.length", context.publication_window_length, Bounds{0, gibibyte});
    visitor.size("aeron.ipc.publication.term.window.length", context.ipc_publication_window_length,
                 Bounds{0, gibibyte});
    visitor.duration("aeron.publication.connection.timeout", context.publication_connection_timeout,
                     at_least_one_microsecond);
    visitor.flag("aeron.spies.simulate.connection", context.spies_simulate_connection);
    visitor.integer("aeron.network.publication.max.messages.per.send",
                    context.network_publication_max_messages_per_send, Bounds{1, 16});
    visitor.duration("aeron.publication.linger.timeout", context.publication_linger_timeout, at_least_one_microsecond);
    visitor.duration("aeron.publication.unblock.timeout", context.publication_unblock_timeout,
                     at_least_one_microsecond);
    visitor.integer("aeron.publication.reserved.session.id.low", context.reserved_session_id_low, any_int32);
    visitor.integer("aeron.publication.reserved.session.id.high", context.reserved_session_id_high, any_int32);

    visitor.size("aeron.rcv.initial.window.length", context.receiver_window_length, Bounds{256, max_int32});
    visitor.duration("aeron.rcv.status.message.timeout", context.status_message_timeout, at_least_one_microsecond);
    visitor.flag("aeron.reliable.stream", context.reliable_stream);
    visitor.group("aeron.receiver.group.consideration", context.receiver_group_consideration);
    visitor.optional_long("aeron.receiver.group.tag", context.receiver_group_tag, any_int64);
    visitor.integer("aeron.driver.stream.session.limit", context.stream_session_limit, some_int32);
    visitor.duration("aeron.image.liveness.timeout", context.image_liveness_timeout, at_least_one_microsecond);
    visitor.flag("aeron.rejoin.stream", context.rejoin_stream);
    visitor.flag("aeron.tether.subscriptions", context.tether_subscriptions);
    visitor.duration("aeron.untethered.window.limit.timeout", context.untethered_window_limit_timeout, Bounds{});
    visitor.optional_duration("aeron.untethered.linger.timeout", context.untethered_linger_timeout, Bounds{});
    visitor.duration("aeron.untethered.resting.timeout", context.untethered_resting_timeout, Bounds{});

    visitor.duration("aeron.nak.unicast.delay", context.nak_unicast_delay, at_least_one_microsecond);
    visitor.whole("aeron.nak.unicast.retry.delay.ratio", context.nak_unicast_retry_delay_ratio, Bounds{.low = 1});
    visitor.integer("aeron.nak.multicast.group.size", context.nak_multicast_group_size, some_int32);
    visitor.duration("aeron.nak.multicast.max.backoff", context.nak_multicast_max_backoff, at_least_one_microsecond);
    visitor.duration("aeron.retransmit.unicast.delay", context.retransmit_unicast_delay, Bounds{});
    visitor.duration("aeron.retransmit.unicast.linger", context.retransmit_unicast_linger, at_least_one_microsecond);
    visitor.integer("aeron.max.resend", context.max_resend, Bounds{1, 256});
    visitor.flow_control("aeron.unicast.flowcontrol.supplier", context.unicast_flow_control);
    visitor.flow_control("aeron.multicast.flowcontrol.supplier", context.multicast_flow_control);
    visitor.whole("aeron.flow.control.group.tag", context.flow_control_group_tag, any_int64);
    visitor.integer("aeron.flow.control.group.min.size", context.flow_control_group_min_size, Bounds{0, max_int32});
    visitor.duration("aeron.flow.control.receiver.timeout", context.flow_control_receiver_timeout, Bounds{});
    visitor.integer("aeron.unicast.flow.control.rrwm", context.unicast_retransmit_receiver_window_multiple, some_int32);
    visitor.integer("aeron.multicast.flow.control.rrwm", context.multicast_retransmit_receiver_window_multiple,
                    some_int32);
    visitor.congestion_control("aeron.congestioncontrol.supplier", context.congestion_control);
    visitor.flag("aeron.cubiccongestioncontrol.measurertt", context.cubic_measures_rtt);
    visitor.duration("aeron.cubiccongestioncontrol.initialrtt", context.cubic_initial_rtt, at_least_one_microsecond);
    visitor.flag("aeron.cubiccongestioncontrol.tcpmode", context.cubic_tcp_mode);

    visitor.size("aeron.socket.so_rcvbuf", context.socket_receive_buffer_length, socket_buffer);
    visitor.size("aeron.socket.so_sndbuf", context.socket_send_buffer_length, socket_buffer);
    visitor.integer("aeron.socket.multicast.ttl", context.socket_multicast_ttl, Bounds{0, 255});
    visitor.flag("aeron.driver.connect", context.connect_send_sockets);
    visitor.integer("aeron.send.to.status.poll.ratio", context.send_to_status_poll_ratio, some_int32);
    visitor.integer("aeron.sender.io.vector.capacity", context.sender_io_vector_capacity, Bounds{1, 16});
    visitor.integer("aeron.receiver.io.vector.capacity", context.receiver_io_vector_capacity, Bounds{1, 16});
    visitor.ports("aeron.sender.wildcard.port.range", context.sender_wildcard_port_range);
    visitor.ports("aeron.receiver.wildcard.port.range", context.receiver_wildcard_port_range);
    visitor.flag("cpperon.socket.segmentation.offload", context.segmentation_offload);
    visitor.flag("cpperon.socket.receive.offload", context.receive_offload);

    visitor.text("aeron.name.resolver.supplier", context.name_resolver_supplier);
    visitor.text("aeron.name.resolver.init.args", context.name_resolver_args);
    visitor.text("aeron.driver.resolver.name", context.resolver_name);
    visitor.text("aeron.driver.resolver.interface", context.resolver_interface);
    visitor.text("aeron.driver.resolver.bootstrap.neighbor", context.resolver_bootstrap_neighbor);
    visitor.duration("aeron.driver.resolver.neighbor.timeout", context.resolver_neighbor_timeout,
                     at_least_one_millisecond);
    visitor.duration("aeron.driver.resolver.self.resolution.interval", context.resolver_self_resolution_interval,
                     at_least_one_millisecond);
    visitor.duration("aeron.driver.resolver.neighbor.resolution.interval",
                     context.resolver_neighbor_resolution_interval, at_least_one_millisecond);
    visitor.duration("aeron.driver.resolver.bootstrap.neighbor.resolution.interval",
                     context.resolver_bootstrap_neighbor_resolution_interval, at_least_one_millisecond);
    visitor.duration("aeron.driver.reresolution.check.interval", context.re_resolution_check_interval, Bounds{});

    visitor.text("aeron.udp.channel.incoming.interceptors", context.incoming_interceptors);
    visitor.text("aeron.udp.channel.outgoing.interceptors", context.outgoing_interceptors);
    visitor.text("aeron.udp.channel.transport.bindings.loss.args", context.loss_args);
    visitor.text("aeron.udp.channel.transport.bindings.fixed.loss.args", context.fixed_loss_args);
    visitor.text("aeron.udp.channel.transport.bindings.multi.gap.loss.args", context.multi_gap_loss_args);

    visitor.duration("aeron.timer.interval", context.timer_interval, at_least_one_microsecond);
    visitor.duration("aeron.client.liveness.timeout", context.client_liveness_timeout, at_least_one_microsecond);
    visitor.duration("aeron.counters.free.to.reuse.timeout", context.counters_free_to_reuse_timeout, Bounds{});
    visitor.integer("aeron.driver.resource.free.limit", context.resource_free_limit, Bounds{1, max_int32});
}

}  // namespace cpperon::driver
