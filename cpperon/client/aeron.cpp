#include "cpperon/client/aeron.hpp"

#include <exception>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cpperon/client/client_conductor.hpp"
#include "cpperon/client/command_writer.hpp"
#include "cpperon/client/running_client.hpp"
#include "cpperon/shm/attach.hpp"
#include "cpperon/shm/directory.hpp"

namespace cpperon {

namespace {

/// Connecting has no conductor yet: whoever polls or waits makes the attempts. Threads: that of the `Pending`.
class ConnectAttempt final : public client::PendingOwner {
public:
    explicit ConnectAttempt(Context context)
        : context_(std::move(context)),
          attach_({.directory = *context_.directory,
                   .driver_timeout_ms =
                       std::chrono::duration_cast<std::chrono::milliseconds>(*context_.driver_timeout).count()},
                  *context_.nano_clock, *context_.epoch_clock) {}

    void on_poll(client::PendingState& state) override {
        if (context_.nano_clock->nano_time() >= next_attempt_ns_) {
            attempt(state);
        }
    }

    void on_wait(client::PendingState& state) override {
        attempt(state);
        if (!state.is_settled()) {
            state.pause(retry_after_);
        }
    }

    [[nodiscard]] std::optional<ErrorInfo> refuse_waiting() const override { return std::nullopt; }
    void on_cancel(RegistrationId /*registration_id*/) noexcept override {}
    [[nodiscard]] NanoClock& nano_clock() noexcept override { return *context_.nano_clock; }

private:
    void attempt(client::PendingState& state) {
        shm::AttachStep step = attach_.poll();
        switch (step.state) {
            case shm::AttachState::pending:
                retry_after_ = step.retry_after;
                next_attempt_ns_ = context_.nano_clock->nano_time() + retry_after_.count();
                break;
            case shm::AttachState::failed: state.fail(std::move(step.error)); break;
            case shm::AttachState::attached: start(state, std::move(*step.driver)); break;
        }
    }

    void start(client::PendingState& state, shm::AttachedDriver driver) {
        try {
            static_cast<client::PendingResult<Aeron>&>(state).succeed(
                client::RunningClient::start(context_, std::move(driver)));
        } catch (const Error& error) {
            state.fail({error.code(), error.what()});
        } catch (const std::exception& error) {
            state.fail({ErrorCode::generic_error, fmt::format("cannot start the client: {}", error.what())});
        }
    }

    Context context_;
    shm::DriverAttach attach_;
    std::chrono::nanoseconds retry_after_{};
    std::int64_t next_attempt_ns_ = std::numeric_limits<std::int64_t>::min();
};

ErrorInfo no_client_error() {
    return {ErrorCode::closed, "the handle belongs to no client: it was not made by Aeron::connect, or was moved from"};
}

/// A waiting call keeps the client while it waits: a callback may drop the handle it was called on.
template <typename T>
class WaitingCall {
public:
    /// Throws inside a callback, before anything is sent.
    explicit WaitingCall(std::shared_ptr<client::RunningClient> client) : client_(std::move(client)) {
        if (client_ != nullptr) {
            if (const std::optional<ErrorInfo> refusal = client_->conductor().refuse_waiting()) {
                detail::throw_error(*refusal);
            }
        }
    }

