/// The client's agent: sends requests to the driver, follows its events, keeps the client alive and ends it when the
/// driver does. One per client, on its own thread or stepped by the application. spec: 02 §10
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cpperon/base/agent.hpp"
#include "cpperon/base/random.hpp"
#include "cpperon/client/callback_scope.hpp"
#include "cpperon/client/client_heartbeat.hpp"
#include "cpperon/client/command_writer.hpp"
#include "cpperon/client/conductor_inbox.hpp"
#include "cpperon/client/conductor_link.hpp"
#include "cpperon/client/context.hpp"
#include "cpperon/client/handler_list.hpp"
#include "cpperon/client/pending.hpp"
#include "cpperon/client/registered_logs.hpp"
#include "cpperon/client/request.hpp"
#include "cpperon/command/events.hpp"
#include "cpperon/shm/attach.hpp"
#include "cpperon/shm/broadcast_receiver.hpp"

namespace cpperon::client {

/// Threads: the public functions as their groups say. What the conductor keeps about resources is touched only by the
/// thread inside `do_work`, and after the last `do_work` by the one in `on_close`; other threads reach it through the
/// inbox. Outlives its thread: every state of a handle shares it as `ConductorLink`. Those of resources share the
/// client with it, which so runs until the last of them is gone; those of images, which the conductor keeps itself, do
/// not.
///
///   running     -> terminated   the driver is gone, or has given the client up: everything is closed, nothing is sent
///   running     -> closed       the application closes
///   terminated  -> closed       the same, later
class ClientConductor final : public Agent,
                              public ConductorLink,
                              public PendingOwner,
                              public std::enable_shared_from_this<ClientConductor> {
public:
    /// `context` is concluded. Throws `IoError` where the system has no entropy.
    ClientConductor(Context context, shm::AttachedDriver driver);
    ~ClientConductor() override;

    // Any thread. Requests never throw for a reason that has an error code: it is in the `Pending`.

    template <typename Handle>
    [[nodiscard]] Pending<Handle> add_publication(std::string_view channel, std::int32_t stream_id);
    [[nodiscard]] Pending<Subscription> add_subscription(std::string_view channel, std::int32_t stream_id,
                                                         ImageHandlers handlers);
    [[nodiscard]] Pending<Counter> add_counter(std::int32_t type_id, std::optional<RegistrationId> static_id,
                                               std::string_view label, std::span<const std::byte> key);
    [[nodiscard]] Pending<SessionId> next_session_id(std::int32_t stream_id);
    void remove(Removal removal);

    [[nodiscard]] HandlerRegistration add_available_counter_handler(CounterHandler handler) {
        return available_counter_handlers_->add(std::move(handler));
    }
    [[nodiscard]] HandlerRegistration add_unavailable_counter_handler(CounterHandler handler) {
        return unavailable_counter_handlers_->add(std::move(handler));
    }
    [[nodiscard]] HandlerRegistration add_close_handler(CloseHandler handler) {
        return close_handlers_->add(std::move(handler));
    }

    [[nodiscard]] const Context& context() const noexcept { return context_; }
    [[nodiscard]] CountersReader counters_reader() const { return counters_; }
    [[nodiscard]] std::int64_t client_id() const noexcept { return client_id_; }
    [[nodiscard]] std::int64_t next_correlation_id() noexcept { return ring_.next_correlation_id(); }

    // acquire [client-ended] <- terminate, on_close
    [[nodiscard]] bool is_closed() const noexcept { return is_closed_.load(std::memory_order_acquire); }
    /// Whether the calling thread is at work for the conductor.
    [[nodiscard]] bool is_inside_callback() const noexcept override { return CallbackScope::is_inside(this); }
    /// Ends the conductor's present pause.
    void wake() noexcept { inbox_.ring(); }

    /// Before the client starts: what every handle of a resource keeps alive, beside the handles of the client.
    void set_client(std::weak_ptr<void> client) noexcept { client_ = std::move(client); }

    // The thread that runs the conductor.

    void on_start() override {}
    int do_work() override;
    void on_close() override;
    [[nodiscard]] std::string_view role_name() const noexcept override { return "aeron-client"; }

    /// What the thread does after a cycle without work: sleeps until woken, or for a short while where an answer of the
    /// driver is awaited, which wakes nobody.
    void pause() noexcept;
    /// What the thread does after a cycle with work.
    void reset_pause() noexcept { next_short_pause_ = min_short_pause; }

    // Invoker mode: any thread, but only one is let in.

    /// One cycle, if nobody else is in one.
    int step();
    /// Closes, after the present cycle if this is inside one.
    void close_stepped();

    // ConductorLink: any thread.

    void close_publication(RegistrationId registration_id) noexcept override;
    void close_exclusive_publication(RegistrationId registration_id, bool revoke) noexcept override;
    void close_subscription(RegistrationId registration_id) noexcept override;
    void close_counter(RegistrationId command_id) noexcept override;
    [[nodiscard]] Pending<std::monostate> async_reject_image(const ImageRejection& rejection) override;
    [[nodiscard]] Pending<RegistrationId> async_add_destination(const DestinationParent& parent,
                                                                std::string_view channel) override;
    [[nodiscard]] Pending<std::monostate> async_remove_destination(const DestinationParent& parent,
                                                                   std::string_view channel) override;
    [[nodiscard]] Pending<std::monostate> async_remove_destination(const DestinationParent& parent,
                                                                   RegistrationId destination_id) override;
    int step_while_waiting() override;

    // PendingOwner: any thread. The clock is that of ConductorLink too.

    void on_poll(PendingState& state) override;
    void on_wait(PendingState& state) override;
    [[nodiscard]] std::optional<ErrorInfo> refuse_waiting() const override;
    void on_cancel(RegistrationId registration_id) noexcept override;
    [[nodiscard]] NanoClock& nano_clock() noexcept override { return *context_.nano_clock; }

private:
    static constexpr std::chrono::nanoseconds min_short_pause{std::chrono::microseconds{10}};
    static constexpr std::chrono::nanoseconds max_short_pause{std::chrono::milliseconds{1}};
    static constexpr int max_events_per_cycle = 32;

    /// A request the driver has been sent.
    struct SentRequest {
        Request request;
        std::int64_t deadline_ns = 0;
    };

    template <typename State>
    struct PublicationEntry {
        std::weak_ptr<State> state;
        RegistrationId original_registration_id = null_registration_id;
        CounterId channel_status_id = no_counter;
        std::string channel;
        std::int32_t stream_id = 0;
    };

    /// The images and handlers outlive the last handle until the conductor has said good-bye to them.
    struct SubscriptionEntry {
        std::weak_ptr<SubscriptionState> state;
        std::shared_ptr<const ImageHandlers> handlers;
        std::vector<std::shared_ptr<ImageState>> images;
        CounterId channel_status_id = no_counter;
        std::string channel;
        std::int32_t stream_id = 0;
        /// Those the driver receives from; it knows them by their channels only, the application by their ids.
        std::vector<std::pair<RegistrationId, std::string>> destinations;
    };

    struct CounterEntry {
        std::weak_ptr<CounterHandleState> state;
        bool is_static = false;
    };

    /// A resource the driver is to give up.
    struct RemoveCommand {
        ResourceKind kind = ResourceKind::none;
        RegistrationId id = null_registration_id;
        bool revoke = false;
        RegistrationId parent_id = null_registration_id;  ///< of a destination: its publication's original id
    };

    template <typename State>
    using Publications = std::unordered_map<RegistrationId, PublicationEntry<State>>;

    // Requests: client_conductor_requests.cpp.
    template <typename T>
    [[nodiscard]] std::shared_ptr<PendingResult<T>> make_pending();
    void submit(Request request);
    void run_inbox_if_stepped();
    int run_inbox();
    void execute(Request request);
    void execute(Removal& removal);
    [[nodiscard]] bool refuse_unknown_destination(const Request& request);
    [[nodiscard]] const std::string* receive_destination_channel(const RemoveDestinationRequest& request) const;
    void forget_receive_destination(const RemoveDestinationRequest& request);
    [[nodiscard]] shm::RingWriteResult send(const Request& request);
    [[nodiscard]] bool try_send(const RemoveCommand& command) noexcept;
    void send_or_keep(const RemoveCommand& command);
    int send_kept();
    [[nodiscard]] bool close_resource(const Removal& removal);
    void give_up(const Request& request);
    void check_deadlines(std::int64_t now_ns);

    // Events: client_conductor_events.cpp.
    [[nodiscard]] int receive_events();
    void on_event(std::int32_t type_id, std::span<const std::byte> payload);
    void on_event(const command::ErrorEvent& event);
    void on_event(const command::AvailableImageEvent& event);
    void on_event(const command::PublicationReadyEvent& event);
    void on_event(const command::ExclusivePublicationReadyEvent& event);
    void on_event(const command::SubscriptionReadyEvent& event);
    void on_event(const command::OperationSuccessEvent& event);
    void on_event(const command::UnavailableImageEvent& event);
    void on_event(const command::CounterReadyEvent& event);
    void on_event(const command::UnavailableCounterEvent& event);
    void on_event(const command::ClientTimeoutEvent& event);
    void on_event(const command::StaticCounterEvent& event);
    void on_event(const command::PublicationErrorEvent& event);
    void on_event(const command::NextAvailableSessionIdEvent& event);

    template <typename RequestType>
    [[nodiscard]] std::optional<RequestType> take_request(std::int64_t correlation_id);
    template <typename Handle, typename State, typename Event>
    void on_publication_ready(const Event& event, Publications<State>& publications,
                              const NewPublicationHandler& on_new);
    void on_own_counter_ready(std::int64_t correlation_id, std::int32_t counter_id, bool is_static);
    void on_channel_endpoint_error(const command::ErrorEvent& event);
    template <typename State>
    void report_publication_error(const command::PublicationErrorEvent& event, const Publications<State>& publications);
    void close_image(SubscriptionEntry& entry, const std::shared_ptr<ImageState>& image);
    void close_images(SubscriptionEntry& entry);
    [[nodiscard]] std::int64_t* counter_value(std::int32_t id) const noexcept;
    [[nodiscard]] ChannelStatusIndicator channel_status_of(std::int32_t id) const noexcept;

    // Life and end: client_conductor.cpp.
    [[nodiscard]] std::shared_ptr<ConductorLink> link_of_handle();
    void check_liveness(std::int64_t now_ns);
    void terminate(const ErrorInfo& cause);
    void mark_all_closed();
    void refuse_contents(ConductorInbox::Contents unsent, const ErrorInfo& error);
    [[nodiscard]] ErrorInfo closed_error() const;
    /// Invoker mode: runs a part of the conductor's work unless another thread is at it, and closes if that was asked
    /// for meanwhile; the work count.
    template <typename Work>
    int run_alone(Work&& work) {
        // acquire [conductor-step] <- the release below: this thread goes on where another one left.
        if (is_stepping_.exchange(true, std::memory_order_acquire)) {
            return 0;
        }
        int work_count = 0;
        {
            const CallbackScope scope{this};
            try {
                work_count = work();
            } catch (...) {
                report_current_exception(context_.on_error);
            }
        }
        // relaxed: set inside the scope above, by this thread.
        if (is_close_requested_.load(std::memory_order_relaxed)) {
            on_close();
        }
        // release [conductor-step]
        is_stepping_.store(false, std::memory_order_release);
        return work_count;
    }
    /// Calls one of the application's callables; what it throws goes to the error handler.
    template <typename Callback>
    void call_back(Callback&& callback) noexcept {
        const CallbackScope scope{this};
        try {
            callback();
        } catch (...) {
            report_current_exception(context_.on_error);
        }
    }
    void report(const ErrorInfo& error) noexcept;

    // Constant after the start.
    std::weak_ptr<void> client_;
    Context context_;
    std::shared_ptr<shm::CncFile> cnc_;
    std::int64_t client_id_;
    std::int64_t inter_service_timeout_ns_;
    std::int64_t driver_timeout_ns_;
    bool driver_tells_session_ids_;
    CountersReader counters_;

    // Any thread.
    shm::ManyToOneRingBuffer ring_;
    ConductorInbox inbox_;
    std::atomic<bool> is_closed_{false};
    ErrorInfo cause_of_end_;  // written before [client-ended]
    std::shared_ptr<HandlerList<const CountersReader&, RegistrationId, CounterId>> available_counter_handlers_;
    std::shared_ptr<HandlerList<const CountersReader&, RegistrationId, CounterId>> unavailable_counter_handlers_;
    std::shared_ptr<HandlerList<>> close_handlers_;
    std::atomic<bool> is_stepping_{false};
    std::atomic<bool> is_close_requested_{false};

    // The conductor only.
    shm::BroadcastReceiver events_;
    CommandWriter commands_;
    ClientHeartbeat heartbeat_;
    RegisteredLogs logs_;
    SystemRandomSource random_;
    std::int64_t last_service_ns_;
    std::int64_t last_keepalive_ns_;
    bool is_terminated_ = false;
    bool is_finished_ = false;
    std::unordered_map<RegistrationId, SentRequest> requests_;
    std::deque<RemoveCommand> kept_removes_;  // that the full ring did not take
    std::vector<Removal> late_removals_;      // that came too late to be executed; completed when the client closes
    Publications<PublicationState> publications_;
    Publications<ExclusivePublicationState> exclusive_publications_;
    std::unordered_map<RegistrationId, SubscriptionEntry> subscriptions_;
    std::unordered_map<RegistrationId, CounterEntry> counter_entries_;
    std::chrono::nanoseconds next_short_pause_ = min_short_pause;
};

}  // namespace cpperon::client
