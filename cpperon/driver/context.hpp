/// Everything that shapes a media driver, in one aggregate: written by whoever starts it, read by its agents.
/// spec: 06 §3, 01 §11
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cpperon/base/environment.hpp"
#include "cpperon/net/loss_settings.hpp"
#include "cpperon/net/port_manager.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon::net {
class NameResolver;
class UdpTransport;
}  // namespace cpperon::net

namespace cpperon {

class EpochClock;
class NanoClock;
class RandomSource;

/// Which agents share a thread. spec: 06 §2.2
enum class ThreadingMode {
    dedicated,       ///< conductor, sender, receiver and native resource agent have a thread each
    shared_network,  ///< as `dedicated`, with one thread for sender and receiver
    shared,          ///< one thread for everything
    invoker,         ///< no thread: the program calls `do_work()`
};

/// `DEDICATED`, `SHARED_NETWORK`, `SHARED`, `INVOKER`: as settings spell it and counter labels carry it.
[[nodiscard]] std::string_view to_string(ThreadingMode mode) noexcept;

/// How the driver's threads are called in `top` and debuggers. spec: 06 §2.3
enum class ThreadNaming {
    classic,   ///< `conductor`, `[conductor, sender, receiver]`
    aeron_md,  ///< `new` in settings: `aeron-md-cnd`, `aeron-md-shd`
};

/// An idle strategy as settings name it; unknown names and malformed arguments fail the start. spec: 01 §10
struct IdleSetting {
    /// `backoff`, `sleep-ns`, `yield`, `spin`, `noop`, one of their aliases, or `controllable`: as system counter 22
    /// says.
    std::string name = "backoff";
    std::string args;  ///< empty: the strategy's defaults
};

/// How congestion control of images is chosen. spec: 04 §10
enum class CongestionControlSupplier {
    by_channel,     ///< `default`: as the channel's `cc` says, otherwise a static window
    static_window,  ///< `static`
    cubic,          ///< `cubic`
};

/// Decides whether a client that sent `token` may terminate the driver. Called by the conductor. spec: 06 §6.2
using TerminationValidator = std::function<bool(std::span<const std::byte> token)>;

/// The settings of a media driver. Each has the default of the reference driver; what is out of range, or contradicts
/// another setting, fails the start with an `InvalidArgumentError` before anything on disk is touched.
///
///     cpperon::MediaDriver driver{{.directory = "/dev/shm/orders", .delete_directory_on_shutdown = true}};
///
/// The comment at each setting names its property; the environment variable is the same in upper case with `_` for
/// `.`. Only `from_environment` looks at those. Each has an initialiser, so that compilers do not warn of those that a
/// program leaves out.
struct DriverContext {  // NOLINT(clang-analyzer-optin.performance.Padding): the order is for the reader
    /// The defaults, overridden by the `AERON_*` variables that `environment` holds. Numbers out of bounds are moved to
    /// the nearest bound; what cannot be read goes as one line to `warning_handler`, and the default stays. Throws
    /// `InvalidArgumentError` for an unknown idle strategy or termination validator. spec: 06 §3.1, §3.3
    [[nodiscard]] static DriverContext from_environment(const EnvironmentLookup& environment = process_environment(),
                                                        std::function<void(std::string_view)> warning_handler = {});

    // The directory and the program. spec: 06 §3.4

