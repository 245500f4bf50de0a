/// The client: the way from a program to its media driver. Public. spec: 02 §10, 07 §A.1, §B.3, §B.4
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cpperon/base/ids.hpp"
#include "cpperon/client/context.hpp"
#include "cpperon/client/counter.hpp"
#include "cpperon/client/exclusive_publication.hpp"
#include "cpperon/client/handler_list.hpp"
#include "cpperon/client/pending.hpp"
#include "cpperon/client/publication.hpp"
#include "cpperon/client/subscription.hpp"
#include "cpperon/shm/counters_reader.hpp"

namespace cpperon {

namespace client {
class ClientConductor;
class RunningClient;
struct HandleAccess;
}  // namespace client

/// A handle: copies share one client, and so do the handles of its publications, subscriptions and counters: it works
/// until the last of all these is dropped, or until it is closed. Then its resources in the driver are freed, and
/// handles that are left answer `closed`. A default-constructed handle is closed.
///
/// A callable that the client keeps, for example in `ImageHandlers`, must not hold a handle of the same client by
/// value: neither would ever go away by itself. Close the client, or capture a reference.
///
/// A client ends by itself when its driver dies or has given it up, or when its conductor was not run for too long
/// (`Context::on_error` tells which). It does not come back: connect anew.
///
/// Threads: any, at the same time; in invoker mode too, as long as one thread at a time steps it.
///
/// Each waiting call has a twin that does not wait: `async_…` sends the request and leaves the answer in a `Pending`.
/// It does not throw, but for a lack of memory: every error comes as a value from the `Pending`. A waiting call throws
/// the `Error` the `Pending` would give, and waits at most for the driver timeout, or for `timeout` where that is above
/// 0, which ends it with a `TimeoutError`; inside a callback of this client it throws `ReentrantCallError` at once.
class [[nodiscard]] Aeron {
public:
    Aeron() noexcept = default;

    /// Waits for the driver of the context's directory, at most for its driver timeout, and starts the client. A
    /// `timeout` above 0 that is shorter ends the wait with a `TimeoutError`.
    /// Throws `InvalidArgumentError` for a setting that is not allowed; `DriverTimeoutError` where there is no living
    /// driver; `Error` with `client_timeout` where one does not finish its start; `IncompatibleVersionError`,
    /// `MalformedFileError`, `IoError` at once. spec: 07 §D.2
    static Aeron connect(const Context& context = {}, std::chrono::nanoseconds timeout = {});

    /// The same with defaults: `Aeron::connect("/dev/shm/aeron-me")`.
    template <std::convertible_to<std::string_view> Directory>
    static Aeron connect(const Directory& directory, const std::chrono::nanoseconds timeout = {}) {
        return connect(Context{.directory = std::string{std::string_view{directory}}}, timeout);
    }

    /// The same without waiting: each poll makes one attempt. spec: 07 §D.2
    static Pending<Aeron> async_connect(const Context& context = {});

    // Resources. `channel`: a URI of up to 4,095 bytes, for example `aeron:ipc`; one that is malformed is refused
    // without asking the driver, with `invalid_channel`.

    /// A publication that is shared with equal adds of any client of the driver.
    [[nodiscard]] Publication add_publication(std::string_view channel, std::int32_t stream_id,
                                              std::chrono::nanoseconds timeout = {});
    /// The same without waiting.
    Pending<Publication> async_add_publication(std::string_view channel, std::int32_t stream_id);

    /// A publication, with a session, of its own.
    [[nodiscard]] ExclusivePublication add_exclusive_publication(std::string_view channel, std::int32_t stream_id,
                                                                 std::chrono::nanoseconds timeout = {});
    /// The same without waiting.
    Pending<ExclusivePublication> async_add_exclusive_publication(std::string_view channel, std::int32_t stream_id);

    /// `handlers` are told about images that come and go; see `ImageHandlers`.
    [[nodiscard]] Subscription add_subscription(std::string_view channel, std::int32_t stream_id,
                                                ImageHandlers handlers = {}, std::chrono::nanoseconds timeout = {});
    /// The same without waiting.
    Pending<Subscription> async_add_subscription(std::string_view channel, std::int32_t stream_id,
                                                 ImageHandlers handlers = {});

    /// A counter that lives as long as it is held. `type_id`: by custom from 1,000; `label`: up to 380 bytes; `key`: up
    /// to 112 bytes, of a meaning that goes with the type.
    [[nodiscard]] Counter add_counter(std::int32_t type_id, std::string_view label, std::span<const std::byte> key = {},
                                      std::chrono::nanoseconds timeout = {});
    /// The same without waiting.
    Pending<Counter> async_add_counter(std::int32_t type_id, std::string_view label,
                                       std::span<const std::byte> key = {});

