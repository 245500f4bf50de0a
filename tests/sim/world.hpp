/// Hosts with their drivers, and whoever else acts, in one thread on virtual time. Everything moves in rounds: each
/// living actor takes one step, in an order drawn from the seed; then time goes on, by little while there is work, by
/// leaps while there is none.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/random.hpp"
#include "cpperon/driver/media_driver.hpp"
#include "cpperon/net/simulated_name_resolver.hpp"
#include "cpperon/net/simulated_network.hpp"
#include "sim/dice.hpp"
#include "sim/fingerprint.hpp"
#include "sim/verdict.hpp"

namespace cpperon::sim {

/// Something that acts, from `add_actor` to `remove_actor`.
class Actor {
public:
    virtual ~Actor() = default;
    /// How much was done.
    virtual int step() = 0;
};

class World;

/// How time goes on from round to round: what agents measure is late by so much at most.
struct Pace {
    /// While something is done: less than this, drawn.
    std::int64_t longest_busy_round_ns = 20'000;
    /// While nothing is: so much at first, then more from round to round, up to the longest; never beyond the arrival
    /// of a datagram.
    std::int64_t first_leap_ns = 10'000;
    std::int64_t leap_factor = 2;
    /// Finer than the intervals by which drivers and clients show that they live.
    std::int64_t longest_leap_ns = 20'000'000;
};

/// A host on the network, with a directory and, most of the time, a driver.
class Host final : public Actor {
public:
    Host(World& world, const std::string& name, const std::vector<net::SocketAddress>& addresses);
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host() override;

    /// `settings`: clocks, randomness, network and directory are filled in.
    void start_driver(DriverContext settings);
    /// As an operating system kills it: nothing is said to anybody, and its files stay.
    void kill_driver();
    void close_driver();
    [[nodiscard]] bool has_driver() const noexcept { return driver_ != nullptr; }

    [[nodiscard]] const std::string& name() const noexcept { return network_.name(); }
    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
    [[nodiscard]] net::SimulatedHost& network() const noexcept { return network_; }
    /// Its address as text.
    [[nodiscard]] std::string address() const { return network_.address().host_string(); }

    int step() override;

private:
    World& world_;
    net::SimulatedHost& network_;
    std::string directory_;
    std::vector<std::unique_ptr<SeededRandomSource>> random_;  // of each driver it had
    std::vector<std::unique_ptr<MediaDriver>> dead_drivers_;   // their last words come when all is over
    std::unique_ptr<MediaDriver> driver_;
};

class World {
public:
    World(std::uint64_t seed, bool is_verbose);
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World();

    /// `addresses`: one or more; its name stands for the first.
    Host& add_host(const std::string& name, const std::vector<std::string>& addresses);
    void add_actor(Actor& actor) { actors_.push_back(&actor); }
    /// Not within its step.
    void remove_actor(const Actor& actor) { std::erase(actors_, &actor); }

    /// One round.
    void step();
    /// Rounds until `is_done`, at most for so long. False: not done in time, or something has failed.
    bool run_until(const std::function<bool()>& is_done, std::chrono::nanoseconds at_most);
    void run_for(std::chrono::nanoseconds duration);

    [[nodiscard]] std::int64_t now_ns() noexcept { return clock.nano_time(); }
    [[nodiscard]] std::uint64_t rounds() const noexcept { return rounds_; }

    ManualClock clock;
    Verdict verdict;
    Dice dice;
    net::SimulatedNetwork network;
    net::SimulatedNameResolver names;
    std::vector<std::unique_ptr<Host>> hosts;
    Fingerprint fingerprint;  ///< of what was sent and read, and when
    Pace pace;

    /// Called after each round.
    std::function<void()> after_round;

private:
    void let_time_pass(bool is_idle);

    std::vector<Actor*> actors_;
    std::uint64_t rounds_ = 0;
    std::int64_t leap_ns_ = 0;
};

}  // namespace cpperon::sim
