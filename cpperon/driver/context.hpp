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

namespace cpperon {

class EpochClock;
class NanoClock;
class RandomSource;

/// Which agents share a thread. spec: 06 §2.2
enum class ThreadingMode {
    dedicated,       ///< the conductor and the native resource agent have a thread each
    shared_network,  ///< as `dedicated`, with one thread for what moves datagrams
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
    std::string name = "backoff";  ///< `backoff`, `sleep-ns`, `yield`, `spin`, `noop`, or one of their aliases
    std::string args;              ///< empty: the strategy's defaults
};

/// Decides whether a client that sent `token` may terminate the driver. Called by the conductor. spec: 06 §6.2
using TerminationValidator = std::function<bool(std::span<const std::byte> token)>;

/// The settings of a media driver. Each has the default of the reference driver; what is out of range, or contradicts
/// another setting, fails the start with an `InvalidArgumentError` before anything on disk is touched.
///
///     cpperon::MediaDriver driver{{.directory = "/dev/shm/orders", .delete_directory_on_shutdown = true}};
///
/// The comment at each setting names its property; the environment variable is the same in upper case with `_` for
/// `.`. Only `from_environment` looks at those.
struct DriverContext {  // NOLINT(clang-analyzer-optin.performance.Padding): the order is for the reader
    /// The defaults, overridden by the `AERON_*` variables that `environment` holds. Numbers out of bounds are moved to
    /// the nearest bound; what cannot be read goes as one line to `warning_handler`, and the default stays. Throws
    /// `InvalidArgumentError` for an unknown idle strategy or termination validator. spec: 06 §3.1, §3.3
    [[nodiscard]] static DriverContext from_environment(const EnvironmentLookup& environment = process_environment(),
                                                        std::function<void(std::string_view)> warning_handler = {});

    // The directory and the program. spec: 06 §3.4

    /// `aeron.dir`. Empty: `/dev/shm/aeron-<user>`; an `EmbeddedDriver` then takes one of its own.
    std::string directory;
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
    TerminationValidator termination_validator;
    /// Called by the conductor when a validated termination arrives. It may set a flag; it must not close the driver.
    std::function<void()> termination_hook;
    /// Takes warnings that come up while the driver starts, one line each. Empty: standard error.
    std::function<void(std::string_view)> warning_handler;

    // Threads. spec: 06 §2.2 to §2.6

    /// `aeron.threading.mode`. Unset: `dedicated`; with an `EmbeddedDriver`: `shared`.
    std::optional<ThreadingMode> threading_mode;
    /// `aeron.thread.naming`.
    ThreadNaming thread_naming = ThreadNaming::classic;
    /// `aeron.conductor.idle.strategy`, `.init.args`: with `dedicated` and `shared_network`.
    IdleSetting conductor_idle;
    /// `aeron.shared.idle.strategy`, `.init.args`: with `shared` and `invoker`.
    IdleSetting shared_idle;
    /// `aeron.driver.native.resource.agent.idle.strategy`, `.init.args`: with `dedicated` and `shared_network`.
    IdleSetting native_resource_agent_idle{.name = "sleep-ns", .args = "1ms"};
    /// `aeron.conductor.cpu.affinity`: CPU of the conductor's or the shared thread, 0 to 255; -1: none.
    std::int32_t conductor_cpu_affinity = -1;
    /// `aeron.driver.native.resource.agent.cpu.affinity`.
    std::int32_t native_resource_agent_cpu_affinity = -1;
    /// Called on each thread of the driver, with the role's name, before its first duty cycle.
    std::function<void(std::string_view role)> on_agent_start;
    /// `aeron.driver.conductor.cycle.threshold`: a longer duty cycle is counted (system counter 27).
    std::chrono::nanoseconds conductor_cycle_threshold{std::chrono::milliseconds{100}};

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
    /// `aeron.ipc.term.buffer.length`: a power of two from 64 KiB to 1 GiB.
    std::int64_t ipc_term_length = 67'108'864;
    /// `aeron.term.buffer.sparse.file`: otherwise the space of logs is allocated and touched before use.
    bool sparse_term_buffers = true;
    /// `aeron.perform.storage.checks`.
    bool perform_storage_checks = true;
    /// `aeron.low.file.store.warning.threshold`.
    std::int64_t low_storage_warning_threshold = 167'772'160;

    // Publications. spec: 06 §8, §9

    /// `aeron.ipc.mtu.length`: a multiple of 32, above 32 and up to 65,504.
    std::int64_t ipc_mtu_length = 1'408;
    /// `aeron.ipc.publication.term.window.length`: 0: half a term.
    std::int64_t ipc_publication_window_length = 0;
    /// `aeron.publication.linger.timeout`.
    std::chrono::nanoseconds publication_linger_timeout{std::chrono::seconds{5}};
    /// `aeron.publication.unblock.timeout`: above the client liveness timeout.
    std::chrono::nanoseconds publication_unblock_timeout{std::chrono::seconds{15}};
    /// `aeron.publication.reserved.session.id.low` and `.high`: inclusive; never given out by the driver.
    std::int32_t reserved_session_id_low = -1;
    std::int32_t reserved_session_id_high = 1'000;

    // Subscriptions. spec: 06 §11.6, §12

    /// `aeron.image.liveness.timeout`: also how long a rejected IPC subscriber stays away.
    std::chrono::nanoseconds image_liveness_timeout{std::chrono::seconds{10}};
    /// `aeron.rejoin.stream`.
    bool rejoin_stream = true;
    /// `aeron.tether.subscriptions`.
    bool tether_subscriptions = true;
    /// `aeron.untethered.window.limit.timeout`.
    std::chrono::nanoseconds untethered_window_limit_timeout{std::chrono::seconds{5}};
    /// `aeron.untethered.linger.timeout`. Unset: the effective window limit timeout.
    std::optional<std::chrono::nanoseconds> untethered_linger_timeout;
    /// `aeron.untethered.resting.timeout`.
    std::chrono::nanoseconds untethered_resting_timeout{std::chrono::seconds{10}};

    // Timers, clients, resources. spec: 06 §7

    /// `aeron.timer.interval`: of the conductor's heartbeat and all life cycles.
    std::chrono::nanoseconds timer_interval{std::chrono::seconds{1}};
    /// `aeron.client.liveness.timeout`: above the timer interval.
    std::chrono::nanoseconds client_liveness_timeout{std::chrono::seconds{10}};
    /// `aeron.counters.free.to.reuse.timeout`: used in whole milliseconds, at least one.
    std::chrono::nanoseconds counters_free_to_reuse_timeout{std::chrono::seconds{1}};
    /// `aeron.driver.resource.free.limit`: failed deletions of logs tried again per duty cycle.
    std::int32_t resource_free_limit = 1;

    // The world, for tests and simulations. Null: the system's. They outlive the driver and may be called from each of
    // its threads, the random source from the conductor's only.

    NanoClock* nano_clock = nullptr;
    EpochClock* epoch_clock = nullptr;
    RandomSource* random = nullptr;
};

/// Throws `InvalidArgumentError` for the first setting that is out of range or contradicts another: it names the
/// setting, its value, what is allowed and what to do. Touches nothing. spec: 06 §3.5
void validate(const DriverContext& context);

/// One line per effective setting, in base units, as printed at start when asked for. spec: 06 §3.6
[[nodiscard]] std::string describe(const DriverContext& context);

}  // namespace cpperon