    /// `aeron.dir`. Empty: `/dev/shm/aeron-<user>`; an `EmbeddedDriver` then takes one of its own.
    std::string directory{};
    /// `aeron.dir.warn.if.exists`.
    bool warn_if_directory_exists = false;
    /// `aeron.dir.delete.on.start`: do not ask whether a driver is alive on it.
    bool delete_directory_on_start = false;
    /// `aeron.dir.delete.on.shutdown`.
    bool delete_directory_on_shutdown = false;
    /// `aeron.driver.timeout`, plain milliseconds or with a unit: a driver whose last sign of life is not older than
    /// this counts as alive.
    std::chrono::milliseconds driver_timeout{10'000};
    /// `aeron.print.configuration`: to standard output, once the CnC file is complete.
    bool print_configuration = false;
    /// `aeron.driver.termination.validator`: `deny` or `allow`. Empty: deny.
    TerminationValidator termination_validator{};
    /// Called by the conductor when a validated termination arrives. It may set a flag; it must not close the driver.
    std::function<void()> termination_hook{};
    /// Takes warnings that come up while the driver starts, one line each. Empty: standard error.
    std::function<void(std::string_view)> warning_handler{};

    // Threads. spec: 06 §2.2 to §2.6

    /// `aeron.threading.mode`. Unset: `dedicated`; with an `EmbeddedDriver`: `shared`.
    std::optional<ThreadingMode> threading_mode{};
    /// `aeron.thread.naming`.
    ThreadNaming thread_naming = ThreadNaming::classic;
    /// `aeron.conductor.idle.strategy`, `.init.args`: with `dedicated` and `shared_network`.
    IdleSetting conductor_idle{};
    /// `aeron.sender.idle.strategy`, `aeron.receiver.idle.strategy`, `.init.args`: with `dedicated`.
    IdleSetting sender_idle{};
    IdleSetting receiver_idle{};
    /// `aeron.sharednetwork.idle.strategy`, `.init.args`: with `shared_network`.
    IdleSetting shared_network_idle{};
    /// `aeron.shared.idle.strategy`, `.init.args`: with `shared` and `invoker`.
    IdleSetting shared_idle{};
    /// `aeron.driver.native.resource.agent.idle.strategy`, `.init.args`: with `dedicated` and `shared_network`.
    IdleSetting native_resource_agent_idle{.name = "sleep-ns", .args = "1ms"};
    /// `aeron.conductor.cpu.affinity`: CPU of the conductor's or the shared thread, 0 to 255; -1: none.
    std::int32_t conductor_cpu_affinity = -1;
    /// `aeron.sender.cpu.affinity`: of the sender's or the network thread; `aeron.receiver.cpu.affinity`.
    std::int32_t sender_cpu_affinity = -1;
    std::int32_t receiver_cpu_affinity = -1;
    /// `aeron.driver.native.resource.agent.cpu.affinity`.
    std::int32_t native_resource_agent_cpu_affinity = -1;
    /// `aeron.driver.cpuset.affinity`: the numbers above count within the process's cgroup v2 cpuset, from 0.
    bool cpuset_affinity = false;
    /// `aeron.driver.cpuset.warnings.as.errors`: no start with a cpuset that spans caches or lacks hardware threads.
    bool cpuset_warnings_as_errors = false;
    /// Called on each thread of the driver, with the role's name, before its first duty cycle.
    std::function<void(std::string_view role)> on_agent_start{};
    /// `aeron.driver.conductor.cycle.threshold`: a longer duty cycle is counted (system counter 27).
    std::chrono::nanoseconds conductor_cycle_threshold{std::chrono::milliseconds{100}};
    /// `aeron.driver.sender.cycle.threshold`, `aeron.driver.receiver.cycle.threshold`: system counters 29 and 31.
    std::chrono::nanoseconds sender_cycle_threshold{std::chrono::milliseconds{100}};
    std::chrono::nanoseconds receiver_cycle_threshold{std::chrono::milliseconds{100}};
    /// `aeron.driver.name.resolver.threshold`: of one name resolution, system counter 33.
    std::chrono::nanoseconds name_resolver_threshold{std::chrono::seconds{5}};

    // Shared memory and storage; lengths in bytes. spec: 01 §11, 06 §15

    /// `aeron.conductor.buffer.length`: a power of two + 768.
    std::int64_t to_driver_buffer_length = 1'049'344;
    /// `aeron.clients.buffer.length`: a power of two + 128.
    std::int64_t to_clients_buffer_length = 1'048'704;
    /// `aeron.counters.buffer.length`: of the values, 128 per counter.
    std::int64_t counters_buffer_length = 8'388'608;
    /// `aeron.error.buffer.length`.
    std::int64_t error_buffer_length = 4'194'304;
    /// `aeron.loss.report.buffer.length`: rounded up to the page size.
    std::int64_t loss_report_buffer_length = 1'048'576;
    /// `aeron.file.page.size`: a power of two from 4 KiB to 1 GiB.
    std::int64_t file_page_size = 4'096;
    /// `aeron.term.buffer.length`, of network publications, and `aeron.ipc.term.buffer.length`: a power of two from
    /// 64 KiB to 1 GiB.
    std::int64_t term_length = 16'777'216;
    std::int64_t ipc_term_length = 67'108'864;
    /// `aeron.term.buffer.sparse.file`: otherwise the space of logs is allocated and touched before use.
    bool sparse_term_buffers = true;
    /// `aeron.perform.storage.checks`.
    bool perform_storage_checks = true;
    /// `aeron.low.file.store.warning.threshold`.
    std::int64_t low_storage_warning_threshold = 167'772'160;

    // Publications. spec: 06 §8, §9

    /// `aeron.mtu.length`, of network publications, and `aeron.ipc.mtu.length`: a multiple of 32, above 32 and up to
    /// 65,504.
    std::int64_t mtu_length = 1'408;
    std::int64_t ipc_mtu_length = 1'408;
    /// `aeron.publication.term.window.length`, `aeron.ipc.publication.term.window.length`: 0: half a term.
    std::int64_t publication_window_length = 0;
    std::int64_t ipc_publication_window_length = 0;
    /// `aeron.publication.connection.timeout`: a receiver that is silent for longer no longer counts.
    std::chrono::nanoseconds publication_connection_timeout{std::chrono::seconds{5}};
    /// `aeron.spies.simulate.connection`.
    bool spies_simulate_connection = false;
    /// `aeron.network.publication.max.messages.per.send`: of one publication in one duty cycle. With segmentation
    /// offload a message is a run of datagrams.
    std::int32_t network_publication_max_messages_per_send = 4;
    /// `aeron.publication.linger.timeout`.
    std::chrono::nanoseconds publication_linger_timeout{std::chrono::seconds{5}};
    /// `aeron.publication.unblock.timeout`: above the client liveness timeout.
    std::chrono::nanoseconds publication_unblock_timeout{std::chrono::seconds{15}};
    /// `aeron.publication.reserved.session.id.low` and `.high`: inclusive; never given out by the driver.
    std::int32_t reserved_session_id_low = -1;
    std::int32_t reserved_session_id_high = 1'000;

    // Subscriptions and images. spec: 06 §11, §12

    /// `aeron.rcv.initial.window.length`: at most half a term of each image is used.
    std::int64_t receiver_window_length = 131'072;
    /// `aeron.rcv.status.message.timeout`: the longest time between two status messages.
    std::chrono::nanoseconds status_message_timeout{std::chrono::milliseconds{200}};
    /// `aeron.reliable.stream`.
    bool reliable_stream = true;
    /// `aeron.receiver.group.consideration`.
    GroupConsideration receiver_group_consideration = GroupConsideration::infer;
    /// `aeron.receiver.group.tag`: sent in status messages.
    std::optional<std::int64_t> receiver_group_tag{};
    /// `aeron.driver.stream.session.limit`: images of one stream on one endpoint.
    std::int32_t stream_session_limit = 2'147'483'647;
    /// `aeron.image.liveness.timeout`: also how long a rejected IPC subscriber stays away.
    std::chrono::nanoseconds image_liveness_timeout{std::chrono::seconds{10}};
    /// `aeron.rejoin.stream`.
    bool rejoin_stream = true;
    /// `aeron.tether.subscriptions`.
    bool tether_subscriptions = true;
    /// `aeron.untethered.window.limit.timeout`.
    std::chrono::nanoseconds untethered_window_limit_timeout{std::chrono::seconds{5}};
    /// `aeron.untethered.linger.timeout`. Unset: the effective window limit timeout.
    std::optional<std::chrono::nanoseconds> untethered_linger_timeout{};
    /// `aeron.untethered.resting.timeout`.
    std::chrono::nanoseconds untethered_resting_timeout{std::chrono::seconds{10}};

    // Loss recovery, flow and congestion control. spec: 04 §4, §8 to §10

    /// `aeron.nak.unicast.delay`, and `aeron.nak.unicast.retry.delay.ratio`: times the delay, between repetitions.
    std::chrono::nanoseconds nak_unicast_delay{std::chrono::microseconds{1}};
    std::int64_t nak_unicast_retry_delay_ratio = 100;
    /// `aeron.nak.multicast.group.size`, `aeron.nak.multicast.max.backoff`: the model behind the random delay.
    std::int32_t nak_multicast_group_size = 10;
    std::chrono::nanoseconds nak_multicast_max_backoff{std::chrono::milliseconds{10}};
    /// `aeron.retransmit.unicast.delay`, `aeron.retransmit.unicast.linger`: of all channels, in spite of the name.
    std::chrono::nanoseconds retransmit_unicast_delay{0};
    std::chrono::nanoseconds retransmit_unicast_linger{std::chrono::milliseconds{10}};
    /// `aeron.max.resend`: retransmits at a time, on channels with group semantics.
    std::int32_t max_resend = 16;
    /// `aeron.unicast.flowcontrol.supplier`, `aeron.multicast.flowcontrol.supplier`: `unicast_max`, `multicast_max`,
    /// `multicast_min`, `multicast_tagged`.
    uri::FlowControlStrategy unicast_flow_control = uri::FlowControlStrategy::max;
    uri::FlowControlStrategy multicast_flow_control = uri::FlowControlStrategy::max;
    /// `aeron.flow.control.group.tag`, `aeron.flow.control.group.min.size`, `aeron.flow.control.receiver.timeout`.
    std::int64_t flow_control_group_tag = -1;
    std::int32_t flow_control_group_min_size = 0;
    std::chrono::nanoseconds flow_control_receiver_timeout{std::chrono::seconds{5}};
    /// `aeron.unicast.flow.control.rrwm`, `aeron.multicast.flow.control.rrwm`: a retransmit is at most this many
    /// receiver windows long.
    std::int32_t unicast_retransmit_receiver_window_multiple = 16;
    std::int32_t multicast_retransmit_receiver_window_multiple = 4;
    /// `aeron.congestioncontrol.supplier`.
    CongestionControlSupplier congestion_control = CongestionControlSupplier::by_channel;
    /// `aeron.cubiccongestioncontrol.measurertt`, `.initialrtt`, `.tcpmode`.
    bool cubic_measures_rtt = false;
    std::chrono::nanoseconds cubic_initial_rtt{std::chrono::microseconds{100}};
    bool cubic_tcp_mode = false;

    // Sockets. spec: 04 §5, 06 §13

    /// `aeron.socket.so_rcvbuf`, `aeron.socket.so_sndbuf`: 0: the system's default.
    std::int64_t socket_receive_buffer_length = 131'072;
    std::int64_t socket_send_buffer_length = 0;
    /// `aeron.socket.multicast.ttl`: 0: the system's default.
    std::int32_t socket_multicast_ttl = 0;
    /// `aeron.driver.connect`: whether sockets that send to one address are connected to it.
    bool connect_send_sockets = true;
    /// `aeron.send.to.status.poll.ratio`: duty cycles that sent something, to one look at what receivers say.
    std::int32_t send_to_status_poll_ratio = 6;
    /// `aeron.sender.io.vector.capacity`, `aeron.receiver.io.vector.capacity`: messages per look at a socket.
    std::int32_t sender_io_vector_capacity = 4;
    std::int32_t receiver_io_vector_capacity = 4;
    /// `aeron.sender.wildcard.port.range`, `aeron.receiver.wildcard.port.range`: `low high`.
    net::PortRange sender_wildcard_port_range{};
    net::PortRange receiver_wildcard_port_range{};
    /// `cpperon.socket.segmentation.offload`, `cpperon.socket.receive.offload`: let the kernel cut runs of datagrams
    /// out of large buffers and join them again, where it can. What is on the wire stays the same.
    bool segmentation_offload = true;
    bool receive_offload = true;

    // Names. spec: 04 §13, 06 §16

    /// `aeron.name.resolver.supplier`: `default`, `csv_table`, `driver`; `aeron.name.resolver.init.args`: the table.
    std::string name_resolver_supplier = "default";
    std::string name_resolver_args{};
    /// `aeron.driver.resolver.name`, `.interface` (`host:port`), `.bootstrap.neighbor` (up to 20, separated by commas).
    std::string resolver_name{};
    std::string resolver_interface{};
    std::string resolver_bootstrap_neighbor{};
    /// `aeron.driver.resolver.neighbor.timeout`, `.self.resolution.interval`, `.neighbor.resolution.interval`,
    /// `.bootstrap.neighbor.resolution.interval`.
    std::chrono::nanoseconds resolver_neighbor_timeout{std::chrono::seconds{10}};
    std::chrono::nanoseconds resolver_self_resolution_interval{std::chrono::seconds{1}};
    std::chrono::nanoseconds resolver_neighbor_resolution_interval{std::chrono::seconds{2}};
    std::chrono::nanoseconds resolver_bootstrap_neighbor_resolution_interval{std::chrono::seconds{10}};
    /// `aeron.driver.reresolution.check.interval`: 0: names are resolved once.
    std::chrono::nanoseconds re_resolution_check_interval{std::chrono::seconds{1}};

    // Loss on purpose, for tests. spec: 06 §21

    /// `aeron.udp.channel.incoming.interceptors`, `.outgoing.interceptors`: names separated by commas.
    std::string incoming_interceptors{};
    std::string outgoing_interceptors{};
    /// `aeron.udp.channel.transport.bindings.loss.args`, `.fixed.loss.args`, `.multi.gap.loss.args`.
    std::string loss_args{};
    std::string fixed_loss_args{};
    std::string multi_gap_loss_args{};
    /// By default none, whatever the environment says: a program that wants it takes it from `net::read_endpoint_loss`.
    net::EndpointLoss endpoint_loss{};

    // Timers, clients, resources. spec: 06 §7

    /// `aeron.timer.interval`: of the conductor's heartbeat and all life cycles.
    std::chrono::nanoseconds timer_interval{std::chrono::seconds{1}};
    /// `aeron.client.liveness.timeout`: above the timer interval.
    std::chrono::nanoseconds client_liveness_timeout{std::chrono::seconds{10}};
    /// `aeron.counters.free.to.reuse.timeout`: used in whole milliseconds, at least one.
    std::chrono::nanoseconds counters_free_to_reuse_timeout{std::chrono::seconds{1}};
    /// `aeron.driver.resource.free.limit`: failed deletions of logs tried again per duty cycle.
    std::int32_t resource_free_limit = 1;

    // The event log: what the driver does, line by line. spec: 06 §22

    /// `aeron.event.log`: names, numbers, `all`, `admin`, masks, separated by commas; empty: nothing is logged.
    /// `aeron.event.log.disable`: what is taken away from that.
    std::string event_log{};
    std::string event_log_disable{};
    /// `aeron.event.log.filename`: appended to. Empty: standard output.
    std::string event_log_filename{};
    /// `aeron.event.log.file.max.length`: a file that got so long is put aside as `<file>.1` and so on. 0: never.
    std::int64_t event_log_file_max_length = 0;

    // The world, for tests and simulations. Null: the system's. They outlive the driver and may be called from each of
    // its threads, the random source from the conductor's only.

    NanoClock* nano_clock = nullptr;
    EpochClock* epoch_clock = nullptr;
    RandomSource* random = nullptr;
    /// Instead of the system's sockets.
    net::UdpTransport* udp_transport = nullptr;
    /// Instead of what `name_resolver_supplier` says.
    net::NameResolver* name_resolver = nullptr;
};

/// Throws `InvalidArgumentError` for the first setting that is out of range or contradicts another: it names the
/// setting, its value, what is allowed and what to do. Touches nothing. spec: 06 §3.5
void validate(const DriverContext& context);

/// One line per effective setting, in base units, as printed at start when asked for. spec: 06 §3.6
[[nodiscard]] std::string describe(const DriverContext& context);

}  // namespace cpperon
