#include "cpperon/client/waiting.hpp"

#include <algorithm>

#include "cpperon/client/client_conductor.hpp"
#include "cpperon/client/running_client.hpp"

namespace cpperon {

namespace client {

ConductorLink* HandleAccess::link(const Aeron& aeron) noexcept {
    return aeron.client_ != nullptr ? &aeron.client_->conductor() : nullptr;
}

Wait::Wait(ConductorLink* const link, const std::chrono::nanoseconds timeout, IdleStrategy* const idle) noexcept
    : link_(link),
      idle_(idle),
      timeout_ns_(timeout.count()),
      start_ns_(link != nullptr ? link->nano_clock().nano_time() : 0) {
    if (idle_ != nullptr) {
        idle_->reset();
    }
}

bool Wait::go_on() {
    if (link_ == nullptr || link_->is_inside_callback() || link_->nano_clock().nano_time() - start_ns_ >= timeout_ns_) {
        return false;
    }
    const int work_count = link_->step_while_waiting();
    (idle_ != nullptr ? *idle_ : backoff_).idle(work_count);
    return true;
}

}  // namespace client

bool await_images(const Subscription& subscription, const std::size_t image_count,
                  const std::chrono::nanoseconds timeout, IdleStrategy* const idle) {
    client::Wait wait{client::HandleAccess::link(subscription), timeout, idle};
    while (subscription.image_count() < image_count) {
        if (subscription.is_closed() || !wait.go_on()) {
            return false;
        }
    }
    return true;
}

bool await_connected(const Subscription& subscription, const std::chrono::nanoseconds timeout,
                     IdleStrategy* const idle) {
    client::Wait wait{client::HandleAccess::link(subscription), timeout, idle};
    while (!subscription.is_connected()) {
        if (subscription.is_closed() || !wait.go_on()) {
            return false;
        }
    }
    return true;
}

}  // namespace cpperon
