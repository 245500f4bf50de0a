/// Scenery for tests of handles: a log and counters made by hand, as an IPC driver would have left them, and a link
/// that records what handles ask of the conductor. Not installed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/clock.hpp"
#include "cpperon/client/conductor_link.hpp"
#include "cpperon/client/exclusive_publication.hpp"
#include "cpperon/client/publication.hpp"
#include "cpperon/client/subscription.hpp"
#include "cpperon/logbuffer/log_file.hpp"

namespace cpperon::client {

/// Remembers the calls; answers every rejection with success.
class RecordingLink final : public ConductorLink {
public:
    struct Close {
        std::string what;
        std::int64_t id;
        friend bool operator==(const Close&, const Close&) = default;
    };

    void close_publication(const RegistrationId id) noexcept override { record("publication", id); }
    void close_exclusive_publication(const RegistrationId id, const bool revoke) noexcept override {
        record(revoke ? "revoke exclusive" : "exclusive", id);
    }
    void close_subscription(const RegistrationId id) noexcept override { record("subscription", id); }
    void close_counter(const RegistrationId id) noexcept override { record("counter", id); }
    Pending<std::monostate> async_reject_image(const ImageRejection& rejection) override {
        rejections.push_back(std::to_string(static_cast<std::int64_t>(rejection.image_correlation_id)) + "@" +
                             std::to_string(rejection.position) + " " + std::string{rejection.reason});
        auto answer = std::make_shared<PendingResult<std::monostate>>(nullptr, null_registration_id);
        answer->succeed({});
        return Pending<std::monostate>{std::move(answer)};
    }

    Pending<RegistrationId> async_add_destination(const DestinationParent& /*parent*/,
                                                  const std::string_view /*channel*/) override {
        return failed_pending<RegistrationId>({ErrorCode::not_supported, "no destinations here"});
    }
    Pending<std::monostate> async_remove_destination(const DestinationParent& /*parent*/,
                                                     const std::string_view /*channel*/) override {
        return failed_pending<std::monostate>({ErrorCode::not_supported, "no destinations here"});
    }
    Pending<std::monostate> async_remove_destination(const DestinationParent& /*parent*/,
                                                     const RegistrationId /*destination_id*/) override {
        return failed_pending<std::monostate>({ErrorCode::not_supported, "no destinations here"});
    }

    [[nodiscard]] bool is_inside_callback() const noexcept override { return inside_callback; }
    int step_while_waiting() override { return on_step ? on_step() : 0; }
    [[nodiscard]] NanoClock& nano_clock() noexcept override { return clock; }

    [[nodiscard]] std::vector<Close> closes() const {
        const std::lock_guard lock{mutex_};
        return closes_;
    }

    std::vector<std::string> rejections;
    bool inside_callback = false;
    std::function<int()> on_step;
    ManualClock clock;

private:
    void record(const char* const what, const RegistrationId id) noexcept {
        const std::lock_guard lock{mutex_};
        closes_.push_back({what, static_cast<std::int64_t>(id)});
    }

    mutable std::mutex mutex_;
    std::vector<Close> closes_;
};

/// The counters of one stream, each on its own line.
struct StreamCounters {
    alignas(64) std::int64_t position_limit = std::numeric_limits<std::int64_t>::max();
    alignas(64) std::int64_t subscriber_position = 0;
    alignas(64) std::int64_t channel_status = 1;
};

/// A log of session 0x11223344, stream 1001, initial term id 7 and MTU 1408, connected and with no limit; its file is
/// unlinked at once.
class Stream {
public:
    static constexpr std::int32_t session_id = 0x11223344;
    static constexpr std::int32_t stream_id = 1001;
    static constexpr std::int32_t initial_term_id = 7;

    explicit Stream(logbuffer::LogParams params = {}) {
        static std::atomic<int> next{0};
        const std::string path = "/dev/shm/cpperon-client-test-" + std::to_string(::getpid()) + "-" +
                                 std::to_string(next.fetch_add(1)) + ".logbuffer";
        params.session_id = session_id;
        params.stream_id = stream_id;
        params.initial_term_id = initial_term_id;
        log = std::make_shared<const logbuffer::LogFile>(logbuffer::LogFile::create(path, params));
        ::unlink(path.c_str());
        counters->subscriber_position = logbuffer::start_position_of(params);
        set_connected(true);
    }

    void set_connected(const bool is_connected) const { store_release(log->metadata().is_connected, is_connected); }
    void set_limit(const std::int64_t limit) const { store_release(counters->position_limit, limit); }

    [[nodiscard]] PublicationSetup publication_setup(const std::int64_t registration_id = 10) const {
        return {.link = link,
                .counters_owner = counters,
                .log = log,
                .position_limit = &counters->position_limit,
                .position_limit_id = CounterId{21},
                .channel_status = {},
                .channel = "aeron:ipc",
                .stream_id = stream_id,
                .session_id = session_id,
                .registration_id = RegistrationId{registration_id},
                .original_registration_id = RegistrationId{10}};
    }
    [[nodiscard]] Publication publication() const {
        return Publication{std::make_shared<PublicationState>(publication_setup())};
    }
    [[nodiscard]] ExclusivePublication exclusive_publication() const {
        return ExclusivePublication{std::make_shared<ExclusivePublicationState>(publication_setup())};
    }

    /// A reader of the log with the counter of this stream, of no subscription unless one is given.
    [[nodiscard]] std::shared_ptr<ImageState> image_state(std::weak_ptr<SubscriptionState> subscription = {},
                                                          const std::int64_t correlation_id = 10,
                                                          const std::int32_t session = session_id) const {
        return std::make_shared<ImageState>(ImageSetup{.link = link,
                                                       .counters_owner = counters,
                                                       .log = log,
                                                       .subscriber_position = &counters->subscriber_position,
                                                       .subscriber_position_id = CounterId{22},
                                                       .source_identity = "aeron:ipc",
                                                       .correlation_id = RegistrationId{correlation_id},
                                                       .session_id = session,
                                                       .subscription = std::move(subscription)});
    }
    [[nodiscard]] Image image() const { return Image{image_state()}; }

    [[nodiscard]] std::shared_ptr<SubscriptionState> subscription_state() const {
        return std::make_shared<SubscriptionState>(SubscriptionSetup{.link = link,
                                                                     .counters_owner = counters,
                                                                     .channel_status = {},
                                                                     .channel = "aeron:ipc",
                                                                     .stream_id = stream_id,
                                                                     .registration_id = RegistrationId{30},
                                                                     .handlers = nullptr});
    }

    [[nodiscard]] std::span<const std::byte> term(const std::int32_t index) const { return log->term(index); }

    std::shared_ptr<RecordingLink> link = std::make_shared<RecordingLink>();
    std::shared_ptr<StreamCounters> counters = std::make_shared<StreamCounters>();
    std::shared_ptr<const logbuffer::LogFile> log;
};

[[nodiscard]] inline std::string text_of(const std::span<const std::byte> bytes) {
    std::string text(bytes.size(), '\0');
    if (!bytes.empty()) {
        std::memcpy(text.data(), bytes.data(), bytes.size());
    }
    return text;
}

}  // namespace cpperon::client
