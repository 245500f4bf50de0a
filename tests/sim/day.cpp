#include "sim/day.hpp"

#include <vector>

#include "sim/scenario_generator.hpp"

namespace cpperon::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// Agents are late by so much at most while nobody visits: less than half of the shortest interval by which a driver or
/// client shows that it lives.
constexpr Pace resting_pace{
    .longest_busy_round_ns = 1'000'000, .first_leap_ns = 100'000, .leap_factor = 8, .longest_leap_ns = 200'000'000};

constexpr nanoseconds shortest_rest = 20s;
constexpr nanoseconds between_censuses = 1h;

/// What may be added from the first hour to the last: containers grow to the size they need one day (that of the
/// simulated network's datagrams under way is the largest), distinct errors are written down. Each visit makes and
/// drops thousands of blocks.
constexpr std::int64_t most_more_blocks = 300;
constexpr std::int64_t most_more_bytes = 32'000'000;

}  // namespace

Day::Day(const DayPlan& plan, const bool is_verbose)
    : plan_(plan),
      is_verbose_(is_verbose),
      residents_(draw_residents(plan.seed)),
      stage_(plan.seed, is_verbose),
      next_census_ns_(nanoseconds{between_censuses}.count()) {}

DayOutcome Day::run() {
    World& world = stage_.world;
    stage_.add_hosts(residents_.hosts, residents_.driver,
                     {.term_length = static_cast<std::int32_t>(residents_.driver.term_length),
                      .limit_only_rises = false,
                      .is_corrupting = true});
    {
        Episode residents{stage_, residents_};
        rest();
        receive_visitors();
        residents.make_peace();
        residents.drain();
        residents.wind_up();
        outcome_.messages_received += residents.messages_received();
    }
    stage_.close_drivers();
    outcome_.failure = world.verdict.failure();
    outcome_.datagrams = stage_.datagrams;
    outcome_.rounds = world.rounds();
    outcome_.virtual_ns = world.now_ns();
    return outcome_;
}

void Day::receive_visitors() {
    World& world = stage_.world;
    while (!world.verdict.has_failed() && world.now_ns() < nanoseconds{plan_.length}.count()) {
        Scenario scenario = draw_visit(world.dice.next_seed(), residents_);
        ++outcome_.visits;
        world.verdict.note("visit {}", outcome_.visits);
        if (is_verbose_) {
            fmt::print("{}", describe(scenario));
        }
        {
            Episode visit{stage_, std::move(scenario)};
            visit.run();
            outcome_.messages_received += visit.messages_received();
        }
        rest();
        look_at_process();
    }
}

void Day::rest() {
    stage_.world.verdict.note("rest after {} rounds, {} datagrams", stage_.world.rounds(), stage_.datagrams);
    const Pace pace = std::exchange(stage_.world.pace, resting_pace);
    stage_.world.run_for(
        nanoseconds{stage_.world.dice.between(shortest_rest.count(), nanoseconds{plan_.longest_rest}.count())});
    stage_.world.pace = pace;
    stage_.world.verdict.note("rested after {} rounds, {} datagrams", stage_.world.rounds(), stage_.datagrams);
}

void Day::look_at_process() {
    World& world = stage_.world;
    if (world.now_ns() < next_census_ns_) {
        return;
    }
    next_census_ns_ = world.now_ns() + nanoseconds{between_censuses}.count();
    const Census now = take_census("cpperon-sim-");
    world.verdict.note("{}", now.describe());
    if (!first_census_) {
        first_census_ = now;
        return;
    }
    if (now.descriptors != first_census_->descriptors || now.mappings != first_census_->mappings ||
        now.heap_blocks > first_census_->heap_blocks + most_more_blocks ||
        now.heap_bytes > first_census_->heap_bytes + most_more_bytes) {
        world.verdict.fail("after {} visits there are {}; after an hour there were {}", outcome_.visits, now.describe(),
                           first_census_->describe());
    }
}

}  // namespace cpperon::sim
