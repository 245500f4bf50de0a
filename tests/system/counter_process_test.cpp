/// Counters of one process, read by another that has no client, through the files of a driver in a third.
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/shm/cnc_reader.hpp"
#include "tests/system/process_fixture.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;

constexpr std::int32_t counter_type_id = 1'234;
constexpr std::int32_t static_counter_type_id = 1'235;

class CounterProcesses : public ProcessFixture {
protected:
    /// What a process has printed so far, without a last line that is not complete yet.
    static std::vector<std::string> lines_of(const ChildProcess& peer) {
        const std::string output = peer.output();
        std::istringstream complete{output.substr(0, output.rfind('\n') + 1)};
        std::vector<std::string> lines;
        for (std::string line; std::getline(complete, line);) {
            lines.push_back(line);
        }
        return lines;
    }
    /// The next line that the peer prints.
    std::string next_line(ChildProcess& peer) {
        wait_until([&] { return lines_of(peer).size() > lines_heard || peer.has_ended(); }, "a line of the peer");
        const std::vector<std::string> lines = lines_of(peer);
        if (lines.size() <= lines_heard) {
            ADD_FAILURE() << "the peer has ended: " << peer.error_output();
            return "";
        }
        return lines[lines_heard++];
    }
    /// The counter that the peer says it has added.
    CounterIdentity next_counter(ChildProcess& peer, const std::int32_t type_id) {
        std::istringstream words{next_line(peer)};
        std::string added;
        CounterIdentity counter{.type_id = type_id};
        words >> added >> counter.id >> counter.registration_id;
        EXPECT_EQ(added, "added");
        return counter;
    }
    void make(ChildProcess& peer, const std::string& operation) {
        peer.tell(operation);
        EXPECT_EQ(next_line(peer), "did " + operation);
    }

    std::size_t lines_heard = 0;
};

// spec: 07-C59
TEST_F(CounterProcesses, EachOperationIsSeenByAnotherProcessAtOnce) {
    const auto driver = start_driver();
    const auto peer = start_peer("count");
    const CounterIdentity counter = next_counter(*peer, counter_type_id);
    const CncFile cnc = CncFile::open(directory);
    ASSERT_EQ(cnc.counters().value_of(counter), 0);
    EXPECT_EQ(cnc.counters().label(counter.id), "of a peer");

    const std::vector<std::pair<std::string, std::int64_t>> steps{
        {"set 10", 10},         {"increment", 11},         {"add 7", 18},          {"exchange 30", 30},
        {"set_release 40", 40}, {"increment_release", 41}, {"add_release 9", 50},  {"compare_exchange 60", 60},
        {"set_relaxed 70", 70}, {"propose_max 80", 80},    {"propose_max 79", 80}, {"add -100", -20},
    };
    for (const auto& [operation, expected] : steps) {
        make(*peer, operation);
        EXPECT_EQ(cnc.counters().value_of(counter), expected) << operation;
    }
}

// spec: 07-C59
TEST_F(CounterProcesses, ClosingACounterFreesItsIdForAnother) {
    const auto driver = start_driver();
    const auto peer = start_peer("count");
    const CounterIdentity counter = next_counter(*peer, counter_type_id);
    const CncFile cnc = CncFile::open(directory);
    make(*peer, "set 5");

    make(*peer, "close");

    wait_until([&] { return !cnc.counters().value_of(counter); }, "the counter to be freed");
    EXPECT_EQ(cnc.counters().state(counter.id), CounterState::reclaimed);
    CounterIdentity successor;
    wait_until(
        [&] {
            peer->tell("drop");
            successor = next_counter(*peer, counter_type_id);
            return successor.id == counter.id;
        },
        "the id to be given to another counter");
    EXPECT_EQ(cnc.counters().value_of(successor), 0);
    EXPECT_EQ(cnc.counters().value_of(counter), std::nullopt) << "what was known of its id is not mistaken for it";
}

