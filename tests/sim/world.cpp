#include "sim/world.hpp"

#include <algorithm>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace cpperon::sim {

namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t shortest_round_ns = 100;

}  // namespace

Host::Host(World& world, const std::string& name, const std::vector<net::SocketAddress>& addresses)
    : world_(world),
      network_(world.network.add_host(name, addresses)),
      directory_(fmt::format("/dev/shm/cpperon-sim-{}-{}", ::getpid(), name)) {}

Host::~Host() {
    driver_.reset();
    dead_drivers_.clear();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

void Host::start_driver(DriverContext settings) {
    random_.push_back(std::make_unique<SeededRandomSource>(world_.dice.next_seed()));
    settings.directory = directory_;
    settings.delete_directory_on_start = true;
    settings.threading_mode = ThreadingMode::invoker;
    settings.perform_storage_checks = false;
    settings.warning_handler = [this](const std::string_view line) { world_.verdict.note("{}: {}", name(), line); };
    settings.nano_clock = &world_.clock;
    settings.epoch_clock = &world_.clock;
    settings.random = random_.back().get();
    settings.udp_transport = &network_;
    settings.name_resolver = &world_.names;
    driver_ = std::make_unique<MediaDriver>(std::move(settings), MainLoop::by_caller);
    world_.verdict.note("{}: driver started", name());
}

void Host::kill_driver() {
    world_.verdict.note("{}: driver killed", name());
    network_.crash();
    dead_drivers_.push_back(std::move(driver_));
}

void Host::close_driver() {
    driver_.reset();
}

int Host::step() {
    return driver_ ? driver_->do_work() : 0;
}

World::World(const std::uint64_t seed, const bool is_verbose)
    : verdict(clock, is_verbose), dice(seed), network(clock, dice.next_seed()) {}

World::~World() = default;

Host& World::add_host(const std::string& name, const std::vector<std::string>& addresses) {
    std::vector<net::SocketAddress> own;
    for (const std::string& address : addresses) {
        own.push_back(net::SocketAddress::try_parse(address, 0).value());
    }
    hosts.push_back(std::make_unique<Host>(*this, name, own));
    names.set(name, own.front());
    add_actor(*hosts.back());
    return *hosts.back();
}

void World::step() {
    dice.shuffle(actors_);
    int work = 0;
    for (Actor* const actor : actors_) {
        work += actor->step();
    }
    ++rounds_;
    let_time_pass(work == 0);
    if (after_round) {
        after_round();
    }
}

bool World::run_until(const std::function<bool()>& is_done, const nanoseconds at_most) {
    const std::int64_t deadline_ns = now_ns() + at_most.count();
    while (!verdict.has_failed() && !is_done()) {
        if (now_ns() >= deadline_ns) {
            return false;
        }
        step();
    }
    return !verdict.has_failed();
}

void World::run_for(const nanoseconds duration) {
    const std::int64_t end_ns = now_ns() + duration.count();
    static_cast<void>(run_until([&] { return now_ns() >= end_ns; }, duration));
}

void World::let_time_pass(const bool is_idle) {
    if (!is_idle) {
        leap_ns_ = 0;
        clock.advance(nanoseconds{dice.between(shortest_round_ns, pace.longest_busy_round_ns)});
        return;
    }
    leap_ns_ = std::clamp(leap_ns_ * pace.leap_factor, pace.first_leap_ns, pace.longest_leap_ns);
    std::int64_t passed_ns = leap_ns_;
    if (const std::optional<std::int64_t> arrival_ns = network.next_arrival_ns()) {
        passed_ns = std::clamp<std::int64_t>(*arrival_ns - now_ns(), shortest_round_ns, passed_ns);
    }
    clock.advance(nanoseconds{passed_ns});
}

}  // namespace cpperon::sim
