/// Handlers that come and go while the client runs: counter handlers and close handlers. Called by the conductor, added
/// and removed by any thread. spec: 02 §10.12, 07 §B.5, §E.2
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace cpperon {

/// Keeps a handler registered for as long as it lives. Move-only.
///
/// Once removed, a handler is not called again; a call that runs on another thread is waited for, so what the handler
/// refers to may be destroyed afterwards. A handler may remove itself.
class [[nodiscard]] HandlerRegistration {
public:
    HandlerRegistration() noexcept = default;
    explicit HandlerRegistration(std::function<void()> remove) noexcept : remove_(std::move(remove)) {}
    HandlerRegistration(HandlerRegistration&& other) noexcept : remove_(std::exchange(other.remove_, nullptr)) {}
    HandlerRegistration& operator=(HandlerRegistration&& other) noexcept {
        if (this != &other) {
            remove();
            remove_ = std::exchange(other.remove_, nullptr);
        }
        return *this;
    }
    HandlerRegistration(const HandlerRegistration&) = delete;
    HandlerRegistration& operator=(const HandlerRegistration&) = delete;
    ~HandlerRegistration() { remove(); }

    /// Removes the handler now. May be called again.
    void remove() noexcept {
        if (const std::function<void()> remove = std::exchange(remove_, nullptr)) {
            remove();
        }
    }

    /// Leaves the handler registered until the client is closed.
    void keep() noexcept { remove_ = nullptr; }

private:
    std::function<void()> remove_;
};

namespace client {

/// An ordered list of handlers. Owned by a `std::shared_ptr`, because registrations may outlive the client.
template <typename... Arguments>
class HandlerList : public std::enable_shared_from_this<HandlerList<Arguments...>> {
public:
    using Handler = std::function<void(Arguments...)>;

    /// Any thread. Takes effect with the next dispatch. An empty handler gives an empty registration.
    HandlerRegistration add(Handler handler) {
        if (!handler) {
            return HandlerRegistration{};
        }
        auto entry = std::make_shared<Entry>(std::move(handler));
        {
            const std::lock_guard lock{mutex_};
            entries_.push_back(entry);
        }
        return HandlerRegistration{[list = this->weak_from_this(), entry] {
            entry->retire();
            if (const auto self = list.lock()) {
                self->erase(entry);
            }
        }};
    }

    /// Calls every handler, in the order in which they were added; `call(handler)` deals with what it throws. One
    /// thread at a time. Handlers added meanwhile are not called, removed ones not any more.
    template <typename Call>
    void dispatch(Call&& call) {
        std::vector<std::shared_ptr<Entry>> entries;
        {
            const std::lock_guard lock{mutex_};
            entries = entries_;
        }
        for (const std::shared_ptr<Entry>& entry : entries) {
            entry->run(call);
        }
    }

private:
    /// One handler. Its lock is held during a call; it is recursive so that the handler may remove itself.
    class Entry {
    public:
        explicit Entry(Handler handler) noexcept : handler_(std::move(handler)) {}

        template <typename Call>
        void run(Call& call) {
            const std::lock_guard lock{running_};
            if (!retired_) {
                call(handler_);
            }
        }

        void retire() noexcept {
            const std::lock_guard lock{running_};
            retired_ = true;
        }

    private:
        std::recursive_mutex running_;
        bool retired_ = false;
        Handler handler_;
    };

    void erase(const std::shared_ptr<Entry>& entry) noexcept {
        const std::lock_guard lock{mutex_};
        entries_.erase(std::remove(entries_.begin(), entries_.end(), entry), entries_.end());
    }

    std::mutex mutex_;
    std::vector<std::shared_ptr<Entry>> entries_;
};

}  // namespace client

}  // namespace cpperon
