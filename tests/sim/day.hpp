/// A day of two drivers in virtual time: visits of programs, a quiet while, the next visit; some programs stay all day.
/// After each visit the drivers have what they had before it; from hour to hour the process holds no more than it did.
/// spec: 06-C65
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "sim/census.hpp"
#include "sim/episode.hpp"
#include "sim/scenario.hpp"
#include "sim/stage.hpp"

namespace cpperon::sim {

struct DayPlan {
    std::uint64_t seed = 1;
    std::chrono::hours length{24};
    std::chrono::seconds longest_rest{600};  ///< between visits
};

struct DayOutcome {
    std::optional<std::string> failure;  ///< nothing: all was well
    int visits = 0;
    std::uint64_t messages_received = 0;
    std::uint64_t datagrams = 0;
    std::uint64_t rounds = 0;
    std::int64_t virtual_ns = 0;
};

class Day {
public:
    Day(const DayPlan& plan, bool is_verbose);

    /// Once.
    [[nodiscard]] DayOutcome run();

private:
    void receive_visitors();
    void rest();
    void look_at_process();

    DayPlan plan_;
    bool is_verbose_;
    Scenario residents_;
    Stage stage_;
    std::optional<Census> first_census_;
    std::int64_t next_census_ns_;
    DayOutcome outcome_;
};

}  // namespace cpperon::sim
