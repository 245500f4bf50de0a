/// Makes an image of a session that announced itself: checks, log, counters, links, in that order. Conductor only.
/// spec: 04 §5.5, §9.4; 06 §10.5
#pragma once

#include <cstdint>
#include <memory>

#include "cpperon/driver/conductor/conductor_state.hpp"
#include "cpperon/driver/receiver/receiver_messages.hpp"

namespace cpperon::driver {

/// From its construction on the receiver is told, at the end, either of the image, or that there is none and a later
/// SETUP may have more luck. What goes wrong is thrown with a text that says nothing a sender could choose.
class ImageCreation final : public EventInProgress {
public:
    /// `setup` came through a destination of an active channel.
    ImageCreation(ConductorState& state, const receiver_event::CreateImage& setup);
    ImageCreation(const ImageCreation&) = delete;
    ImageCreation& operator=(const ImageCreation&) = delete;
    ~ImageCreation() override;

    /// Asks for the log. False if nobody wants the session any longer. Throws `Error` where the image may not be made.
    [[nodiscard]] bool begin();
    /// Waits for the log, then makes the image. Throws `Error` where it cannot be made.
    [[nodiscard]] bool advance() override;

private:
    void finish(OwnedLog log);

    ConductorState& state_;
    receiver_event::CreateImage setup_;
    std::int64_t correlation_id_ = 0;
    std::unique_ptr<PendingLog> log_;
    bool is_done_ = false;
};

}  // namespace cpperon::driver
