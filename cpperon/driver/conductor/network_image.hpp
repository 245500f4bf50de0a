/// An image of a stream from the network, the conductor's half: follows how far it is rebuilt and consumed, finds what
/// is missing, decides on status messages, keeps the subscribers, and ends it. The receiver's half fills it. Conductor
/// only. spec: 06 §11, §12; 04 §9.4, §9.5, §9.8
///
/// | State    | On a tick                   | Leaves when                                                             |
/// | -------- | --------------------------- | ----------------------------------------------------------------------- |
/// | active   | untethered subscribers      | it is revoked, nobody reads it, nothing came for too long, or the       |
/// |          |                             | stream has ended and is complete -> draining, the sender is told        |
/// | draining | nothing                     | it is revoked, or all who count have read everything and the sender had |
/// |          |                             | time to hear that -> linger, receiver and clients are told              |
/// | linger   | nothing: slow clients read  | nobody reads it, or the liveness timeout is over -> done                |
/// | done     | nothing                     | the receiver has released it: its owner destroys it                     |
///
/// One tick makes at most one transition.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cpperon/driver/conductor/image_announcer.hpp"
#include "cpperon/driver/conductor/network_subscription.hpp"
#include "cpperon/driver/conductor/owned_counter.hpp"
#include "cpperon/driver/conductor/owned_log.hpp"
#include "cpperon/driver/conductor/subscriber_positions.hpp"
#include "cpperon/driver/receiver/congestion_control.hpp"
#include "cpperon/driver/receiver/image_receiver.hpp"
#include "cpperon/driver/receiver/loss_detector.hpp"
#include "cpperon/driver/receiver/loss_recorder.hpp"
#include "cpperon/logbuffer/term_cleaner.hpp"

namespace cpperon {
class EpochClock;
}  // namespace cpperon

namespace cpperon::driver {

class ReceiveChannel;

enum class ImageState : std::uint8_t { active, draining, linger, done };

/// What names an image, and what shapes its life.
struct NetworkImageSpec {
    std::int64_t correlation_id = 0;
    SessionId session_id{};
    std::int32_t stream_id = 0;
    std::string source_identity;  ///< `ip:port` of the sender
    std::string channel;          ///< of the endpoint
    std::int64_t join_position = 0;
    bool wants_response = false;  ///< the sender waits for a response channel
    TetherTimeouts tether_timeouts;
    std::int64_t liveness_timeout_ns = 0;
    std::int64_t drain_timeout_ns = 0;
};

class NetworkImage {
public:
    /// The counters of an image with a cubic window.
    struct CubicCounters {
        OwnedCounter rtt;     ///< `rcv-cc-cubic-rtt`
        OwnedCounter window;  ///< `rcv-cc-cubic-wnd`
    };
    struct Counters {
        std::optional<CubicCounters> cubic;
        OwnedCounter high_water_mark;  ///< `rcv-hwm`
        OwnedCounter position;         ///< `rcv-pos`
        OwnedCounter naks_sent;        ///< `rcv-naks-sent`
    };
    /// How it deals with loss, and how far the sender may go.
    struct Control {
        LossDetector loss_detector;
        LossRecorder loss_recorder;
        CongestionControl congestion;
    };
    /// What an image is made from. What `receiver` says of ids and counters is filled in; its log is
    /// that of `log`.
    struct Parts {
        NetworkImageSpec spec;
        ReceiveChannel* channel = nullptr;  ///< is not closed before the image lingers
        OwnedLog log;
        Counters counters;
        Control control;
        ImageReceiverSpec receiver;
    };

    /// Active, without subscribers; the receiver does not know it yet. What is referred to must outlive it.
    NetworkImage(Parts parts, ReceiverContext& receiver_context, ClientEvents& events, EpochClock& epoch_clock);
    NetworkImage(const NetworkImage&) = delete;
    NetworkImage& operator=(const NetworkImage&) = delete;

