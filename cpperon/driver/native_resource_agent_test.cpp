#include "cpperon/driver/native_resource_agent.hpp"

#include <atomic>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/hand_over_queue.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/driver/test_counters.hpp"
#include "cpperon/driver/test_directory.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/distinct_error_log.hpp"

namespace cpperon::driver {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HandOverQueue, KeepsTheOrderAcrossSeveralTakes) {
    HandOverQueue<std::unique_ptr<int>> queue;
    std::deque<std::unique_ptr<int>> taken;
    queue.take_all(taken);
    EXPECT_TRUE(taken.empty());

    queue.push(std::make_unique<int>(1));
    queue.push(std::make_unique<int>(2));
    queue.take_all(taken);
    queue.push(std::make_unique<int>(3));
    queue.take_all(taken);
    queue.push(std::make_unique<int>(4));  // left for the destructor

    ASSERT_EQ(taken.size(), 3U);
    EXPECT_EQ(*taken[0], 1);
    EXPECT_EQ(*taken[1], 2);
    EXPECT_EQ(*taken[2], 3);
}

TEST(HandOverQueue, LosesAndReordersNothingBetweenThreads) {
    constexpr int elements_per_producer = 5'000;
    struct Element {
        int producer = 0;
        int number = 0;
    };
    HandOverQueue<Element> queue;
    const auto produce = [&queue](const int producer) {
        for (int number = 0; number < elements_per_producer; ++number) {
            queue.push({producer, number});
        }
    };
    std::thread first{produce, 0};
    std::thread second{produce, 1};

    std::deque<Element> taken;
    while (taken.size() < 2 * elements_per_producer) {
        queue.take_all(taken);
        std::this_thread::yield();
    }
    first.join();
    second.join();

    std::vector<int> next{0, 0};
    for (const Element& element : taken) {
        ASSERT_EQ(element.number, next[static_cast<std::size_t>(element.producer)]++);
    }
}

struct AgentFixture : testing::Test {
    TestDirectory parent;
    std::string directory = parent / "aeron";
    TestCounters section;
    SystemCounters counters{section.manager, {}};
    std::vector<std::int64_t> error_words = std::vector<std::int64_t>(1'024);
    shm::DistinctErrorLog errors{std::as_writable_bytes(std::span{error_words}), section.clock};
    NativeResourceAgent agent{LogFiles{{.directory = directory}, counters, errors}};

    AgentFixture() { shm::create_directory(directory); }

    static logbuffer::LogParams params(const std::int64_t correlation_id) {
        return {.correlation_id = correlation_id, .term_length = 65'536};
    }
    std::vector<std::string> logs() const { return names_in(shm::publications_path(directory)); }
    logbuffer::LogFile make_log(const std::int64_t correlation_id) {
        const auto creation = agent.create(params(correlation_id));
        agent.do_work();
        return creation->poll().value().value_or_throw();
    }
};
using NativeResourceAgentTest = AgentFixture;

TEST_F(NativeResourceAgentTest, CreatesALogInItsOwnDutyCycle) {
    const std::shared_ptr<LogCreation> creation = agent.create(params(7));
    EXPECT_FALSE(creation->poll());
    EXPECT_THAT(logs(), IsEmpty());

    EXPECT_EQ(agent.do_work(), 1);

    auto outcome = creation->poll();
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(*outcome);
    EXPECT_FALSE(creation->poll()) << "an outcome is given once";
    EXPECT_THAT(logs(), ElementsAre("7.logbuffer"));
    EXPECT_EQ(agent.do_work(), 0);
}

TEST_F(NativeResourceAgentTest, DeletesALogInItsOwnDutyCycle) {
    agent.destroy(make_log(7));
    EXPECT_THAT(logs(), ElementsAre("7.logbuffer"));

    EXPECT_EQ(agent.do_work(), 1);

    EXPECT_THAT(logs(), IsEmpty());
}

TEST_F(NativeResourceAgentTest, ExecutesOneRequestPerCycleInOrder) {
    const auto first = agent.create(params(1));
    const auto second = agent.create(params(2));

    EXPECT_EQ(agent.do_work(), 1);
    EXPECT_THAT(logs(), ElementsAre("1.logbuffer"));
    EXPECT_FALSE(second->poll());

    EXPECT_EQ(agent.do_work(), 1);
    EXPECT_THAT(logs(), ElementsAre("1.logbuffer", "2.logbuffer"));
    EXPECT_TRUE(first->poll());
    EXPECT_TRUE(second->poll());
}

TEST_F(NativeResourceAgentTest, HandsOverWhyThereIsNoLog) {
    const logbuffer::LogFile log = make_log(7);
    const auto creation = agent.create(params(7));

    agent.do_work();

    const auto outcome = creation->poll();
    ASSERT_TRUE(outcome);
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().code, ErrorCode::generic_error);
}

TEST_F(NativeResourceAgentTest, RefusesCreationsAndCompletesDeletionsWhenItCloses) {
    logbuffer::LogFile log = make_log(1);
    logbuffer::LogFile late = make_log(2);
    agent.destroy(std::move(log));
    const auto waiting = agent.create(params(3));

    agent.on_close();

    const auto refused = waiting->poll();
    ASSERT_TRUE(refused);
    EXPECT_FALSE(*refused);
    EXPECT_THAT(logs(), ElementsAre("2.logbuffer"));

    agent.destroy(std::move(late));
    const auto too_late = agent.create(params(4))->poll();

    ASSERT_TRUE(too_late);
    EXPECT_FALSE(*too_late);
    EXPECT_THAT(logs(), IsEmpty());
}

TEST_F(NativeResourceAgentTest, DeletesALogThatNobodyTookWhenItCloses) {
    logbuffer::LogFile taken = make_log(1);
    static_cast<void>(agent.create(params(2)));
    agent.do_work();
    EXPECT_THAT(logs(), ElementsAre("1.logbuffer", "2.logbuffer"));

    agent.on_close();

    EXPECT_THAT(logs(), ElementsAre("1.logbuffer"));
    EXPECT_EQ(counters.value(SystemCounter::bytes_currently_mapped), taken.length());
}

TEST_F(NativeResourceAgentTest, WorksForAConductorOnAnotherThread) {
    constexpr int log_count = 20;
    std::atomic<bool> is_done{false};
    std::thread conductor{[&] {
        for (std::int64_t id = 0; id < log_count; ++id) {
            const auto creation = agent.create(params(id));
            auto outcome = creation->poll();
            for (; !outcome; outcome = creation->poll()) {
                std::this_thread::yield();
            }
            EXPECT_EQ(outcome->value().metadata().correlation_id, id);
            agent.destroy(std::move(*outcome).value());
        }
        is_done.store(true);
    }};

    while (!is_done.load()) {
        agent.do_work();
        std::this_thread::yield();
    }
    conductor.join();
    agent.on_close();

    EXPECT_THAT(logs(), IsEmpty());
    EXPECT_EQ(counters.value(SystemCounter::bytes_currently_mapped), 0);
}

}  // namespace
}  // namespace cpperon::driver
