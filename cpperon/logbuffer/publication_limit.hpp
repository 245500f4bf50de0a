/// How far publishers may go: the logic behind `pub-lmt`, and the cleaning that must come before it. Used by the
/// driver's conductor each duty cycle; does no I/O but on the log's memory. spec: 03 §12.3, §12.4
#pragma once

#include <cstdint>
#include <optional>

#include "cpperon/logbuffer/term_cleaner.hpp"

namespace cpperon::logbuffer {

/// The slowest and the fastest of the subscriber positions that count. spec: 03 §12.2
struct PositionRange {
    std::int64_t min = 0;
    std::int64_t max = 0;
};

/// The limit of an IPC publication: moves in steps of more than an eighth of the window. spec: 03 §12.3
class IpcPublicationLimit {
public:
    IpcPublicationLimit(const std::int64_t start_position, const std::int32_t window_length) noexcept
        : limit_(start_position), consumer_position_(start_position), window_length_(window_length) {}

    /// One duty cycle with the counting subscribers, or none: cleans up to the slowest and returns the limit to be
    /// stored (release) in `pub-lmt`, if it is to change.
    std::optional<std::int64_t> update(const std::optional<PositionRange>& subscribers, TermCleaner& cleaner) noexcept;

    /// The limit was set from outside, to where the producer ended. spec: 03 §12.6
    void set_limit(const std::int64_t limit) noexcept { limit_ = limit; }

    [[nodiscard]] std::int64_t limit() const noexcept { return limit_; }
    /// Of the fastest subscriber there ever was: what unblocking watches, where subscribers join, and from which the
    /// untethered window is measured.
    [[nodiscard]] std::int64_t consumer_position() const noexcept { return consumer_position_; }

private:
    std::int64_t limit_;
    std::int64_t trip_limit_ = 0;
    std::int64_t consumer_position_;
    std::int32_t window_length_;
};

/// What the limit of a network publication depends on.
struct NetworkConsumers {
    std::int64_t sender_position = 0;
    /// Live receivers, all those that flow control requires; or, with spies that simulate a connection, a counting spy.
    bool has_subscribers = false;
    /// The slowest counting spy.
    std::optional<std::int64_t> min_spy_position;
};

/// The limit of a network publication: follows the slower of sender and spies each cycle, but enters no partition that
/// is still dirty. spec: 03 §12.4
class NetworkPublicationLimit {
public:
    NetworkPublicationLimit(const LogView& log, const std::int64_t start_position,
                            const std::int32_t window_length) noexcept
        : limit_(start_position),
          term_length_(log.term_length()),
          shift_(log.position_bits_to_shift()),
          window_length_(window_length) {}

    /// One duty cycle: cleans up to a term behind the slowest and returns the limit to be stored (release) in
    /// `pub-lmt`, if it is to change. When that happens without subscribers, is-connected is to be set to 0 before.
    std::optional<std::int64_t> update(const NetworkConsumers& consumers, TermCleaner& cleaner) noexcept;

    /// The limit was set from outside, to where the producer ended. spec: 03 §12.6
    void set_limit(const std::int64_t limit) noexcept { limit_ = limit; }

    [[nodiscard]] std::int64_t limit() const noexcept { return limit_; }

private:
    [[nodiscard]] bool is_clean_enough_for(std::int64_t limit, std::int64_t clean_position) const noexcept;

    std::int64_t limit_;
    std::int32_t term_length_;
    std::int32_t shift_;
    std::int32_t window_length_;
};

}  // namespace cpperon::logbuffer
