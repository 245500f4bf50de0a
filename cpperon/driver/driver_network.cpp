#include "cpperon/driver/driver_network.hpp"

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/random.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/net/filtered_transport.hpp"
#include "cpperon/net/loss_settings.hpp"
#include "cpperon/net/system_udp_transport.hpp"
#include "cpperon/shm/counters_manager.hpp"

namespace cpperon::driver {

namespace {

/// A message that is to be sent is not kept behind a system call that finds nothing, nor a peer for long.
constexpr std::int64_t sender_idle_poll_interval_ns = 5'000;
/// Where one thread steps sender and receiver. A receiver with a thread of its own asks in each cycle.
constexpr std::int64_t shared_receiver_poll_interval_ns = 1'000;

/// spec: 06 §2.3
std::string_view role(const DriverContext& context, const std::string_view classic, const std::string_view aeron_md) {
    return context.thread_naming == ThreadNaming::classic ? classic : aeron_md;
}

std::size_t to_batches(const std::int32_t io_vector_capacity) {
    return static_cast<std::size_t>(io_vector_capacity);
}

NanoClock& clock_of(const DriverNetwork::Parts& parts, CycleClock* const shared_clock) {
    return shared_clock != nullptr ? *shared_clock : *parts.context.nano_clock;
}

/// One direction of the socket buffers.
struct BufferCheck {
    std::string_view property;
    std::int64_t asked_for = 0;
    std::int64_t granted = 0;
    std::string_view system_limit;
    std::string_view holds_property;
    std::int64_t holds = 0;  ///< bytes that it must be able to hold
};

void check_buffer(const BufferCheck& check, const std::function<void(std::string_view)>& warn) {
    if (check.granted < check.holds) {
        throw InvalidArgumentError(fmt::format(
            "{}={} bytes do not fit into a socket's buffer of {} bytes ({}={}, 0 is the system's default): lower the "
            "one "
            "or raise the other, and {} of the system if need be",
            check.holds_property, check.holds, check.granted, check.property, check.asked_for, check.system_limit));
    }
    if (check.granted < check.asked_for) {
        warn(fmt::format("WARNING: {}={} bytes were asked for and the system grants {}: raise {} to at least {}",
                         check.property, check.asked_for, check.granted, check.system_limit, check.asked_for));
    }
}

/// The system's sockets, or others, perhaps behind interceptors.
class ChosenTransport {
public:
    explicit ChosenTransport(const DriverContext& context)
        : system_({.segmentation_offload = context.segmentation_offload, .receive_offload = context.receive_offload}),
          inner_(context.udp_transport != nullptr ? *context.udp_transport : system_) {
        net::SocketFilterFactory make_filters =
            net::make_filter_factory({.incoming_interceptors = context.incoming_interceptors,
                                      .outgoing_interceptors = context.outgoing_interceptors,
                                      .loss_args = context.loss_args,
                                      .fixed_loss_args = context.fixed_loss_args,
                                      .multi_gap_loss_args = context.multi_gap_loss_args,
                                      .endpoints = context.endpoint_loss},
                                     context.random != nullptr ? *context.random : random_)
                .value_or_throw();
        if (make_filters) {
            filtered_.emplace(inner_, std::move(make_filters));
        }
    }

    [[nodiscard]] net::UdpTransport& outermost() noexcept { return filtered_ ? *filtered_ : inner_; }

private:
    SystemRandomSource random_;
    net::SystemUdpTransport system_;
    net::UdpTransport& inner_;
    std::optional<net::FilteredTransport> filtered_;
};

}  // namespace

std::shared_ptr<net::UdpTransport> make_transport(const DriverContext& context) {
    auto transport = std::make_shared<ChosenTransport>(context);
    net::UdpTransport* const outermost = &transport->outermost();
    return {std::move(transport), outermost};
}

void check_socket_buffers(const DriverContext& context, net::UdpTransport& transport) {
    const net::SocketBufferLengths granted = transport.probe_buffers(
        {.send = context.socket_send_buffer_length, .receive = context.socket_receive_buffer_length});
    check_buffer({.property = "aeron.socket.so_sndbuf",
                  .asked_for = context.socket_send_buffer_length,
                  .granted = granted.send,
                  .system_limit = "net.core.wmem_max",
                  .holds_property = "aeron.mtu.length",
                  .holds = context.mtu_length},
                 context.warning_handler);
    check_buffer({.property = "aeron.socket.so_rcvbuf",
                  .asked_for = context.socket_receive_buffer_length,
                  .granted = granted.receive,
                  .system_limit = "net.core.rmem_max",
                  .holds_property = "aeron.rcv.initial.window.length",
                  .holds = context.receiver_window_length},
                 context.warning_handler);
}

DriverNetwork::DriverNetwork(const Parts& parts, CycleClock* const shared_clock)
    : names_(parts),
      sender_clock_(clock_of(parts, shared_clock)),
      sender_poller_(parts.transport.make_poller(to_batches(parts.context.sender_io_vector_capacity))),
      sender_context_{
          .nano_clock = sender_clock_,
          .epoch_clock = *parts.context.epoch_clock,
          .poller = *sender_poller_,
          .system_counters = parts.system_counters,
          .errors = parts.errors,
          .commands = sender_commands_,
          .events = sender_events_,
          .settings = {.status_message_timeout_ns = parts.context.status_message_timeout.count(),
                       .send_to_status_poll_ratio = parts.context.send_to_status_poll_ratio,
                       .re_resolution_check_interval_ns = parts.context.re_resolution_check_interval.count(),
                       .idle_poll_interval_ns = sender_idle_poll_interval_ns},
          .event_log = parts.event_log},
      sender_(sender_context_),
      tracked_sender_(role(parts.context, "sender", "aeron-md-snd"), sender_, sender_clock_,
                      DutyCycleTracker{{.max_cycle_time = SystemCounter::sender_max_cycle_time,
                                        .threshold_exceeded = SystemCounter::sender_cycle_time_threshold_exceeded,
                                        .threshold = parts.context.sender_cycle_threshold},
                                       parts.system_counters,
                                       sender_clock_.nano_time()},
                      shared_clock),
      receiver_clock_(clock_of(parts, shared_clock)),
      receiver_poller_(parts.transport.make_poller(to_batches(parts.context.receiver_io_vector_capacity))),
      receiver_context_{
          .nano_clock = receiver_clock_,
          .epoch_clock = *parts.context.epoch_clock,
          .poller = *receiver_poller_,
          .system_counters = parts.system_counters,
          .errors = parts.errors,
          .commands = receiver_commands_,
          .events = receiver_events_,
          .settings = {.status_message_timeout_ns = parts.context.status_message_timeout.count(),
                       .image_liveness_timeout_ns = parts.context.image_liveness_timeout.count(),
                       .stream_session_limit = parts.context.stream_session_limit,
                       .re_resolution_check_interval_ns = parts.context.re_resolution_check_interval.count(),
                       .poll_interval_ns = shared_clock != nullptr ? shared_receiver_poll_interval_ns : 0},
          .event_log = parts.event_log},
      receiver_(receiver_context_),
      tracked_receiver_(role(parts.context, "receiver", "aeron-md-rcv"), receiver_, receiver_clock_,
                        DutyCycleTracker{{.max_cycle_time = SystemCounter::receiver_max_cycle_time,
                                          .threshold_exceeded = SystemCounter::receiver_cycle_time_threshold_exceeded,
                                          .threshold = parts.context.receiver_cycle_threshold},
                                         parts.system_counters,
                                         receiver_clock_.nano_time()}) {}

DriverNetwork::~DriverNetwork() = default;

}  // namespace cpperon::driver
