/// A part of an application in a simulation that adds counters of its own, writes them, and gives them back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cpperon/cpperon.hpp"
#include "sim/application.hpp"

namespace cpperon::sim {

class CounterKeeper final : public Actor {
public:
    /// Has up to `most` counters at a time.
    CounterKeeper(World& world, Application& application, std::size_t most);
    CounterKeeper(const CounterKeeper&) = delete;
    CounterKeeper& operator=(const CounterKeeper&) = delete;
    ~CounterKeeper() override;

    [[nodiscard]] Application& application() const noexcept { return application_; }
    /// Gives all of them back, and adds no more.
    void stop() noexcept { is_stopped_ = true; }
    /// Its client was killed.
    void die();
    /// Nothing of it is left in its client.
    [[nodiscard]] bool is_absent() const noexcept { return counters_.empty() && !pending_; }

    int step() override;

private:
    struct Kept {
        Counter counter;
        std::int64_t value = 0;
    };

    void lose();
    int poll_add();
    void write(Kept& kept);

    World& world_;
    Application& application_;
    std::size_t most_;
    Dice dice_;
    bool is_stopped_ = false;
    int generation_ = 0;
    std::int64_t not_before_ns_ = 0;
    std::optional<Pending<Counter>> pending_;
    std::vector<Kept> counters_;
};

}  // namespace cpperon::sim
