/// The event log of one driver, as its settings ask for it: the ring and the reader. Assembled before everything that
/// logs. spec: 06 §22
#pragma once

#include <memory>

#include "cpperon/driver/context.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/driver/event_log/event_log_reader.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::driver {

class DriverEventLog {
public:
    /// `events`: at least one.
    DriverEventLog(EventSet events, const DriverContext& context);

    [[nodiscard]] EventLog& log() noexcept { return log_; }
    /// To be stepped.
    [[nodiscard]] Agent& reader() noexcept { return reader_; }

private:
    EventLog log_;
    EventLogReader reader_;
};

/// Null where nothing is to be logged. What the settings name and nobody knows goes to the context's warning handler.
/// `context`, with its clocks, outlives the result. Throws `IoError` where the file cannot be opened.
[[nodiscard]] std::unique_ptr<DriverEventLog> make_event_log(const DriverContext& context);

/// For those who log: null where there is no log.
[[nodiscard]] inline EventLog* log_of(const std::unique_ptr<DriverEventLog>& event_log) noexcept {
    return event_log ? &event_log->log() : nullptr;
}

/// `transport`, behind one that logs its datagrams if they are to be logged. `log` may be null, and outlives the
/// result.
[[nodiscard]] std::shared_ptr<net::UdpTransport> with_logged_frames(std::shared_ptr<net::UdpTransport> transport,
                                                                    EventLog* log);

}  // namespace cpperon::driver
