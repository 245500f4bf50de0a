/// A client's counter as another process sees it: a child that has no client, only the driver's file.
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/cpperon.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/directory.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;

constexpr std::int32_t type_id = 1'101;

/// Nothing here has a thread, so that a child may go on where this process forks.
class CounterOfAnotherProcess : public testing::Test {
protected:
    /// Whether `holds` of the counters, asked by a child process that maps the file itself.
    [[nodiscard]] bool is_seen_by_child(const std::function<bool(const CountersReader&)>& holds) const {
        const pid_t child = ::fork();
        if (child == 0) {
            const shm::CncOpening opening =
                shm::CncFile::try_open(shm::cnc_path(driver.directory()), Access::read_only);
            const bool is_seen = opening.status == shm::CncOpenStatus::ready &&
                                 holds({opening.file->counters_metadata(), opening.file->counters_values()});
            ::_exit(is_seen ? 0 : 1);
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    [[nodiscard]] bool is_value_seen_by_child(const Counter& counter, const std::int64_t value) const {
        const auto id = static_cast<std::int32_t>(counter.id());
        return is_seen_by_child([id, value](const CountersReader& counters) { return counters.value(id) == value; });
    }
    void pass(const std::chrono::milliseconds duration) {
        for (std::chrono::milliseconds passed{0}; passed < duration; passed += 20ms) {
            clock.advance(20ms);
            driver.do_work();
            aeron.do_work();
        }
    }

    ManualClock clock;
    EmbeddedDriver driver{{.threading_mode = ThreadingMode::invoker, .nano_clock = &clock, .epoch_clock = &clock}};
    Aeron aeron = Aeron::connect({.directory = driver.directory(),
                                  .invoker_mode = true,
                                  .driver_do_work =
                                      [this] {
                                          clock.advance(10us);
                                          return driver.do_work();
                                      },
                                  .nano_clock = &clock,
                                  .epoch_clock = &clock});
};

// spec: 07-C59
TEST_F(CounterOfAnotherProcess, ShowsEveryOperationAtOnceAndItsIdIsFreeAfterItsClose) {
    Counter counter = aeron.add_counter(type_id, "shared");
    const auto id = static_cast<std::int32_t>(counter.id());
    EXPECT_TRUE(is_seen_by_child([&](const CountersReader& counters) {
        return counters.state(id) == CounterState::allocated && counters.type_id(id) == type_id &&
               counters.label(id) == "shared" && counters.owner_id(id) == aeron.client_id() &&
               counters.registration_id(id) == static_cast<std::int64_t>(counter.registration_id());
    }));

    counter.set(5);
    EXPECT_TRUE(is_value_seen_by_child(counter, 5));
    EXPECT_EQ(counter.increment(), 5);
    EXPECT_TRUE(is_value_seen_by_child(counter, 6));
    EXPECT_EQ(counter.add(4), 6);
    EXPECT_TRUE(is_value_seen_by_child(counter, 10));
    EXPECT_EQ(counter.exchange(20), 10);
    EXPECT_TRUE(is_value_seen_by_child(counter, 20));
    EXPECT_FALSE(counter.compare_exchange(19, 21));
    EXPECT_TRUE(is_value_seen_by_child(counter, 20));
    EXPECT_TRUE(counter.compare_exchange(20, 21));
    EXPECT_TRUE(is_value_seen_by_child(counter, 21));
    counter.set_release(30);
    EXPECT_TRUE(is_value_seen_by_child(counter, 30));
    counter.set_relaxed(31);
    EXPECT_TRUE(is_value_seen_by_child(counter, 31));
    counter.increment_release();
    EXPECT_TRUE(is_value_seen_by_child(counter, 32));
    counter.add_release(8);
    EXPECT_TRUE(is_value_seen_by_child(counter, 40));
    EXPECT_FALSE(counter.propose_max(39));
    EXPECT_TRUE(counter.propose_max(41));
    EXPECT_TRUE(is_value_seen_by_child(counter, 41));
    EXPECT_EQ(counter.get(), 41);
    EXPECT_EQ(counter.get_relaxed(), 41);

    counter.close();
    pass(40ms);
    EXPECT_TRUE(is_seen_by_child(
        [&](const CountersReader& counters) { return counters.state(id) == CounterState::reclaimed; }));
    EXPECT_NE(aeron.add_counter(type_id, "too early").id(), counter.id());
    pass(2s);  // the time until a counter is used again is 1 s
    EXPECT_EQ(aeron.add_counter(type_id, "free again").id(), counter.id());
}

}  // namespace
}  // namespace cpperon::system_test