    [[nodiscard]] const NetworkImageSpec& spec() const noexcept { return spec_; }
    [[nodiscard]] ImageState state() const noexcept { return state_; }
    [[nodiscard]] const ImageReceiver& receiver() const noexcept { return receiver_; }

    /// Hands it to the receiver, which knows its endpoint. After clients were told of it. spec: 06 §14
    void start();
    /// The receiver has let go of it.
    void on_released() noexcept { is_released_ = true; }
    [[nodiscard]] bool is_end_of_life() const noexcept { return state_ == ImageState::done && is_released_; }

    // Subscribers. spec: 06 §10

    /// Whether this subscription should be linked and is not yet.
    [[nodiscard]] bool wants(const NetworkSubscription& subscription) const noexcept;
    [[nodiscard]] std::int64_t join_position() const noexcept;
    /// Links a subscription whose position counter holds the join position, and announces the image.
    void link(const NetworkSubscription& subscription, OwnedCounter position, std::int64_t now_ns);
    /// Forgets a subscription, without a word to anybody. It need not be linked.
    void unlink(const NetworkSubscription& subscription) noexcept;

    /// A subscriber will have none of it: the sender is told why until the image ends. spec: 06 §11.6
    void reject(std::string_view reason);

    // Responses. spec: 04 §11

    /// The sender is told in which session to expect the response, until it has shown that it knows.
    void set_response_session(SessionId session_id) noexcept;
    void clear_response_session() noexcept;

    // Time.

    /// Every duty cycle: follows rebuilding and consumption. True if something came of it. Positions come from other
    /// processes and are held between where the image began and what has arrived. spec: 06 §11.3
    bool track(std::int64_t now_ns);
    void on_tick(std::int64_t now_ns);

private:
    void on_tick_active(std::int64_t now_ns);
    void on_tick_draining(std::int64_t now_ns);
    void on_tick_lingering(std::int64_t now_ns) noexcept;
    void check_untethered(std::int64_t now_ns);
    void enter_draining(std::int64_t now_ns) noexcept;
    void enter_linger(std::int64_t now_ns);

    [[nodiscard]] WindowDecision decide_on_window(bool is_loss_found, std::int64_t consumption_position,
                                                  std::int64_t now_ns) noexcept;
    void report(const ReportedGap& gap);
    void schedule_status(std::int64_t position, std::int32_t window_length) noexcept;
    [[nodiscard]] bool is_in_use() const noexcept {
        return state_ == ImageState::active || state_ == ImageState::draining;
    }
    [[nodiscard]] bool is_revoked() const noexcept;
    [[nodiscard]] bool is_silent(std::int64_t now_ns) noexcept;
    [[nodiscard]] bool has_ended() noexcept;
    [[nodiscard]] bool is_drained() const noexcept { return subscribers_.have_reached(rebuild_position_); }
    [[nodiscard]] bool is_rejoining() noexcept;
    [[nodiscard]] std::int64_t high_water_mark() const noexcept;
    [[nodiscard]] std::optional<logbuffer::PositionRange> consumed_up_to(std::int64_t arrived) const noexcept;
    [[nodiscard]] const logbuffer::LogView& log() const noexcept { return log_.file().view(); }
    [[nodiscard]] ImageSignals& signals() noexcept { return receiver_.signals(); }

    // Constant after construction.
    NetworkImageSpec spec_;
    ReceiverContext& receiver_context_;
    EpochClock& epoch_clock_;
    ReceiveChannel* channel_;  // null from when the image lingers
    // The stream.
    OwnedLog log_;
    Counters counters_;
    logbuffer::TermCleaner cleaner_;
    Control control_;
    std::int64_t rebuild_position_;  // as in the counter
    ScheduledStatus scheduled_;
    SubscriberPositions subscribers_;
    ImageAnnouncer announcer_;
    // The life.
    ImageState state_ = ImageState::active;
    std::int64_t time_of_last_transition_ns_ = 0;
    bool is_released_ = false;
    // The receiver's half, on all of the above.
    ImageReceiver receiver_;
};

}  // namespace cpperon::driver
