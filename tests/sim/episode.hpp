/// What is played on a stage: programs and their streams come, send under faults and events, have everything arrive in
/// good weather, and go, leaving drivers as they were.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/application.hpp"
#include "sim/counter_keeper.hpp"
#include "sim/ledger.hpp"
#include "sim/publisher.hpp"
#include "sim/scenario.hpp"
#include "sim/stage.hpp"
#include "sim/subscriber.hpp"

namespace cpperon::sim {

class Episode {
public:
    /// The programs start, unless they are to come later. `scenario`: hosts and drivers are those of the stage.
    Episode(Stage& stage, Scenario scenario);
    Episode(const Episode&) = delete;
    Episode& operator=(const Episode&) = delete;

    /// Traffic, as long as the scenario says; then until everything has arrived; then until everything has gone.
    void run();

    // Its parts, for those who play several episodes at a time.

    void play();
    /// From now on the weather is good, and every driver lives.
    void make_peace();
    /// Everybody who ought to hear somebody does, up to the last message.
    void drain();
    /// Everything is closed, in any order; then drivers have what they had before it began. spec: 06-C65
    void wind_up();

    [[nodiscard]] std::uint64_t messages_sent() const noexcept;
    [[nodiscard]] std::uint64_t messages_received() const noexcept;

private:
    struct StreamParts {
        std::vector<Publisher*> publishers;
        std::vector<Subscriber*> subscribers;
    };

    void set_up();
    void connect_responses();
    void apply_what_is_due();
    void apply(const Weather& weather);
    void apply(const Event& event);
    void want_destination(std::size_t index, std::size_t destination, bool is_wanted);
    void kill_application(std::size_t index);
    template <typename Use>
    void for_each_missing(Use&& use);
    [[nodiscard]] bool is_drained();
    [[nodiscard]] std::string what_is_not_drained();
    [[nodiscard]] bool has_left() const;
    [[nodiscard]] std::chrono::nanoseconds longest_farewell() const;

    Stage& stage_;
    World& world_;
    Scenario scenario_;
    std::vector<Holdings> holdings_before_;
    Ledgers ledgers_;
    std::vector<std::unique_ptr<Application>> applications_;
    std::vector<std::unique_ptr<CounterKeeper>> counter_keepers_;
    std::vector<std::unique_ptr<Publisher>> publishers_;
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
    std::vector<StreamParts> streams_;
    std::int64_t began_ns_;
    std::size_t next_weather_ = 0;
    std::size_t next_event_ = 0;
};

}  // namespace cpperon::sim
