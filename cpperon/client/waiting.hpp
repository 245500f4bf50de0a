/// Waiting for what a stream will come to: a message to be taken, a connection, images, or any other condition. Public;
/// for programs that have nothing else to do meanwhile. spec: 07 §A.9, §I.8
///
/// All of them look first and then pause, again and again, until what they wait for is there, cannot come any more, or
/// `timeout` is over by the client's clock; with a timeout of 0 they look once. Between the looks they call `idle`, or
/// back off where there is none. A client in invoker mode is stepped, and so is its driver (`Context::driver_do_work`).
/// Inside a callback of the client, where nothing can change before it returns, they look once. Nothing throws but the
/// callables of the program.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/client/buffer_claim.hpp"
#include "cpperon/client/handle_access.hpp"
#include "cpperon/client/publication.hpp"
#include "cpperon/client/subscription.hpp"

namespace cpperon {

namespace client {

/// One wait, from here on. Used by the waiting thread.
class Wait {
public:
    /// `link`: null where there is nothing to wait for. `idle`: null to back off.
    Wait(ConductorLink* link, std::chrono::nanoseconds timeout, IdleStrategy* idle) noexcept;

    /// Passes some time. False when it is over.
    [[nodiscard]] bool go_on();

private:
    ConductorLink* link_;
    IdleStrategy* idle_;
    std::int64_t timeout_ns_;
    std::int64_t start_ns_;
    BackoffIdleStrategy backoff_;
};

}  // namespace client

/// Offers until the message is taken. The position after it, or why it was not taken: a reason that is no longer worth
/// a retry, or the last one when the time was over.
///
///     const OfferResult result = offer_until_taken(publication, "hello", 5s);
template <AnyPublication Publication, typename Message>
[[nodiscard]] OfferResult offer_until_taken(const Publication& publication, const Message& message,
                                            const std::chrono::nanoseconds timeout,
                                            IdleStrategy* const idle = nullptr) {
    OfferResult result = publication.offer(message);
    client::Wait wait{client::HandleAccess::link(publication), timeout, idle};
    while (result.is_retryable() && wait.go_on()) {
        result = publication.offer(message);
    }
    return result;
}

/// Claims until there is room for `length` bytes; the claim converts to false as for `try_claim`.
template <AnyPublication Publication>
[[nodiscard]] BufferClaim claim_until_taken(const Publication& publication, const std::size_t length,
                                            const std::chrono::nanoseconds timeout,
                                            IdleStrategy* const idle = nullptr) {
    BufferClaim claim = publication.try_claim(length);
    client::Wait wait{client::HandleAccess::link(publication), timeout, idle};
    while (claim.result().is_retryable() && wait.go_on()) {
        claim = publication.try_claim(length);
    }
    return claim;
}

/// Waits for a subscriber of the publication; false if there was none in time, or the publication is closed.
template <AnyPublication Publication>
[[nodiscard]] bool await_connected(const Publication& publication, const std::chrono::nanoseconds timeout,
                                   IdleStrategy* const idle = nullptr) {
    client::Wait wait{client::HandleAccess::link(publication), timeout, idle};
    while (!publication.is_connected()) {
        if (publication.is_closed() || !wait.go_on()) {
            return false;
        }
    }
    return true;
}

/// Waits until the subscription has at least `image_count` images; false if it had fewer in time, or is closed.
[[nodiscard]] bool await_images(const Subscription& subscription, std::size_t image_count,
                                std::chrono::nanoseconds timeout, IdleStrategy* idle = nullptr);

/// Waits for a publisher of the subscription; false if there was none in time, or the subscription is closed.
[[nodiscard]] bool await_connected(const Subscription& subscription, std::chrono::nanoseconds timeout,
                                   IdleStrategy* idle = nullptr);

/// Waits until `condition()` holds; false if it did not in time, or the client ended before.
///
///     await(aeron, [&] { return aeron.counters_reader().find(1'101, 42).has_value(); }, 5s);
template <std::predicate Condition>
[[nodiscard]] bool await(const Aeron& aeron, Condition&& condition, const std::chrono::nanoseconds timeout,
                         IdleStrategy* const idle = nullptr) {
    client::Wait wait{client::HandleAccess::link(aeron), timeout, idle};
    while (!condition()) {
        if (aeron.is_closed() || !wait.go_on()) {
            return false;
        }
    }
    return true;
}

}  // namespace cpperon