    /// A counter that lives as long as the driver: found if there is one of this type and registration id, with its
    /// label and key, otherwise made.
    [[nodiscard]] Counter add_static_counter(std::int32_t type_id, RegistrationId registration_id,
                                             std::string_view label, std::span<const std::byte> key = {},
                                             std::chrono::nanoseconds timeout = {});
    /// The same without waiting.
    Pending<Counter> async_add_static_counter(std::int32_t type_id, RegistrationId registration_id,
                                              std::string_view label, std::span<const std::byte> key = {});

    /// A session id that no publication of this stream has at the moment, for `session-id=` in a channel. Nothing is
    /// reserved. spec: 02 §7.8
    [[nodiscard]] SessionId next_session_id(std::int32_t stream_id, std::chrono::nanoseconds timeout = {});
    /// The same without waiting.
    Pending<SessionId> async_next_session_id(std::int32_t stream_id);

    // Closing by registration id, for who does not hold the handle: cancels an add on its way, closes a resource that
    // is there, and does nothing for an unknown id. `on_complete` is called in every case, on the conductor's thread,
    // or when the client is closed. Does not wait. spec: 02 §10.5

    /// `registration_id`: of the publication, or of the `Pending` that adds it; so for the next two.
    void async_remove_publication(RegistrationId registration_id, std::function<void()> on_complete = {});
    /// The same for an exclusive one.
    void async_remove_exclusive_publication(RegistrationId registration_id, std::function<void()> on_complete = {});
    /// The same for a subscription.
    void async_remove_subscription(RegistrationId registration_id, std::function<void()> on_complete = {});
    /// `registration_id`: of the `Pending` that added it.
    void async_remove_counter(RegistrationId registration_id, std::function<void()> on_complete = {});

    // Handlers beside those of the context. Counters that exist already are not announced: read `counters_reader`.
    // After a close, registrations are without effect.

    /// Called for each counter that comes, until the registration is destroyed; see `CounterHandler`.
    HandlerRegistration add_available_counter_handler(CounterHandler handler);
    /// The same for each counter that goes.
    HandlerRegistration add_unavailable_counter_handler(CounterHandler handler);
    /// Called once, after those added before, by the thread that closes the client, however the client ended.
    HandlerRegistration add_close_handler(CloseHandler handler);

    /// All counters of the driver. Valid as long as a handle of this client is kept.
    [[nodiscard]] CountersReader counters_reader() const;

    /// Unique among the clients of the driver; -1 for a default-constructed handle.
    [[nodiscard]] std::int64_t client_id() const noexcept;

    /// A number that no other caller of this driver gets, and that is no resource's id. -1 as above.
    [[nodiscard]] std::int64_t next_correlation_id() noexcept;

    /// The settings in use, with everything filled in. Must not be called on a default-constructed handle.
    [[nodiscard]] const Context& context() const noexcept;

    /// True from the moment the client ended, whoever ended it.
    [[nodiscard]] bool is_closed() const noexcept;

    /// Closes the client and waits until its thread has ended; without effect after the first time. Throws
    /// `ReentrantCallError` inside a callback of this client; dropping the handle is allowed there.
    void close();

    /// One duty cycle of a client in invoker mode; how much it did. 0 once closed, and where another thread is in it.
    /// Throws `InvalidArgumentError` where the client has its own thread, `ReentrantCallError` inside a callback.
    int do_work();

    /// Asks the driver of a directory to end. `token`: what its termination validator expects. True if the request was
    /// sent, which is not answered; false if there is no driver's file. Throws `InvalidArgumentError` for a token that
    /// is too long, `IncompatibleVersionError`, `MalformedFileError`, `IoError`, `Error` with `driver_buffer_full`. No
    /// client is needed. spec: 02 §7.10
    static bool request_driver_termination(const std::string& directory, std::span<const std::byte> token = {});

    /// True for handles of the same client.
    friend bool operator==(const Aeron&, const Aeron&) noexcept = default;

private:
    friend class client::RunningClient;
    friend struct client::HandleAccess;
    friend struct std::hash<Aeron>;

    explicit Aeron(std::shared_ptr<client::RunningClient> client) noexcept : client_(std::move(client)) {}

    std::shared_ptr<client::RunningClient> client_;
};

}  // namespace cpperon

template <>
struct std::hash<cpperon::Aeron> {
    std::size_t operator()(const cpperon::Aeron& aeron) const noexcept {
        return std::hash<const void*>{}(aeron.client_.get());
    }
};
