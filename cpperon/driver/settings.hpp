/// The table of the driver's settings: property name, field, bounds, each once. Reading the environment, checking and
/// printing are visitors of it. Used while a driver starts. spec: 06 §3.4, 01 §11
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

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

/// `aeron.timer.interval` -> `AERON_TIMER_INTERVAL`. spec: 06 §3.1
[[nodiscard]] std::string environment_name(std::string_view property);

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
    visitor.idle("aeron.shared.idle.strategy", context.shared_idle);
    visitor.idle("aeron.driver.native.resource.agent.idle.strategy", context.native_resource_agent_idle);
    visitor.integer("aeron.conductor.cpu.affinity", context.conductor_cpu_affinity, Bounds{-1, 255});
    visitor.integer("aeron.driver.native.resource.agent.cpu.affinity", context.native_resource_agent_cpu_affinity,
                    Bounds{-1, 255});
    visitor.duration("aeron.driver.conductor.cycle.threshold", context.conductor_cycle_threshold, Bounds{});

    visitor.size("aeron.conductor.buffer.length", context.to_driver_buffer_length, Bounds{1'049'344, max_int32});
    visitor.size("aeron.clients.buffer.length", context.to_clients_buffer_length, Bounds{1'048'704, max_int32});
    visitor.size("aeron.counters.buffer.length", context.counters_buffer_length, Bounds{mebibyte, 500 * mebibyte});
    visitor.size("aeron.error.buffer.length", context.error_buffer_length, Bounds{4 * mebibyte, max_int32});
    visitor.size("aeron.loss.report.buffer.length", context.loss_report_buffer_length, Bounds{kibibyte, max_int32});
    visitor.size("aeron.file.page.size", context.file_page_size, Bounds{4 * kibibyte, gibibyte});
    visitor.size("aeron.ipc.term.buffer.length", context.ipc_term_length, Bounds{kibibyte, max_int32});
    visitor.flag("aeron.term.buffer.sparse.file", context.sparse_term_buffers);
    visitor.flag("aeron.perform.storage.checks", context.perform_storage_checks);
    visitor.size("aeron.low.file.store.warning.threshold", context.low_storage_warning_threshold, Bounds{});

    visitor.size("aeron.ipc.mtu.length", context.ipc_mtu_length, Bounds{32, 65'504});
    visitor.size("aeron.ipc.publication.term.window.length", context.ipc_publication_window_length,
                 Bounds{0, gibibyte});
    visitor.duration("aeron.publication.linger.timeout", context.publication_linger_timeout, at_least_one_microsecond);
    visitor.duration("aeron.publication.unblock.timeout", context.publication_unblock_timeout,
                     at_least_one_microsecond);
    visitor.integer("aeron.publication.reserved.session.id.low", context.reserved_session_id_low, any_int32);
    visitor.integer("aeron.publication.reserved.session.id.high", context.reserved_session_id_high, any_int32);

    visitor.duration("aeron.image.liveness.timeout", context.image_liveness_timeout, at_least_one_microsecond);
    visitor.flag("aeron.rejoin.stream", context.rejoin_stream);
    visitor.flag("aeron.tether.subscriptions", context.tether_subscriptions);
    visitor.duration("aeron.untethered.window.limit.timeout", context.untethered_window_limit_timeout, Bounds{});
    visitor.optional_duration("aeron.untethered.linger.timeout", context.untethered_linger_timeout, Bounds{});
    visitor.duration("aeron.untethered.resting.timeout", context.untethered_resting_timeout, Bounds{});

    visitor.duration("aeron.timer.interval", context.timer_interval, at_least_one_microsecond);
    visitor.duration("aeron.client.liveness.timeout", context.client_liveness_timeout, at_least_one_microsecond);
    visitor.duration("aeron.counters.free.to.reuse.timeout", context.counters_free_to_reuse_timeout, Bounds{});
    visitor.integer("aeron.driver.resource.free.limit", context.resource_free_limit, Bounds{1, max_int32});
}

}  // namespace cpperon::driver
