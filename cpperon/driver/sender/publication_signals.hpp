/// What conductor and sender let each other see of one network publication beside its counters and its log.
/// spec: 04 §6.2, §16
#pragma once

#include <atomic>
#include <cstdint>

namespace cpperon::driver {

/// Release stores pair with acquire loads of the same field: [publication-signal].
struct PublicationSignals {
    // Written by the conductor, read by the sender.
    std::atomic<bool> is_end_of_stream{false};      ///< nothing will be added behind the producer's position
    std::atomic<bool> has_spies{false};             ///< at least one that counts
    std::atomic<std::int64_t> max_spy_position{0};  ///< of the fastest spy
    // Written by the sender, read by the conductor.
    std::atomic<bool> has_receivers{false};          ///< one was heard of within the connection timeout
    std::atomic<bool> has_required_receivers{true};  ///< all that flow control asks for
    std::atomic<bool> has_received_unicast_eos{false};
};

}  // namespace cpperon::driver
