/// What samples tell about streams: one line for each thing that comes up, comes, or goes; and when their loops end.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"

namespace samples {

/// The condition of a sample's loop: false after Ctrl-C. Throws when the client has ended, of which its error handler
/// has printed the reason: as long as the driver lives, it does not.
inline bool goes_on(const cpperon::Aeron& aeron) {
    if (aeron.is_closed()) {
        throw cpperon::ClosedError("the client has ended: see the error above, and start anew");
    }
    return !is_stop_requested();
}

/// A message that is text.
inline std::string_view as_text(const std::span<const std::byte> message) noexcept {
    return {reinterpret_cast<const char*>(message.data()), message.size()};
}

/// For a publication or subscription that was added. The channel status is 1 where all is well, and where there is
/// nothing to set up (IPC).
template <typename Stream>
void report_ready(const std::string_view what, const Stream& stream) {
    fmt::print("{} on {}, stream {}\n", what, stream.channel(), stream.stream_id());
    fmt::print("channel status {}\n", static_cast<std::int64_t>(stream.channel_status()));
}

/// For `add_subscription`: tells of each publisher that comes and goes.
inline cpperon::ImageHandlers report_images() {
    return {.on_available =
                [](const cpperon::Image& image) {
                    fmt::print("available image: channel {}, stream {}, session {}, MTU {}, term length {}, from {}\n",
                               image.subscription().channel(), image.subscription().stream_id(),
                               static_cast<std::int32_t>(image.session_id()), image.mtu_length(),
                               image.term_buffer_length(), image.source_identity());
                },
            .on_unavailable =
                [](const cpperon::Image& image) {
                    fmt::print("unavailable image: channel {}, stream {}, session {}\n", image.subscription().channel(),
                               image.subscription().stream_id(), static_cast<std::int32_t>(image.session_id()));
                }};
}

/// What an offer came to, in words.
inline std::string_view in_words(const cpperon::OfferResult result) noexcept {
    switch (result.status()) {
        case cpperon::OfferStatus::ok: return "taken";
        case cpperon::OfferStatus::not_connected: return "refused: no subscriber is connected";
        case cpperon::OfferStatus::back_pressured: return "refused: back pressure, the subscribers are behind";
        case cpperon::OfferStatus::admin_action: return "refused: administration action, offer again at once";
        case cpperon::OfferStatus::closed: return "refused: the publication is closed";
        case cpperon::OfferStatus::max_position_exceeded: return "refused: the stream has come to its end";
        case cpperon::OfferStatus::message_too_long: return "refused: the message is too long";
        case cpperon::OfferStatus::invalid_argument: return "refused: an argument is not allowed";
    }
    return "refused for an unknown reason";
}

/// Waits before the program ends, so that somebody can still look at its streams; Ctrl-C ends the wait.
inline void linger(const cpperon::Aeron& aeron, const std::chrono::nanoseconds duration) {
    if (duration.count() > 0 && !cpperon::await(aeron, is_stop_requested, duration)) {
        fmt::print("lingered for {} ms\n", std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
    }
}

}  // namespace samples
