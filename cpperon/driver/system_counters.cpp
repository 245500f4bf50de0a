#include "cpperon/driver/system_counters.hpp"

#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/base/parse_value.hpp"
#include "cpperon/base/version.hpp"
#include "cpperon/shm/counters_manager.hpp"

namespace cpperon::driver {

namespace {

/// What is filled in: `{v}` version, `{c}` commit, `{m}` threading mode, `{ct}`, `{st}`, `{rt}` and `{nt}` the
/// thresholds of conductor, sender, receiver and name resolver, `{n}` the driver's name.
constexpr std::array<std::string_view, system_counter_count> label_formats{
    "Bytes sent",
    "Bytes received",
    "Failed offers to ReceiverProxy",
    "Failed offers to SenderProxy",
    "Failed offers to DriverConductorProxy",
    "NAKs sent",
    "NAKs received",
    "Status Messages sent",
    "Status Messages received",
    "Heartbeats sent",
    "Heartbeats received",
    "Retransmits sent",
    "Flow control under runs",
    "Flow control over runs",
    "Invalid packets",
    "Errors: version={v} commit={c}",
    "Short sends",
    "Failed attempts to free log buffers",
    "Sender flow control limits, i.e. back-pressure events",
    "Unblocked Publications",
    "Unblocked Control Commands",
    "Possible TTL Asymmetry",
    "ControllableIdleStrategy status",
    "Loss gap fills",
    "Client liveness timeouts",
    "Resolution changes: driverName={n}",
    "Conductor max cycle time doing its work in ns: {m}",
    "Conductor work cycle exceeded threshold count: threshold={ct} {m}",
    "Sender max cycle time doing its work in ns: {m}",
    "Sender work cycle exceeded threshold count: threshold={st} {m}",
    "Receiver max cycle time doing its work in ns: {m}",
    "Receiver work cycle exceeded threshold count: threshold={rt} {m}",
    "NameResolver max time in ns",
    "NameResolver exceeded threshold count: threshold={nt}",
    "Aeron software: version={v} commit={c}",
    "Bytes currently mapped",
    "Retransmitted bytes",
    "Retransmit Pool Overflow count",
    "Error Frames received",
    "Error Frames sent",
    "Publications Revoked",
    "Publication Images Revoked",
    "Images rejected",
    "Control protocol version",
    "Status Messages rejected",
    "Failed offers to NativeResourceAgentProxy",
};

/// Raised by more than one agent. spec: 06 §18
constexpr bool is_shared(const SystemCounter counter) noexcept {
    return counter == SystemCounter::invalid_packets || counter == SystemCounter::errors ||
           counter == SystemCounter::short_sends || counter == SystemCounter::error_frames_sent;
}

}  // namespace

std::string label_of(const SystemCounter counter, const SystemCounterLabels& labels) {
    return fmt::format(fmt::runtime(label_formats[static_cast<std::size_t>(counter)]), fmt::arg("v", version_text),
                       fmt::arg("c", build_commit()), fmt::arg("m", to_string(labels.threading_mode)),
                       fmt::arg("ct", format_duration(labels.conductor_cycle_threshold.count())),
                       fmt::arg("st", format_duration(labels.sender_cycle_threshold.count())),
                       fmt::arg("rt", format_duration(labels.receiver_cycle_threshold.count())),
                       fmt::arg("nt", format_duration(labels.name_resolver_threshold.count())),
                       fmt::arg("n", labels.resolver_name));
}

SystemCounters::SystemCounters(shm::CountersManager& manager, const SystemCounterLabels& labels) : manager_(manager) {
    for (std::int32_t id = 0; id < system_counter_count; ++id) {
        std::array<std::byte, sizeof id> key{};
        std::memcpy(key.data(), &id, sizeof id);
        const auto counter = static_cast<SystemCounter>(id);
        const auto allocated = manager.allocate(
            {.type_id = 0, .key = key, .label = label_of(counter, labels), .registration_id = id, .owner_id = -1});
        if (allocated != id) {
            throw InvalidArgumentError(fmt::format(
                "the system counter {} would not get its own id: allocate the system counters before all others", id));
        }
        at(counter) = manager.counter(id);
    }
}

void SystemCounters::add(const SystemCounter counter, const std::int64_t delta) noexcept {
    if (is_shared(counter)) {
        at(counter).fetch_add(delta);
    } else {
        at(counter).add_release(delta);
    }
}

void SystemCounters::free() {
    for (std::int32_t id = 0; id < system_counter_count; ++id) {
        manager_.free(id);
    }
}

}  // namespace cpperon::driver
