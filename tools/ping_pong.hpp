/// The two ends of a round trip: one that sends messages and takes the time, one that sends them back. Each runs on the
/// thread that calls it, until it is done or told to stop.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/client/exclusive_publication.hpp"
#include "cpperon/client/subscription.hpp"
#include "tools/histogram.hpp"
#include "tools/run_end.hpp"

namespace cpperon::tools {

// What both commands agree on, with the samples and with other Aeron implementations, so that they meet without
// options.
inline constexpr const char* default_ping_channel = "aeron:udp?endpoint=localhost:20123";
inline constexpr std::int32_t default_ping_stream_id = 1002;
inline constexpr const char* default_pong_channel = "aeron:udp?endpoint=localhost:20124";
inline constexpr std::int32_t default_pong_stream_id = 1003;

/// What is in front of each ping; the rest of the message is filling. Of this program's own: nobody else reads it.
struct PingHeader {
    std::int64_t run_id;   ///< of this part of this measurement: pongs for others are none of ours
    std::int64_t due_ns;   ///< when it should have gone
    std::int64_t sent_ns;  ///< when it went
};

/// What comes back of a measurement.
struct RoundTrips {
    Histogram from_sending;
    Histogram from_due;  ///< with a fixed rate; the same as `from_sending` but for back pressure without
    std::int64_t sent = 0;
    std::int64_t elapsed_ns = 0;
    RunEnd end = RunEnd::complete;

    [[nodiscard]] std::int64_t received() const noexcept { return from_sending.count(); }
};

/// What another thread may know meanwhile. relaxed everywhere: numbers to show.
struct PingProgress {
    std::atomic<std::int64_t> received{0};
    std::atomic<std::int64_t> max_ns{0};
};

/// Sends pings on one stream and takes pongs from another.
struct Pinger {
    const Aeron& aeron;
    const ExclusivePublication& ping;
    const Subscription& pong;
    IdleStrategy& idle;
    std::size_t length;  ///< of a message; at least that of `PingHeader`
    int fragment_limit;
    std::chrono::nanoseconds patience;

    /// How much of it. Whatever comes first ends it.
    struct Amount {
        std::optional<std::int64_t> messages{};
        std::optional<std::chrono::nanoseconds> duration{};
        std::optional<std::int64_t> rate{};  ///< per second; nothing: one at a time
    };

    /// A client that ended has lost its driver. Throws `OfferError` where the stream takes no more messages.
    [[nodiscard]] RoundTrips play(const Amount& amount, PingProgress& progress) const;
};

/// What an echo did.
struct EchoCounts {
    std::atomic<std::int64_t> answered{0};  ///< relaxed: to show
    std::atomic<std::int64_t> dropped{0};   ///< nobody listened to the answers
};

/// Sends each message back, in whole, until `is_done`, or until the client has ended. A message whose answer is not
/// taken stays in the stream and comes again; one whose answer nobody listens to is dropped. Throws as `Pinger::play`.
void echo(const Aeron& aeron, const Subscription& ping, const ExclusivePublication& pong, IdleStrategy& idle,
          int fragment_limit, EchoCounts& counts, const std::function<bool()>& is_done);

}  // namespace cpperon::tools
