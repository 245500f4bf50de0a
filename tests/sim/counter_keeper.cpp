#include "sim/counter_keeper.hpp"

#include <memory>
#include <utility>

namespace cpperon::sim {

namespace {

constexpr std::int32_t own_counter_type = 1'234;
constexpr std::int64_t longest_pause_ns = 300'000'000;

}  // namespace

CounterKeeper::CounterKeeper(World& world, Application& application, const std::size_t most)
    : world_(world), application_(application), most_(most), dice_(world.dice.next_seed()) {
    world.add_actor(*this);
}

CounterKeeper::~CounterKeeper() {
    world_.remove_actor(*this);
}

int CounterKeeper::step() {
    if (generation_ != application_.generation()) {
        lose();
        generation_ = application_.generation();
    }
    if (pending_) {
        return poll_add();
    }
    if (is_stopped_) {
        counters_.clear();
        return 0;
    }
    if (!application_.is_ready() || world_.now_ns() < not_before_ns_) {
        return 0;
    }
    not_before_ns_ = world_.now_ns() + dice_.between(std::int64_t{0}, longest_pause_ns);
    if (counters_.size() < most_ && dice_.happens(0.5)) {
        pending_ = application_.client().async_add_counter(own_counter_type, "a counter of the simulation");
    } else if (!counters_.empty()) {
        std::swap(counters_[dice_.index(counters_.size())], counters_.back());
        if (dice_.happens(0.5)) {
            write(counters_.back());
        } else {
            counters_.pop_back();
        }
    }
    return 1;
}

void CounterKeeper::die() {
    application_.bury(std::make_shared<std::vector<Kept>>(std::move(counters_)));
    application_.bury(std::make_shared<std::optional<Pending<Counter>>>(std::move(pending_)));
    lose();
}

void CounterKeeper::lose() {
    counters_.clear();
    pending_.reset();
}

int CounterKeeper::poll_add() {
    auto answer = pending_->poll();
    if (!answer) {
        return 0;
    }
    pending_.reset();
    if (!*answer) {
        if (!application_.may_lose_client) {
            world_.verdict.fail("{} cannot add a counter: {}", application_.name(), answer->error().message);
        }
        return 1;
    }
    counters_.push_back({.counter = std::move(*answer).value()});
    if (const std::int64_t value = counters_.back().counter.get(); value != 0) {
        world_.verdict.fail("{}: counter {} is new, but has the value {}", application_.name(),
                            static_cast<std::int32_t>(counters_.back().counter.id()), value);
    }
    return 1;
}

/// Nobody else writes it. spec: 01 §6
void CounterKeeper::write(Kept& kept) {
    if (kept.counter.is_closed()) {
        return;
    }
    if (const std::int64_t value = kept.counter.get(); value != kept.value) {
        world_.verdict.fail("{}: counter {} was set to {}, but is {}", application_.name(),
                            static_cast<std::int32_t>(kept.counter.id()), kept.value, value);
    }
    kept.value = dice_.between(std::int64_t{-1'000'000}, std::int64_t{1'000'000});
    kept.counter.set(kept.value);
}

}  // namespace cpperon::sim
