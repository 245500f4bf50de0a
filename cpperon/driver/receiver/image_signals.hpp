/// What conductor and receiver let each other see of one image beside its counters and its log.
/// spec: 04 §9.4 to §9.8, §16
#pragma once

#include <atomic>
#include <cstdint>

#include "cpperon/driver/sequence_lock.hpp"

namespace cpperon::driver {

/// A status message that the conductor has decided on.
struct ScheduledStatus {
    std::int64_t position = 0;
    std::int64_t window_length = 0;
};

/// Something missing that the conductor has decided to act upon, once per report.
struct ReportedGap {
    std::int32_t term_id = 0;
    std::int32_t term_offset = 0;
    std::int64_t length = 0;
};

/// Release stores pair with acquire loads of the same field: [image-signal]. The receiver looks at the first group of
/// every image in every duty cycle: it has cache lines of its own.
struct ImageSignals {
    static constexpr std::int64_t no_response_session = std::int64_t{1} << 40;

    // Written by the conductor, read by the receiver.
    alignas(64) SequenceLock<ScheduledStatus> status;  ///< first stored before the receiver gets the image
    SequenceLock<ReportedGap> gap;
    std::atomic<bool> is_leaving{false};     ///< EOS mode: status messages say that this receiver goes away
    std::atomic<bool> is_status_due{false};  ///< send a status message at once; the receiver resets it
    /// Session of the response publication that waits for this image's publisher, or `no_response_session`.
    std::atomic<std::int64_t> response_session_id{no_response_session};

    // Written by the receiver, read by the conductor.
    alignas(64) std::atomic<std::int64_t> time_of_last_packet_ns{0};
    std::atomic<bool> is_end_of_stream{false};  ///< every connection has ended: the log's metadata says where
    std::atomic<std::int64_t> rtt_ns{0};        ///< measured last; 0: not yet
};

}  // namespace cpperon::driver
