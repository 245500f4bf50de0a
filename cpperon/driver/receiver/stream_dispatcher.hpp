/// Which image a frame belongs to, and what to do about frames that have none. Decides only; the endpoint, which has
/// one, acts. Receiver only. spec: 04 §9.2, 06 §10.5
///
/// | State of a wanted session | data             | data that ends | SETUP           | leaves by                    |
/// | ------------------------- | ---------------- | -------------- | --------------- | ---------------------------- |
/// | image                     | insert           | insert         | refresh         | image removed                |
/// | none                      | elicit a SETUP   | ignore         | create an image | -                            |
/// | pending_setup             | ignore           | ignore         | create an image | 1 s elapsed                  |
/// | init_in_progress          | ignore           | ignore         | ignore          | image added, or none made    |
/// | cool_down                 | ignore           | ignore         | ignore          | the conductor, or no interest |
///
/// Everything of an unwanted session is ignored, so nothing has to be remembered of it: whoever sends random session
/// ids leaves no trace. What is remembered for wanted ones is bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cpperon/base/ids.hpp"

namespace cpperon::driver {

class ImageReceiver;

/// A stream of one publisher.
struct StreamSession {
    std::int32_t stream_id = 0;
    SessionId session_id{};

    friend bool operator==(const StreamSession&, const StreamSession&) noexcept = default;
};

class StreamDispatcher {
public:
    /// Sessions that may wait for a SETUP at the same time; others are asked for when there is room.
    static constexpr std::size_t max_pending_setups = 16'384;
    /// Images that may be asked for at the same time; the SETUPs of others come again.
    static constexpr std::size_t max_images_in_progress = 4'096;
    static constexpr std::int64_t pending_setup_timeout_ns = 1'000'000'000;

    /// `session_limit`: images per stream.
    explicit StreamDispatcher(const std::int32_t session_limit) noexcept : session_limit_(session_limit) {}

    // Frames.

    struct DataVerdict {
        ImageReceiver* image = nullptr;  ///< insert into it
        bool elicits_setup = false;      ///< ask the sender for a SETUP
    };
    [[nodiscard]] DataVerdict on_data(const StreamSession& id, bool is_end_of_stream, std::int64_t now_ns);

    enum class SetupAction : std::uint8_t { ignore, refresh, create, refuse };
    struct SetupVerdict {
        SetupAction action = SetupAction::ignore;  ///< `refuse`: the stream has as many images as it may have
        ImageReceiver* image = nullptr;            ///< to be refreshed
        bool was_elicited = false;                 ///< to be created, and we had asked for it
    };
    [[nodiscard]] SetupVerdict on_setup(const StreamSession& id);

    /// The image that gets the session's frames, or null.
    [[nodiscard]] ImageReceiver* find_image(const StreamSession& id) const noexcept;

    /// Forgets sessions whose SETUP did not come in time.
    void expire_pending_setups(std::int64_t now_ns);

    // Interest. Images that nobody wants any longer get no more frames.

    /// `session_id`: nothing means all.
    void add_interest(std::int32_t stream_id, std::optional<SessionId> session_id);
    void remove_interest(std::int32_t stream_id, std::optional<SessionId> session_id);
    [[nodiscard]] bool has_interest() const noexcept { return !streams_.empty(); }

    // What the conductor made of it.

    /// False: nobody wants the session any longer, the image gets no frames.
    bool add_image(const StreamSession& id, ImageReceiver& image);
    /// `has_ended`: the image saw the end of its stream; otherwise the session has to cool down.
    void remove_image(const StreamSession& id, const ImageReceiver& image, bool has_ended);
    void clear_cool_down(const StreamSession& id) { clear(id, State::cool_down); }
    void clear_init_in_progress(const StreamSession& id) { clear(id, State::init_in_progress); }

private:
    enum class State : std::uint8_t { pending_setup, init_in_progress, cool_down };

    struct Session {
        State state = State::pending_setup;
        std::int64_t since_ns = 0;
    };
    /// There as long as somebody is interested.
    struct Stream {
        bool wants_all = false;
        std::unordered_set<SessionId> wanted;
        std::unordered_map<SessionId, ImageReceiver*> images;
        std::unordered_map<SessionId, Session> sessions;

        [[nodiscard]] bool wants(const SessionId session_id) const noexcept {
            return wants_all || wanted.contains(session_id);
        }
    };
    struct PendingSetup {
        StreamSession id;
        std::int64_t since_ns = 0;
    };

    [[nodiscard]] Stream* find(std::int32_t stream_id) noexcept;
    void clear(const StreamSession& id, State state);
    void forget(Stream& stream, std::unordered_map<SessionId, Session>::iterator session) noexcept;
    void drop_unwanted(Stream& stream);

    const std::int32_t session_limit_;
    std::unordered_map<std::int32_t, Stream> streams_;
    std::deque<PendingSetup> pending_setups_;  // oldest first; those that got their SETUP stay until their time
    std::size_t images_in_progress_ = 0;
};

}  // namespace cpperon::driver
