/// The table of the driver's settings: section, property name, meaning, field and what is allowed, each once. Reading
/// the environment, checking, printing and explaining are visitors of it. Used while a driver starts. spec: 06 §3.4, 01
/// §11
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cpperon/base/result.hpp"
#include "cpperon/driver/context.hpp"

namespace cpperon::driver {

/// What a setting is called, and what it is for, in one line that can stand behind its name.
struct Setting {
    std::string_view property;
    std::string_view meaning;
};

/// What a number must be beside being within its bounds, or the driver does not start. spec: 06 §3.5.1
enum class Form {
    any,
    power_of_two,
    ring_buffer,       ///< a power of two + 768
    broadcast_buffer,  ///< a power of two + 128
    whole_counters,    ///< a multiple of 128
    aligned,           ///< a multiple of 8
    term,              ///< a power of two from 64 KiB to 1 GiB, narrower than the bounds
    mtu,               ///< a multiple of 32 above 32
};

/// Both inclusive. Values from the environment are moved to the nearest one.
struct Bounds {
    std::int64_t low = 0;
    std::int64_t high = std::numeric_limits<std::int64_t>::max();
    Form form = Form::any;
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

/// Whether a driver starts with `value`.
[[nodiscard]] bool is_allowed(std::int64_t value, const Bounds& bounds) noexcept;

// What is allowed, to stand behind "set it to": `a size from 1m to 500m`, `an integer of at least 1`.

[[nodiscard]] std::string allowed_sizes(const Bounds& bounds);
[[nodiscard]] std::string allowed_integers(const Bounds& bounds);
[[nodiscard]] std::string allowed_durations(const Bounds& bounds);
[[nodiscard]] std::string allowed_milliseconds(const Bounds& bounds);
inline constexpr std::string_view allowed_flags = "true or false";
inline constexpr std::string_view allowed_modes = "DEDICATED, SHARED_NETWORK, SHARED or INVOKER";
inline constexpr std::string_view allowed_namings = "classic or new";
inline constexpr std::string_view allowed_idle_strategies = "backoff, sleep-ns, yield, spin, noop or controllable";
inline constexpr std::string_view allowed_groups = "true, false or infer";
inline constexpr std::string_view allowed_flow_controls =
    "multicast_max, unicast_max, multicast_min or multicast_tagged";
inline constexpr std::string_view allowed_congestion_controls = "default, static or cubic";
inline constexpr std::string_view allowed_ports = "two numbers from 0 to 65535, the second not below the first";
inline constexpr std::string_view allowed_validators = "allow or deny";

// The names of values.

[[nodiscard]] std::string_view name_of(uri::FlowControlStrategy value) noexcept;
[[nodiscard]] std::string_view name_of(CongestionControlSupplier value) noexcept;
[[nodiscard]] std::string_view name_of(ThreadNaming value) noexcept;
/// Nothing where no value has this name.
[[nodiscard]] std::optional<uri::FlowControlStrategy> flow_control_named(std::string_view name) noexcept;
[[nodiscard]] std::optional<CongestionControlSupplier> congestion_control_named(std::string_view name) noexcept;

/// The validator that is called `allow`.
[[nodiscard]] bool allow_termination(std::span<const std::byte> token);

/// Shows every setting to `visitor`, in the order in which they are printed, section by section. `Context` is a
/// `DriverContext`, const or not.
template <typename Context, typename Visitor>
void visit_settings(Context& context, Visitor& visitor) {
    visitor.section("Directory and program");
    visitor.text({"aeron.dir", "where clients find the driver; empty: /dev/shm/aeron-USER"}, context.directory);
    visitor.flag({"aeron.dir.warn.if.exists", "say so when the directory is there already"},
                 context.warn_if_directory_exists);
    visitor.flag(
        {"aeron.dir.delete.on.start", "delete the directory first, without asking whether a driver is alive on it"},
        context.delete_directory_on_start);
    visitor.flag({"aeron.dir.delete.on.shutdown", "delete the directory at the end"},
                 context.delete_directory_on_shutdown);
    visitor.milliseconds(
        {"aeron.driver.timeout",
         "a driver whose last sign of life is not older than this counts as alive; in milliseconds, or with a unit"},
        context.driver_timeout, Bounds{});
    visitor.flag({"aeron.print.configuration", "print all settings with their values, once clients can attach"},
                 context.print_configuration);
    visitor.validator({"aeron.driver.termination.validator", "whether clients may terminate the driver"},
                      context.termination_validator);

    visitor.section("Threads");
    visitor.mode({"aeron.threading.mode",
                  "DEDICATED: a thread each for conductor, sender, receiver and native resource agent; SHARED_NETWORK: "
                  "one for sender and receiver; SHARED: one for everything; INVOKER: as SHARED, in a program that "
                  "steps the driver itself"},
                 context.threading_mode);
    visitor.naming(
        {"aeron.thread.naming", "how threads are called in top: classic, as conductor; new, as aeron-md-cnd"},
        context.thread_naming);
    visitor.idle({"aeron.conductor.idle.strategy",
                  "what the conductor does when there is no work; with DEDICATED and SHARED_NETWORK"},
                 context.conductor_idle);
    visitor.idle({"aeron.sender.idle.strategy", "the same for the sender; with DEDICATED"}, context.sender_idle);
    visitor.idle({"aeron.receiver.idle.strategy", "the same for the receiver; with DEDICATED"}, context.receiver_idle);
    visitor.idle({"aeron.sharednetwork.idle.strategy", "the same for sender and receiver; with SHARED_NETWORK"},
                 context.shared_network_idle);
    visitor.idle({"aeron.shared.idle.strategy", "the same for the one thread; with SHARED and INVOKER"},
                 context.shared_idle);
    visitor.idle({"aeron.driver.native.resource.agent.idle.strategy",
                  "the same for the native resource agent; with DEDICATED and SHARED_NETWORK"},
                 context.native_resource_agent_idle);
    visitor.integer({"aeron.conductor.cpu.affinity", "processor of the conductor's or the one thread; -1: any"},
                    context.conductor_cpu_affinity, Bounds{-1, 255});
    visitor.integer({"aeron.sender.cpu.affinity",
                     "processor of the sender's thread, or of the one it shares with the receiver; -1: any"},
                    context.sender_cpu_affinity, Bounds{-1, 255});
    visitor.integer({"aeron.receiver.cpu.affinity", "processor of the receiver's thread; -1: any"},
                    context.receiver_cpu_affinity, Bounds{-1, 255});
    visitor.integer(
        {"aeron.driver.native.resource.agent.cpu.affinity", "processor of the native resource agent's thread; -1: any"},
        context.native_resource_agent_cpu_affinity, Bounds{-1, 255});
    visitor.flag({"aeron.driver.cpuset.affinity",
                  "the processors above count within the cpuset of the process, from 0; needs cgroup v2"},
                 context.cpuset_affinity);
    visitor.flag({"aeron.driver.cpuset.warnings.as.errors",
                  "do not start with a cpuset that spans dies or caches, or lacks hardware threads of its cores"},
                 context.cpuset_warnings_as_errors);
    visitor.duration({"aeron.driver.conductor.cycle.threshold",
                      "longer duty cycles of the conductor are counted, system counter 27"},
                     context.conductor_cycle_threshold, Bounds{});
    visitor.duration(
        {"aeron.driver.sender.cycle.threshold", "longer duty cycles of the sender are counted, system counter 29"},
        context.sender_cycle_threshold, Bounds{});
    visitor.duration(
        {"aeron.driver.receiver.cycle.threshold", "longer duty cycles of the receiver are counted, system counter 31"},
        context.receiver_cycle_threshold, Bounds{});
    visitor.duration(
        {"aeron.driver.name.resolver.threshold", "longer look-ups of names are counted, system counter 33"},
        context.name_resolver_threshold, Bounds{});

    visitor.section("Shared memory and storage");
    visitor.size({"aeron.conductor.buffer.length", "of the commands from clients"}, context.to_driver_buffer_length,
                 Bounds{1'049'344, max_int32, Form::ring_buffer});
    visitor.size({"aeron.clients.buffer.length", "of the events to clients"}, context.to_clients_buffer_length,
                 Bounds{1'048'704, max_int32, Form::broadcast_buffer});
    visitor.size({"aeron.counters.buffer.length",
                  "of the counters' values: 128 bytes for each; their labels take four times as much"},
                 context.counters_buffer_length, Bounds{mebibyte, 500 * mebibyte, Form::whole_counters});
    visitor.size({"aeron.error.buffer.length", "of the error log"}, context.error_buffer_length,
                 Bounds{4 * mebibyte, max_int32, Form::aligned});
    visitor.size({"aeron.loss.report.buffer.length", "of the loss report; rounded up to the page size"},
                 context.loss_report_buffer_length, Bounds{kibibyte, max_int32});
    visitor.size({"aeron.file.page.size", "to which files are rounded up"}, context.file_page_size,
                 Bounds{4 * kibibyte, gibibyte, Form::power_of_two});
    visitor.size({"aeron.term.buffer.length", "of a term of network publications; a log has three"},
                 context.term_length, Bounds{kibibyte, max_int32, Form::term});
    visitor.size({"aeron.ipc.term.buffer.length", "of a term of publications within the machine"},
                 context.ipc_term_length, Bounds{kibibyte, max_int32, Form::term});
    visitor.flag({"aeron.term.buffer.sparse.file",
                  "take the space of logs when they are written to; otherwise all of it before use"},
                 context.sparse_term_buffers);
    visitor.flag({"aeron.perform.storage.checks", "ask the file system for space before a log is made"},
                 context.perform_storage_checks);
    visitor.size({"aeron.low.file.store.warning.threshold",
                  "warn in the error log when no more than this is left for a new log"},
                 context.low_storage_warning_threshold, Bounds{});

    visitor.section("Publications");
    visitor.size({"aeron.mtu.length", "longest datagram of network publications"}, context.mtu_length,
                 Bounds{32, 65'504, Form::mtu});
    visitor.size({"aeron.ipc.mtu.length", "longest frame of publications within the machine"}, context.ipc_mtu_length,
                 Bounds{32, 65'504, Form::mtu});
    visitor.size({"aeron.publication.term.window.length", "how far a network publisher may be ahead; 0: half a term"},
                 context.publication_window_length, Bounds{0, gibibyte});
    visitor.size({"aeron.ipc.publication.term.window.length",
                  "how far a publisher within the machine may be ahead; 0: half a term"},
                 context.ipc_publication_window_length, Bounds{0, gibibyte});
    visitor.duration({"aeron.publication.connection.timeout", "a receiver that is silent for longer no longer counts"},
                     context.publication_connection_timeout, at_least_one_microsecond);
    visitor.flag({"aeron.spies.simulate.connection", "a spy alone makes a publication connected"},
                 context.spies_simulate_connection);
    visitor.integer(
        {"aeron.network.publication.max.messages.per.send", "messages of one publication in one duty cycle"},
        context.network_publication_max_messages_per_send, Bounds{1, 16});
    visitor.duration({"aeron.publication.linger.timeout",
                      "how long a publication stays for those who still read or ask for repetition"},
                     context.publication_linger_timeout, at_least_one_microsecond);
    visitor.duration(
        {"aeron.publication.unblock.timeout",
         "when the place of a publisher that died within a message is skipped; above aeron.client.liveness.timeout"},
        context.publication_unblock_timeout, at_least_one_microsecond);
    visitor.integer(
        {"aeron.publication.reserved.session.id.low", "first of the session ids that the driver does not give out"},
        context.reserved_session_id_low, any_int32);
    visitor.integer({"aeron.publication.reserved.session.id.high", "last of them"}, context.reserved_session_id_high,
                    any_int32);

    visitor.section("Subscriptions and images");
    visitor.size({"aeron.rcv.initial.window.length",
                  "how far senders may be ahead of a receiver; at most half a term, at least aeron.mtu.length"},
                 context.receiver_window_length, Bounds{256, max_int32});
    visitor.duration({"aeron.rcv.status.message.timeout", "longest time between two status messages"},
                     context.status_message_timeout, at_least_one_microsecond);
    visitor.flag({"aeron.reliable.stream", "ask for lost messages again; otherwise leave gaps"},
                 context.reliable_stream);
    visitor.group({"aeron.receiver.group.consideration", "whether receivers are one of many"},
                  context.receiver_group_consideration);
    visitor.optional_long({"aeron.receiver.group.tag", "a number that is sent in status messages; empty: none"},
                          context.receiver_group_tag, any_int64);
    visitor.integer({"aeron.driver.stream.session.limit", "images of one stream on one endpoint"},
                    context.stream_session_limit, some_int32);
    visitor.duration({"aeron.image.liveness.timeout", "when a silent image goes"}, context.image_liveness_timeout,
                     at_least_one_microsecond);
    visitor.flag({"aeron.rejoin.stream", "join a stream again after its image went"}, context.rejoin_stream);
    visitor.flag(
        {"aeron.tether.subscriptions", "a slow subscriber holds the publisher back; otherwise it is left behind"},
        context.tether_subscriptions);
    visitor.duration({"aeron.untethered.window.limit.timeout",
                      "when an untethered subscriber that is slow is left behind; above aeron.timer.interval"},
                     context.untethered_window_limit_timeout, Bounds{});
    visitor.optional_duration({"aeron.untethered.linger.timeout",
                               "how long it may go on reading after that; empty: as long as the timeout above"},
                              context.untethered_linger_timeout, Bounds{});
    visitor.duration({"aeron.untethered.resting.timeout", "when it may come again; above aeron.timer.interval"},
                     context.untethered_resting_timeout, Bounds{});

    visitor.section("Loss recovery, flow and congestion control");
    visitor.duration({"aeron.nak.unicast.delay", "from a loss to the request for repetition"},
                     context.nak_unicast_delay, at_least_one_microsecond);
    visitor.whole({"aeron.nak.unicast.retry.delay.ratio", "times the delay, between two requests"},
                  context.nak_unicast_retry_delay_ratio, Bounds{.low = 1});
    visitor.integer({"aeron.nak.multicast.group.size", "of groups, for the random delay of their requests"},
                    context.nak_multicast_group_size, some_int32);
    visitor.duration({"aeron.nak.multicast.max.backoff", "longest random delay of groups"},
                     context.nak_multicast_max_backoff, at_least_one_microsecond);
    visitor.duration({"aeron.retransmit.unicast.delay", "from a request to the repetition, on all channels"},
                     context.retransmit_unicast_delay, Bounds{});
    visitor.duration({"aeron.retransmit.unicast.linger", "how long the same request is ignored after that"},
                     context.retransmit_unicast_linger, at_least_one_microsecond);
    visitor.integer({"aeron.max.resend", "repetitions at a time, on channels to groups"}, context.max_resend,
                    Bounds{1, 256});
    visitor.flow_control(
        {"aeron.unicast.flowcontrol.supplier", "of channels to one receiver; unicast_max is the same as multicast_max"},
        context.unicast_flow_control);
    visitor.flow_control({"aeron.multicast.flowcontrol.supplier", "of channels to groups that do not say fc="},
                         context.multicast_flow_control);
    visitor.whole({"aeron.flow.control.group.tag", "the receivers' tag that counts with multicast_tagged"},
                  context.flow_control_group_tag, any_int64);
    visitor.integer({"aeron.flow.control.group.min.size", "receivers that must be there before anything is sent"},
                    context.flow_control_group_min_size, Bounds{0, max_int32});
    visitor.duration({"aeron.flow.control.receiver.timeout", "when a silent receiver is forgotten"},
                     context.flow_control_receiver_timeout, Bounds{});
    visitor.integer(
        {"aeron.unicast.flow.control.rrwm", "a repetition is at most this many receiver windows long, to one receiver"},
        context.unicast_retransmit_receiver_window_multiple, some_int32);
    visitor.integer({"aeron.multicast.flow.control.rrwm", "the same, to groups"},
                    context.multicast_retransmit_receiver_window_multiple, some_int32);
    visitor.congestion_control(
        {"aeron.congestioncontrol.supplier", "default: as the channel says in cc=, otherwise static"},
        context.congestion_control);
    visitor.flag({"aeron.cubiccongestioncontrol.measurertt", "measure round trips; with cubic"},
                 context.cubic_measures_rtt);
    visitor.duration({"aeron.cubiccongestioncontrol.initialrtt", "round trip that is taken for granted; with cubic"},
                     context.cubic_initial_rtt, at_least_one_microsecond);
    visitor.flag({"aeron.cubiccongestioncontrol.tcpmode", "grow at least as TCP would; with cubic"},
                 context.cubic_tcp_mode);

    visitor.section("Network");
    visitor.size({"aeron.socket.so_rcvbuf", "receive buffer of sockets; 0: the system's default"},
                 context.socket_receive_buffer_length, socket_buffer);
    visitor.size({"aeron.socket.so_sndbuf", "send buffer of sockets; 0: the system's default"},
                 context.socket_send_buffer_length, socket_buffer);
    visitor.integer({"aeron.socket.multicast.ttl", "hops of multicast datagrams; 0: the system's default"},
                    context.socket_multicast_ttl, Bounds{0, 255});
    visitor.flag({"aeron.driver.connect", "connect sockets that send to one address"}, context.connect_send_sockets);
    visitor.integer(
        {"aeron.send.to.status.poll.ratio", "duty cycles that sent something, to one look at what receivers say"},
        context.send_to_status_poll_ratio, some_int32);
    visitor.integer({"aeron.sender.io.vector.capacity", "messages that the sender takes per look at a socket"},
                    context.sender_io_vector_capacity, Bounds{1, 16});
    visitor.integer({"aeron.receiver.io.vector.capacity", "messages that the receiver takes per look at a socket"},
                    context.receiver_io_vector_capacity, Bounds{1, 16});
    visitor.ports(
        {"aeron.sender.wildcard.port.range", "ports of publications' endpoints with port 0; 0 0: the system chooses"},
        context.sender_wildcard_port_range);
    visitor.ports({"aeron.receiver.wildcard.port.range",
                   "ports of subscriptions' endpoints with port 0; 0 0: the system chooses"},
                  context.receiver_wildcard_port_range);
    visitor.flag({"cpperon.socket.segmentation.offload",
                  "let the kernel cut runs of datagrams out of large buffers, where it can"},
                 context.segmentation_offload);
    visitor.flag({"cpperon.socket.receive.offload", "let the kernel join runs of datagrams, where it can"},
                 context.receive_offload);

    visitor.section("Names");
    visitor.text({"aeron.name.resolver.supplier",
                  "default: the system's names; csv_table: a table; driver: what drivers tell each other"},
                 context.name_resolver_supplier);
    visitor.text(
        {"aeron.name.resolver.init.args", "the table: rows of name,host,host-after-re-resolution, separated by |"},
        context.name_resolver_args);
    visitor.text({"aeron.driver.resolver.name", "how other drivers call this one"}, context.resolver_name);
    visitor.text(
        {"aeron.driver.resolver.interface", "host:port on which it listens for them; with aeron.driver.resolver.name"},
        context.resolver_interface);
    visitor.text({"aeron.driver.resolver.bootstrap.neighbor",
                  "host:port of up to 20 drivers to begin with, separated by commas"},
                 context.resolver_bootstrap_neighbor);
    visitor.duration({"aeron.driver.resolver.neighbor.timeout", "when a silent neighbour is forgotten"},
                     context.resolver_neighbor_timeout, at_least_one_millisecond);
    visitor.duration({"aeron.driver.resolver.self.resolution.interval", "how often the driver tells its own name"},
                     context.resolver_self_resolution_interval, at_least_one_millisecond);
    visitor.duration({"aeron.driver.resolver.neighbor.resolution.interval", "how often it tells the names of others"},
                     context.resolver_neighbor_resolution_interval, at_least_one_millisecond);
    visitor.duration({"aeron.driver.resolver.bootstrap.neighbor.resolution.interval",
                      "how often the first neighbours are looked up while they are silent"},
                     context.resolver_bootstrap_neighbor_resolution_interval, at_least_one_millisecond);
    visitor.duration({"aeron.driver.reresolution.check.interval",
                      "how often the names of silent peers are looked up again; 0: never"},
                     context.re_resolution_check_interval, Bounds{});

    visitor.section("Timers, clients, resources");
    visitor.duration({"aeron.timer.interval", "of the driver's sign of life and all life cycles"},
                     context.timer_interval, at_least_one_microsecond);
    visitor.duration(
        {"aeron.client.liveness.timeout", "when a silent client is taken for dead; above aeron.timer.interval"},
        context.client_liveness_timeout, at_least_one_microsecond);
    visitor.duration({"aeron.counters.free.to.reuse.timeout",
                      "when the id of a freed counter may be given out again; in whole milliseconds, at least one"},
                     context.counters_free_to_reuse_timeout, Bounds{});
    visitor.integer(
        {"aeron.driver.resource.free.limit", "failed deletions of logs that are tried again per duty cycle"},
        context.resource_free_limit, Bounds{1, max_int32});

    visitor.section("Loss on purpose, for tests");
    visitor.text({"aeron.udp.channel.incoming.interceptors",
                  "loss, fixed-loss, multi-gap-loss, separated by commas; empty: none"},
                 context.incoming_interceptors);
    visitor.text({"aeron.udp.channel.outgoing.interceptors", "the same for what is sent"},
                 context.outgoing_interceptors);
    visitor.text(
        {"aeron.udp.channel.transport.bindings.loss.args", "of loss: rate=, seed=, recv-msg-mask=, separated by |"},
        context.loss_args);
    visitor.text(
        {"aeron.udp.channel.transport.bindings.fixed.loss.args", "of fixed-loss: term-id=, term-offset=, length="},
        context.fixed_loss_args);
    visitor.text({"aeron.udp.channel.transport.bindings.multi.gap.loss.args",
                  "of multi-gap-loss: term-id=, gap-radix=, gap-length=, total-gaps="},
                 context.multi_gap_loss_args);

    visitor.section("Event log");
    visitor.text({"aeron.event.log",
                  "what is logged: events by name or number, admin, all, a legacy mask such as 0xffff, separated by "
                  "commas; empty: nothing, at no cost"},
                 context.event_log);
    visitor.text({"aeron.event.log.disable", "what is taken away from that"}, context.event_log_disable);
    visitor.text({"aeron.event.log.filename", "appended to; empty: standard output"}, context.event_log_filename);
    visitor.size({"aeron.event.log.file.max.length",
                  "a file that got so long is put aside as .1, .2 and so on, and a new one begun; 0: never"},
                 context.event_log_file_max_length, Bounds{});
}

}  // namespace cpperon::driver
