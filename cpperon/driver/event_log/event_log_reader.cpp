#include "cpperon/driver/event_log/event_log_reader.hpp"

#include <utility>

#include "cpperon/base/clock.hpp"
#include "cpperon/driver/event_log/event_format.hpp"

namespace cpperon::driver {

namespace {

/// Of one duty cycle.
constexpr int max_events = 1'000;

}  // namespace

EventLogReader::EventLogReader(EventLog& log, EventLogFileSpec file, EpochClock& epoch_clock)
    : log_(log), output_(std::move(file)), epoch_clock_(epoch_clock) {}

void EventLogReader::on_start() {
    print_start();
    output_.flush();
}

int EventLogReader::do_work() {
    int work_count = log_.consume(
        [this](const EventId id, const std::span<const std::byte> record) { print(id, record); }, max_events);
    if (const std::int64_t dropped = log_.take_dropped(); dropped > 0) {
        output_.append(format_dropped(log_.now_ns(), dropped));
        ++work_count;
    }
    if (work_count > 0) {
        output_.flush();
    }
    return work_count;
}

void EventLogReader::on_close() {
    while (!log_.is_empty()) {
        do_work();
    }
    do_work();
}

void EventLogReader::print(const EventId id, const std::span<const std::byte> record) {
    output_.append(format_event(id, record));
    if (output_.is_full()) {
        output_.roll();
        print_start();
    }
}

void EventLogReader::print_start() {
    output_.append(format_start(log_.now_ns(), epoch_clock_.epoch_ms()));
}

}  // namespace cpperon::driver
