/// The destinations of a publisher or subscriber in a simulation: which of those in its plan it should have now, and
/// what is still to be done about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cpperon/cpperon.hpp"

namespace cpperon::sim {

class Destinations {
public:
    Destinations() = default;
    /// All of them are wanted at first.
    explicit Destinations(const std::vector<std::string>& channels) {
        for (const std::string& channel : channels) {
            destinations_.push_back({.channel = channel});
        }
    }

    void want(const std::size_t index, const bool is_wanted) noexcept { destinations_[index].is_wanted = is_wanted; }
    /// Its publication or subscription is gone.
    void forget() noexcept {
        for (Destination& destination : destinations_) {
            destination.state = State::absent;
            destination.adding.reset();
            destination.removing.reset();
        }
    }

    /// The same; what was under way is for whoever buries it.
    [[nodiscard]] std::shared_ptr<void> abandon() {
        auto remains = std::make_shared<std::vector<Destination>>(std::move(destinations_));
        destinations_.clear();
        for (const Destination& destination : *remains) {
            destinations_.push_back({.channel = destination.channel, .is_wanted = destination.is_wanted});
        }
        return remains;
    }

    /// Asks for what is missing, and for what is too much to be removed; hears the answers. `on_error(error)` is called
    /// for each refusal but those that say to try again.
    template <typename Handle, typename OnError>
    int step(Handle& handle, const std::int64_t now_ns, const OnError& on_error) {
        int work = 0;
        for (Destination& destination : destinations_) {
            if (destination.state == State::changing) {
                work += hear(destination, now_ns, on_error);
            } else if (destination.is_wanted != (destination.state == State::present) &&
                       now_ns >= destination.not_before_ns) {
                ask(handle, destination);
                ++work;
            }
        }
        return work;
    }

private:
    enum class State : std::uint8_t { absent, changing, present };
    struct Destination {
        std::string channel;
        bool is_wanted = true;
        State state = State::absent;
        std::int64_t not_before_ns = 0;
        std::optional<Pending<RegistrationId>> adding{};
        std::optional<Pending<std::monostate>> removing{};
    };
    static constexpr std::int64_t retry_pause_ns = 50'000'000;

    template <typename Handle>
    static void ask(Handle& handle, Destination& destination) {
        destination.state = State::changing;
        if (destination.is_wanted) {
            destination.adding = handle.async_add_destination(destination.channel);
        } else {
            destination.removing = handle.async_remove_destination(destination.channel);
        }
    }

    template <typename OnError>
    static int hear(Destination& destination, const std::int64_t now_ns, const OnError& on_error) {
        return destination.adding ? settle(destination, destination.adding, State::present, now_ns, on_error)
                                  : settle(destination, destination.removing, State::absent, now_ns, on_error);
    }

    template <typename Value, typename OnError>
    static int settle(Destination& destination, std::optional<Pending<Value>>& pending, const State aim,
                      const std::int64_t now_ns, const OnError& on_error) {
        const auto answer = pending->poll();
        if (!answer) {
            return 0;
        }
        pending.reset();
        destination.state = aim;
        if (!*answer) {
            destination.state = aim == State::present ? State::absent : State::present;
            destination.not_before_ns = now_ns + retry_pause_ns;
            if (answer->error().code != ErrorCode::resource_temporarily_unavailable) {
                on_error(answer->error());
            }
        }
        return 1;
    }

    std::vector<Destination> destinations_;
};

}  // namespace cpperon::sim
