/// A counter that is freed with its owner: publications, links, clients and user counters hold theirs so, which makes a
/// command that fails half-way give back what it had taken. Conductor only. spec: 01 §6.3, §6.4
#pragma once

#include <cstdint>
#include <utility>

#include "cpperon/shm/counters_manager.hpp"

namespace cpperon::driver {

/// Movable; a moved-from or default-constructed one owns nothing.
class OwnedCounter {
public:
    OwnedCounter() noexcept = default;

    /// `manager` must outlive the object. Throws `Error` with `generic_error` where no counter is free. spec: 02 §7.7
    [[nodiscard]] static OwnedCounter allocate(shm::CountersManager& manager, const shm::CounterSpec& spec);

    OwnedCounter(OwnedCounter&& other) noexcept
        : manager_(std::exchange(other.manager_, nullptr)), id_(std::exchange(other.id_, -1)), value_(other.value_) {}
    OwnedCounter& operator=(OwnedCounter&& other) noexcept {
        OwnedCounter taken{std::move(other)};
        std::swap(manager_, taken.manager_);
        std::swap(id_, taken.id_);
        std::swap(value_, taken.value_);
        return *this;
    }
    OwnedCounter(const OwnedCounter&) = delete;
    OwnedCounter& operator=(const OwnedCounter&) = delete;
    ~OwnedCounter() { free(); }

    /// Gives the counter back; its id rests for the free-to-reuse timeout. A second call has no effect.
    void free() noexcept {
        if (manager_ != nullptr) {
            std::exchange(manager_, nullptr)->free(id_);
            id_ = -1;
        }
    }

    /// Lets go of the counter without freeing it: it stays as long as the driver.
    std::int32_t release() noexcept {
        manager_ = nullptr;
        return std::exchange(id_, -1);
    }

    [[nodiscard]] bool is_allocated() const noexcept { return manager_ != nullptr; }
    [[nodiscard]] std::int32_t id() const noexcept { return id_; }

    // The value; only while allocated.
    [[nodiscard]] std::int64_t get() const noexcept { return value_.get(); }
    void set(const std::int64_t value) noexcept { value_.set_release(value); }
    [[nodiscard]] shm::AtomicCounter& value() noexcept { return value_; }
    [[nodiscard]] const shm::AtomicCounter& value() const noexcept { return value_; }

private:
    OwnedCounter(shm::CountersManager& manager, const std::int32_t id) noexcept
        : manager_(&manager), id_(id), value_(manager.counter(id)) {}

    shm::CountersManager* manager_ = nullptr;
    std::int32_t id_ = -1;
    shm::AtomicCounter value_;
};

}  // namespace cpperon::driver
