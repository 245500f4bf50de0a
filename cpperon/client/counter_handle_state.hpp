/// What the copies of a `Counter` share. Made by the client conductor, used by any thread. spec: 02 §10.8, §10.10
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/ids.hpp"
#include "cpperon/client/conductor_link.hpp"
#include "cpperon/shm/counters_reader.hpp"

namespace cpperon {

/// What never changes about a counter that a client added. spec: 07 §A.1
struct CounterConstants {
    RegistrationId registration_id = null_registration_id;  ///< of a static counter: the one the user chose
    RegistrationId correlation_id = null_registration_id;   ///< of the command that added it
    CounterId id = no_counter;
};

namespace client {

/// Everything the conductor knows when the driver has answered.
struct CounterSetup {
    std::shared_ptr<ConductorLink> link;
    std::shared_ptr<const void> counters_owner;  ///< keeps `value` and `reader` mapped
    std::int64_t* value = nullptr;
    CountersReader reader;
    CounterConstants constants;
};

class CounterHandleState {
public:
    explicit CounterHandleState(CounterSetup setup) noexcept : setup_(std::move(setup)) {}
    CounterHandleState(const CounterHandleState&) = delete;
    CounterHandleState& operator=(const CounterHandleState&) = delete;
    /// The last handle is gone: the same as closing it.
    ~CounterHandleState() { close(); }

    // acquire [handle-closed] <- close: the final value is there.
    [[nodiscard]] bool is_closed() const noexcept { return closed_.load(std::memory_order_acquire); }

    /// The live value; null once closed.
    [[nodiscard]] std::int64_t* live_value() const noexcept { return is_closed() ? nullptr : setup_.value; }
    /// The value when it was closed; 0 if the driver had given the counter to somebody else by then. Only then.
    [[nodiscard]] std::int64_t final_value() const noexcept { return final_value_; }

    [[nodiscard]] const CounterConstants& constants() const noexcept { return setup_.constants; }
    [[nodiscard]] const CountersReader& reader() const noexcept { return setup_.reader; }

    /// Any thread, any number of times: the conductor tells the driver.
    void close() noexcept {
        if (mark_closed()) {
            setup_.link->close_counter(setup_.constants.correlation_id);
        }
    }

    /// Conductor, closing by force: nothing is sent. False if it was closed already.
    bool mark_closed() noexcept {
        if (closing_.exchange(true)) {
            return false;
        }
        // acquire [counter-value] <- whoever wrote it last.
        const std::int64_t value = load_acquire(*setup_.value);
        // A client that stood still may have lost the counter to somebody else, whose value is none of ours: the driver
        // takes the registration id away before it resets the value.
        const std::int64_t owner = setup_.reader.registration_id(static_cast<std::int32_t>(setup_.constants.id));
        final_value_ = owner == static_cast<std::int64_t>(setup_.constants.registration_id) ? value : 0;
        // release [handle-closed] -> is_closed.
        closed_.store(true, std::memory_order_release);
        return true;
    }

private:
    // Constant after construction.
    CounterSetup setup_;
    // Written once, by the thread that closes.
    std::atomic<bool> closing_{false};
    std::int64_t final_value_ = 0;
    std::atomic<bool> closed_{false};
};

}  // namespace client

}  // namespace cpperon
