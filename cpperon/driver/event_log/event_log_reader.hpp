/// The agent that prints what was logged: takes events from the ring, makes lines of them and writes those. On a thread
/// of its own, or with the rest of the driver where the program steps it. spec: 06 §22
#pragma once

#include <string_view>

#include "cpperon/base/agent.hpp"
#include "cpperon/driver/event_log/event_log.hpp"
#include "cpperon/driver/event_log/event_log_output.hpp"

namespace cpperon {
class EpochClock;
}  // namespace cpperon

namespace cpperon::driver {

class EventLogReader final : public Agent {
public:
    /// `log` and `epoch_clock` outlive the object. Throws `IoError` where the file cannot be opened.
    EventLogReader(EventLog& log, EventLogFileSpec file, EpochClock& epoch_clock);

    /// Says that the log starts.
    void on_start() override;
    /// Prints what there is, of a full ring a part. Throws `IoError` where it cannot be written; it is lost then.
    int do_work() override;
    /// Prints what is left: when nobody logs any longer.
    void on_close() override;
    [[nodiscard]] std::string_view role_name() const noexcept override { return "event-log"; }

private:
    void print_start();
    void print(EventId id, std::span<const std::byte> record);

    EventLog& log_;
    EventLogOutput output_;
    EpochClock& epoch_clock_;
};

}  // namespace cpperon::driver