// spec: 07-C59
TEST_F(CounterProcesses, AnIdRestsForTheReuseTimeout) {
    const auto driver = start_driver({"-Daeron.counters.free.to.reuse.timeout=3600s"});
    const auto peer = start_peer("count");
    const CounterIdentity counter = next_counter(*peer, counter_type_id);
    const CncFile cnc = CncFile::open(directory);
    EXPECT_EQ(cnc.counters().free_for_reuse_deadline_ms(counter.id), INT64_MAX);
    const std::int64_t before_ms = SystemEpochClock::instance().epoch_ms();

    make(*peer, "close");

    wait_until([&] { return cnc.counters().state(counter.id) == CounterState::reclaimed; }, "the counter to be freed");
    wait_until([&] { return cnc.counters().free_for_reuse_deadline_ms(counter.id) != INT64_MAX; }, "its deadline");
    constexpr std::int64_t hour_ms = 3'600'000;
    constexpr std::int64_t tolerance_ms = 1'000;  // the driver's clock is a cached one
    EXPECT_GE(cnc.counters().free_for_reuse_deadline_ms(counter.id), before_ms + hour_ms - tolerance_ms);
    for (int i = 0; i < 3; ++i) {
        peer->tell("drop");
        EXPECT_NE(next_counter(*peer, counter_type_id).id, counter.id);
    }
}

// spec: 07-C59
TEST_F(CounterProcesses, AStaticCounterIsOneForAllProcessesAndSurvivesThem) {
    const auto driver = start_driver();
    const CncFile cnc = CncFile::open(directory);
    CounterIdentity counter;
    {
        const auto peer = start_peer("count", {"--registration", "77"});
        counter = next_counter(*peer, static_counter_type_id);
        EXPECT_EQ(counter.registration_id, 77);
        make(*peer, "set 5");
        EXPECT_EQ(cnc.counters().value_of(counter), 5);
        EXPECT_EQ(cnc.counters().owner_id(counter.id), -1);
        make(*peer, "close");
    }
    lines_heard = 0;

    const auto successor = start_peer("count", {"--registration", "77"});
    EXPECT_EQ(next_counter(*successor, static_counter_type_id), counter);
    make(*successor, "increment");
    EXPECT_EQ(cnc.counters().value_of(counter), 6);
}

// spec: 07-C61
TEST_F(CounterProcesses, ADriversFilesTellOfItAfterItsDeath) {
    const auto driver = start_driver();
    const CncFile cnc = CncFile::open(directory, 10s);
    EXPECT_EQ(cnc.constants().cnc_version.packed(), 512);
    EXPECT_EQ(cnc.constants().counters_values_buffer_length, 1'048'576);
    EXPECT_EQ(cnc.constants().client_liveness_timeout, client_liveness_timeout);
    EXPECT_EQ(cnc.constants().pid, driver->pid());
    EXPECT_TRUE(cnc.is_driver_active(10s));
    const std::int64_t first_beat_ms = cnc.driver_heartbeat_ms();
    wait_until([&] { return cnc.driver_heartbeat_ms() > first_beat_ms; }, "the next sign of life");

    driver->kill();

    const std::int64_t last_beat_ms = cnc.driver_heartbeat_ms();
    EXPECT_GT(last_beat_ms, first_beat_ms);
    for (const CncFile& file : {cnc, CncFile::open(directory)}) {
        EXPECT_EQ(file.constants().pid, driver->pid());
        EXPECT_EQ(file.driver_heartbeat_ms(), last_beat_ms);
        EXPECT_EQ(count_counters(file.counters()), 46U);
        EXPECT_EQ(file.for_each_error([](const ErrorObservation&) {}), 0);
        EXPECT_EQ(file.for_each_loss([](const LossObservation&) {}), 0);
    }
    wait_until([&] { return !cnc.is_driver_active(1ms); }, "the last sign of life to be old");
}

}  // namespace
}  // namespace cpperon::system_test
