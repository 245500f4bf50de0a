#include "cpperon/driver/event_log/driver_event_log.hpp"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cpperon/driver/event_log/event_selection.hpp"
#include "cpperon/driver/event_log/logged_transport.hpp"

namespace cpperon::driver {

namespace {

EventSet selected(const DriverContext& context, const std::string_view property, const std::string_view value) {
    return parse_event_selection(value, [&](const std::string_view item) {
        context.warning_handler(
            fmt::format("WARNING: {}: unknown event code: '{}' is left out; allowed are names, for example "
                        "CMD_IN_ADD_PUBLICATION, numbers, all, admin and masks",
                        property, item));
    });
}

/// A transport and what it works on.
class LoggedChain {
public:
    LoggedChain(std::shared_ptr<net::UdpTransport> inner, EventLog& log) noexcept
        : inner_(std::move(inner)), outer_(*inner_, log) {}
    [[nodiscard]] net::UdpTransport& outer() noexcept { return outer_; }

private:
    std::shared_ptr<net::UdpTransport> inner_;
    LoggedTransport outer_;
};

}  // namespace

DriverEventLog::DriverEventLog(const EventSet events, const DriverContext& context)
    : log_(events, *context.nano_clock),
      reader_(log_, {.path = context.event_log_filename, .max_length = context.event_log_file_max_length},
              *context.epoch_clock) {}

std::unique_ptr<DriverEventLog> make_event_log(const DriverContext& context) {
    EventSet events = selected(context, "aeron.event.log", context.event_log);
    events.remove(selected(context, "aeron.event.log.disable", context.event_log_disable));
    if (events.is_empty()) {
        return nullptr;
    }
    return std::make_unique<DriverEventLog>(events, context);
}

std::shared_ptr<net::UdpTransport> with_logged_frames(std::shared_ptr<net::UdpTransport> transport,
                                                      EventLog* const log) {
    if (log == nullptr || (!log->is_on(EventId::frame_in) && !log->is_on(EventId::frame_out))) {
        return transport;
    }
    auto chain = std::make_shared<LoggedChain>(std::move(transport), *log);
    net::UdpTransport* const outer = &chain->outer();
    return {std::move(chain), outer};
}

}  // namespace cpperon::driver
