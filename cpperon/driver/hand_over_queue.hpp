/// Hands objects from the threads of some agents to that of another, in order, without a lock: for commands between
/// agents, never for data. spec: 06 §14
///
/// Invariants: `newest_` heads a list from the newest element to the oldest. Producers only prepend, the consumer only
/// takes the whole list, so that no node is ever looked at by two threads at once. An element owns its node: adding one
/// allocates. `push` never fails for lack of room: it is for what the other side answers, so that users bound it by
/// what they have outstanding. `try_push` is for what anybody on the network can cause.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <utility>

namespace cpperon::driver {

template <typename T>
class HandOverQueue {
public:
    HandOverQueue() noexcept = default;
    HandOverQueue(const HandOverQueue&) = delete;
    HandOverQueue& operator=(const HandOverQueue&) = delete;
    ~HandOverQueue() {
        std::deque<T> rest;
        take_all(rest);
    }

    /// Any thread.
    void push(T element) {
        // relaxed: a number to be compared with a bound.
        count_.fetch_add(1, std::memory_order_relaxed);
        // relaxed: only to be compared with; the exchange below does the ordering.
        Node* const node = new Node{std::move(element), newest_.load(std::memory_order_relaxed)};
        // release [hand-over] -> take_all: the element, and the list behind it, are complete before they can be taken.
        while (
            !newest_.compare_exchange_weak(node->older, node, std::memory_order_release, std::memory_order_relaxed)) {
        }
    }

    /// Any thread. False: `most` or more elements wait to be taken, this one does not get there. Several threads at a
    /// time may go beyond by one each.
    [[nodiscard]] bool try_push(T element, const std::size_t most) {
        // relaxed: as in push.
        if (count_.load(std::memory_order_relaxed) >= most) {
            return false;
        }
        push(std::move(element));
        return true;
    }

    /// Consumer only: moves everything that is in the queue behind what is in `elements`, oldest first.
    void take_all(std::deque<T>& elements) {
        // relaxed: a look that saves the exchange; what is missed now is there at the next call.
        if (newest_.load(std::memory_order_relaxed) == nullptr) {
            return;
        }
        // acquire [hand-over] <- push
        Node* newest = newest_.exchange(nullptr, std::memory_order_acquire);
        Node* oldest = nullptr;
        while (newest != nullptr) {
            oldest = std::exchange(newest, std::exchange(newest->older, oldest));
        }
        while (oldest != nullptr) {
            // relaxed: as in push.
            count_.fetch_sub(1, std::memory_order_relaxed);
            elements.push_back(std::move(oldest->element));
            delete std::exchange(oldest, oldest->older);
        }
    }

private:
    struct Node {
        T element;
        Node* older;  // once taken: newer
    };

    std::atomic<Node*> newest_{nullptr};
    std::atomic<std::size_t> count_{0};
};

}  // namespace cpperon::driver
