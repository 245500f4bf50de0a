/// Plays random scenarios, each of which follows from its seed, on all cores; says how to play one that fails again.
///
///     sim --seeds 1000 --from 1        plays the seeds 1 to 1000
///     sim --seed 42 --verbose          plays one, and tells what happens
///     sim --day --seeds 10             plays ten whole days of two drivers
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/day.hpp"
#include "sim/scenario_generator.hpp"
#include "sim/simulation.hpp"

namespace cpperon::sim {
namespace {

struct Options {
    std::uint64_t from = 1;
    std::uint64_t seeds = 100;
    unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
    bool is_verbose = false;
    bool goes_on = false;
    bool plays_days = false;
    std::int64_t hours = DayPlan{}.length.count();
    std::int64_t longest_rest_s = DayPlan{}.longest_rest.count();
    std::vector<StreamKind> kinds;
    std::string program;
};

Scenario scenario_of(const std::uint64_t seed, const Options& options) {
    return options.kinds.empty() ? draw_scenario(seed) : draw_scenario(seed, options.kinds);
}

std::optional<std::string> play_scenario(const std::uint64_t seed, const Options& options) {
    const Scenario scenario = scenario_of(seed, options);
    if (options.is_verbose) {
        fmt::print("{}", describe(scenario));
    }
    const SimulationOutcome outcome = Simulation{scenario, options.is_verbose}.run();
    if (options.is_verbose) {
        fmt::print("{} messages sent, {} received, {} datagrams, {} rounds, {} ms, fingerprint {:016x}\n",
                   outcome.messages_sent, outcome.messages_received, outcome.datagrams, outcome.rounds,
                   outcome.virtual_ns / 1'000'000, outcome.fingerprint);
    }
    return outcome.failure;
}

std::optional<std::string> play_day(const std::uint64_t seed, const Options& options) {
    const DayOutcome outcome = Day{{.seed = seed,
                                    .length = std::chrono::hours{options.hours},
                                    .longest_rest = std::chrono::seconds{options.longest_rest_s}},
                                   options.is_verbose}
                                   .run();
    fmt::print("day {}: {} visits, {} messages received, {} datagrams, {} rounds, {} s\n", seed, outcome.visits,
               outcome.messages_received, outcome.datagrams, outcome.rounds, outcome.virtual_ns / 1'000'000'000);
    return outcome.failure;
}

/// True if all was well.
bool play(const std::uint64_t seed, const Options& options) {
    std::optional<std::string> failure;
    try {
        failure = options.plays_days ? play_day(seed, options) : play_scenario(seed, options);
    } catch (const std::exception& error) {
        failure = fmt::format("exception: {}", error.what());
    }
    if (failure) {
        fmt::print("seed {} FAILED {}\n", seed, *failure);
        std::fflush(stdout);
    }
    return !failure;
}

/// What the worker processes share.
struct Progress {
    std::atomic<std::uint64_t> next_seed{0};
    std::atomic<std::uint64_t> failures{0};
};

/// Plays seeds until there are no more. `current` is for whoever finds this process dead.
void work(Progress& progress, std::atomic<std::uint64_t>& current, const Options& options) {
    const std::uint64_t end = options.from + options.seeds;
    while (options.goes_on || progress.failures == 0) {
        const std::uint64_t seed = progress.next_seed++;
        if (seed >= end) {
            return;
        }
        current = seed;
        if (!play(seed, options)) {
            ++progress.failures;
        }
    }
}

template <typename T>
T& make_shared_between_processes() {
    void* const memory = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        std::perror("mmap");
        std::exit(2);
    }
    return *new (memory) T;
}

/// A process per core, so that a crash takes one seed with it, and its name is known.
int play_all(const Options& options) {
    struct Worker {
        pid_t pid = 0;
        std::atomic<std::uint64_t>* current = nullptr;
    };
    auto& progress = make_shared_between_processes<Progress>();
    progress.next_seed = options.from;
    std::vector<Worker> workers(options.jobs);
    const auto start = [&](Worker& worker) {
        std::fflush(stdout);
        worker.pid = ::fork();
        if (worker.pid == 0) {
            work(progress, *worker.current, options);
            std::fflush(stdout);
            std::_Exit(0);
        }
    };
    for (Worker& worker : workers) {
        worker.current = &make_shared_between_processes<std::atomic<std::uint64_t>>();
        start(worker);
    }
    for (std::size_t running = workers.size(); running > 0; --running) {
        int status = 0;
        const pid_t pid = ::wait(&status);
        for (Worker& worker : workers) {
            if (worker.pid == pid && status != 0) {
                fmt::print("seed {} CRASHED with {} {}\n", worker.current->load(),
                           WIFSIGNALED(status) ? "signal" : "exit code",
                           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
                ++progress.failures;
                if (options.goes_on) {
                    start(worker);
                    ++running;
                }
            }
        }
    }
    if (progress.failures > 0) {
        fmt::print("{} failed; to play one again: {} --verbose --seed <seed>\n", progress.failures.load(),
                   options.program);
        return 1;
    }
    fmt::print("{} seeds from {}: all was well\n", options.seeds, options.from);
    return 0;
}

}  // namespace
}  // namespace cpperon::sim

int main(int argc, char** argv) {
    using cpperon::sim::StreamKind;
    CLI::App app{"Plays random scenarios on simulated hosts and networks"};
    cpperon::sim::Options options{.program = argv[0]};
    std::uint64_t seed = 0;
    const CLI::Option* const one_seed = app.add_option("--seed", seed, "Play this seed only, in this process");
    app.add_option("--seeds", options.seeds, "How many seeds")->capture_default_str();
    app.add_option("--from", options.from, "The first seed")->capture_default_str();
    app.add_option("--jobs", options.jobs, "Processes")->capture_default_str();
    app.add_flag("--verbose", options.is_verbose, "Tell what happens");
    app.add_flag("--go-on", options.goes_on, "Do not stop at the first failure");
    app.add_flag("--day", options.plays_days, "Play whole days of two drivers");
    app.add_option("--hours", options.hours, "Of a day")->check(CLI::Range(1, 240))->capture_default_str();
    app.add_option("--longest-rest", options.longest_rest_s, "Of a day: seconds between visits, at most")
        ->check(CLI::Range(std::int64_t{20}, std::int64_t{86'400}))
        ->capture_default_str();
    app.add_option("--kinds", options.kinds, "Kinds of streams; default: all")
        ->delimiter(',')
        ->transform(
            CLI::CheckedTransformer(std::map<std::string, StreamKind>{{"ipc", StreamKind::ipc},
                                                                      {"unicast", StreamKind::unicast},
                                                                      {"multicast", StreamKind::multicast},
                                                                      {"mdc", StreamKind::dynamic_destinations},
                                                                      {"manual", StreamKind::manual_destinations},
                                                                      {"mds", StreamKind::many_sources},
                                                                      {"paths", StreamKind::two_paths},
                                                                      {"response", StreamKind::response},
                                                                      {"spy", StreamKind::spy}}));
    CLI11_PARSE(app, argc, argv);
    if (one_seed->count() > 0) {
        return cpperon::sim::play(seed, options) ? 0 : 1;
    }
    return cpperon::sim::play_all(options);
}