    T wait(Pending<T> pending, const std::chrono::nanoseconds timeout) const { return pending.wait(timeout); }

private:
    std::shared_ptr<client::RunningClient> client_;
};

}  // namespace

Aeron Aeron::connect(const Context& context, const std::chrono::nanoseconds timeout) {
    return async_connect(context).wait(timeout);
}

Pending<Aeron> Aeron::async_connect(const Context& context) {
    Result<Context> concluded = context.concluded();
    if (!concluded) {
        return client::failed_pending<Aeron>(concluded.error());
    }
    return Pending<Aeron>{std::make_shared<client::PendingResult<Aeron>>(
        std::make_shared<ConnectAttempt>(std::move(*concluded)), null_registration_id)};
}

Publication Aeron::add_publication(const std::string_view channel, const std::int32_t stream_id,
                                   const std::chrono::nanoseconds timeout) {
    const WaitingCall<Publication> call{client_};
    return call.wait(async_add_publication(channel, stream_id), timeout);
}

Pending<Publication> Aeron::async_add_publication(const std::string_view channel, const std::int32_t stream_id) {
    return client_ != nullptr ? client_->conductor().add_publication<Publication>(channel, stream_id)
                              : client::failed_pending<Publication>(no_client_error());
}

ExclusivePublication Aeron::add_exclusive_publication(const std::string_view channel, const std::int32_t stream_id,
                                                      const std::chrono::nanoseconds timeout) {
    const WaitingCall<ExclusivePublication> call{client_};
    return call.wait(async_add_exclusive_publication(channel, stream_id), timeout);
}

Pending<ExclusivePublication> Aeron::async_add_exclusive_publication(const std::string_view channel,
                                                                     const std::int32_t stream_id) {
    return client_ != nullptr ? client_->conductor().add_publication<ExclusivePublication>(channel, stream_id)
                              : client::failed_pending<ExclusivePublication>(no_client_error());
}

Subscription Aeron::add_subscription(const std::string_view channel, const std::int32_t stream_id,
                                     ImageHandlers handlers, const std::chrono::nanoseconds timeout) {
    const WaitingCall<Subscription> call{client_};
    return call.wait(async_add_subscription(channel, stream_id, std::move(handlers)), timeout);
}

Pending<Subscription> Aeron::async_add_subscription(const std::string_view channel, const std::int32_t stream_id,
                                                    ImageHandlers handlers) {
    return client_ != nullptr ? client_->conductor().add_subscription(channel, stream_id, std::move(handlers))
                              : client::failed_pending<Subscription>(no_client_error());
}

Counter Aeron::add_counter(const std::int32_t type_id, const std::string_view label,
                           const std::span<const std::byte> key, const std::chrono::nanoseconds timeout) {
    const WaitingCall<Counter> call{client_};
    return call.wait(async_add_counter(type_id, label, key), timeout);
}

Pending<Counter> Aeron::async_add_counter(const std::int32_t type_id, const std::string_view label,
                                          const std::span<const std::byte> key) {
    return client_ != nullptr ? client_->conductor().add_counter(type_id, std::nullopt, label, key)
                              : client::failed_pending<Counter>(no_client_error());
}

Counter Aeron::add_static_counter(const std::int32_t type_id, const RegistrationId registration_id,
                                  const std::string_view label, const std::span<const std::byte> key,
                                  const std::chrono::nanoseconds timeout) {
    const WaitingCall<Counter> call{client_};
    return call.wait(async_add_static_counter(type_id, registration_id, label, key), timeout);
}

Pending<Counter> Aeron::async_add_static_counter(const std::int32_t type_id, const RegistrationId registration_id,
                                                 const std::string_view label, const std::span<const std::byte> key) {
    return client_ != nullptr ? client_->conductor().add_counter(type_id, registration_id, label, key)
                              : client::failed_pending<Counter>(no_client_error());
}

SessionId Aeron::next_session_id(const std::int32_t stream_id, const std::chrono::nanoseconds timeout) {
    const WaitingCall<SessionId> call{client_};
    return call.wait(async_next_session_id(stream_id), timeout);
}

Pending<SessionId> Aeron::async_next_session_id(const std::int32_t stream_id) {
    return client_ != nullptr ? client_->conductor().next_session_id(stream_id)
                              : client::failed_pending<SessionId>(no_client_error());
}

namespace {

void async_remove(const std::shared_ptr<client::RunningClient>& client, const client::ResourceKind kind,
                  const RegistrationId registration_id, std::function<void()> on_complete) {
    if (client != nullptr) {
        client->conductor().remove({.kind = kind, .id = registration_id, .on_complete = std::move(on_complete)});
    } else if (on_complete) {
        on_complete();
    }
}

}  // namespace

void Aeron::async_remove_publication(const RegistrationId registration_id, std::function<void()> on_complete) {
    async_remove(client_, client::ResourceKind::publication, registration_id, std::move(on_complete));
}

void Aeron::async_remove_exclusive_publication(const RegistrationId registration_id,
                                               std::function<void()> on_complete) {
    async_remove(client_, client::ResourceKind::exclusive_publication, registration_id, std::move(on_complete));
}

void Aeron::async_remove_subscription(const RegistrationId registration_id, std::function<void()> on_complete) {
    async_remove(client_, client::ResourceKind::subscription, registration_id, std::move(on_complete));
}

void Aeron::async_remove_counter(const RegistrationId registration_id, std::function<void()> on_complete) {
    async_remove(client_, client::ResourceKind::counter, registration_id, std::move(on_complete));
}

HandlerRegistration Aeron::add_available_counter_handler(CounterHandler handler) {
    return client_ != nullptr ? client_->conductor().add_available_counter_handler(std::move(handler))
                              : HandlerRegistration{};
}

HandlerRegistration Aeron::add_unavailable_counter_handler(CounterHandler handler) {
    return client_ != nullptr ? client_->conductor().add_unavailable_counter_handler(std::move(handler))
                              : HandlerRegistration{};
}

HandlerRegistration Aeron::add_close_handler(CloseHandler handler) {
    return client_ != nullptr ? client_->conductor().add_close_handler(std::move(handler)) : HandlerRegistration{};
}

CountersReader Aeron::counters_reader() const {
    return client_ != nullptr ? client_->conductor().counters_reader() : CountersReader{};
}

std::int64_t Aeron::client_id() const noexcept {
    return client_ != nullptr ? client_->conductor().client_id() : -1;
}

std::int64_t Aeron::next_correlation_id() noexcept {
    return client_ != nullptr ? client_->conductor().next_correlation_id() : -1;
}

const Context& Aeron::context() const noexcept {
    return client_->conductor().context();
}

bool Aeron::is_closed() const noexcept {
    return client_ == nullptr || client_->conductor().is_closed();
}

void Aeron::close() {
    if (const std::shared_ptr<client::RunningClient> client = client_) {
        client->close();
    }
}

int Aeron::do_work() {
    // Kept: a callback may drop the handle this was called on.
    const std::shared_ptr<client::RunningClient> client = client_;
    return client != nullptr ? client->do_work() : 0;
}

bool Aeron::request_driver_termination(const std::string& directory, const std::span<const std::byte> token) {
    constexpr SemanticVersion terminate_since{0, 2, 0};
    shm::CncOpening opening = shm::CncFile::try_open(shm::cnc_path(directory), Access::read_write);
    if (opening.may_become_ready()) {
        return false;
    }
    if (opening.status != shm::CncOpenStatus::ready) {
        detail::throw_error(opening.error);
    }
    const SemanticVersion version = opening.file->version();
    if (version < terminate_since) {
        throw IncompatibleVersionError(fmt::format("'{}' is of version {}; its driver can be asked to end from {} on",
                                                   opening.file->path(), version.to_string(),
                                                   terminate_since.to_string()));
    }
    shm::ManyToOneRingBuffer ring{opening.file->to_driver_buffer()};
    client::CommandWriter commands{ring};
    const command::TerminateDriverCommand command{.client_id = ring.next_correlation_id(), .token = token};
    switch (commands.write(command)) {
        case shm::RingWriteResult::written: return true;
        case shm::RingWriteResult::full:
            throw Error(ErrorCode::driver_buffer_full,
                        fmt::format("cannot ask the driver of '{}' to end: its command ring is full", directory));
        case shm::RingWriteResult::message_too_long:
        case shm::RingWriteResult::invalid_type_id: break;
    }
    throw InvalidArgumentError(
        fmt::format("the termination token has {} bytes, which the command ring of '{}' does not "
                    "take: its messages have at most {} bytes",
                    token.size(), directory, ring.max_message_length()));
}

}  // namespace cpperon
