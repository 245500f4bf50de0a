#include "cpperon/client/counter.hpp"

namespace cpperon {

CounterConstants Counter::constants() const noexcept {
    return state_ != nullptr ? state_->constants() : CounterConstants{};
}

CounterState Counter::state() const {
    if (state_ == nullptr) {
        return CounterState::unused;
    }
    const CountersReader& reader = state_->reader();
    const auto number = static_cast<std::int32_t>(id());
    const CounterState recorded = reader.state(number);
    // Freed ids are handed out again: what is recorded may be somebody else's by now.
    const bool is_ours = reader.registration_id(number) == static_cast<std::int64_t>(registration_id());
    return recorded == CounterState::allocated && !is_ours ? CounterState::reclaimed : recorded;
}

std::string Counter::label() const {
    return state() == CounterState::allocated ? state_->reader().label(static_cast<std::int32_t>(id())) : std::string{};
}

void Counter::close() const noexcept {
    if (state_ != nullptr) {
        state_->close();
    }
}

}  // namespace cpperon
