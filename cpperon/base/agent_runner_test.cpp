#include "cpperon/base/agent_runner.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Waits for something another thread will do; a test that waits for ever names it.
template <typename Condition>
void await(const std::string_view what, Condition&& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!condition()) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "waited for: " << what;
        std::this_thread::yield();
    }
}

/// Counts what is asked of it; a test says what start and work are, before the agent runs.
class TestAgent final : public Agent {
public:
    explicit TestAgent(std::string role_name = "test-agent") : role_name_(std::move(role_name)) {}
    ~TestAgent() override { at_end(); }

    void on_start() override { start(); }
    int do_work() override {
        ++cycles;
        return work();
    }
    void on_close() override {
        closed_by = std::this_thread::get_id();
        ++closes;
        close();
    }
    [[nodiscard]] std::string_view role_name() const noexcept override { return role_name_; }

    std::function<void()> start = [] {};
    std::function<int()> work = [] { return 0; };
    std::function<void()> close = [] {};
    std::function<void()> at_end = [] {};
    std::atomic<int> cycles{0};
    std::atomic<int> closes{0};
    std::thread::id closed_by;

private:
    std::string role_name_;
};

/// An error handler's notes; any thread.
class Errors {
public:
    ErrorHandler handler() {
        return [this](const Error& error) {
            const std::lock_guard lock{mutex_};
            texts_.emplace_back(error.what());
        };
    }
    std::vector<std::string> texts() {
        const std::lock_guard lock{mutex_};
        return texts_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> texts_;
};

class AgentRunnerTest : public ::testing::Test {
protected:
    std::unique_ptr<AgentRunner> make_runner(AgentThreadSettings settings = {}) {
        return std::make_unique<AgentRunner>(agent_, std::make_unique<YieldingIdleStrategy>(), errors_.handler(),
                                             std::move(settings));
    }

    Errors errors_;
    std::shared_ptr<TestAgent> agent_ = std::make_shared<TestAgent>();
};

TEST_F(AgentRunnerTest, StepsTheAgentUntilItIsClosed) {
    const auto runner = make_runner();
    EXPECT_FALSE(runner->is_running());

    runner->start();
    runner->start();
    EXPECT_TRUE(runner->is_running());
    await("some duty cycles", [&] { return agent_->cycles > 3; });
    runner->close();
    runner->close();

    EXPECT_FALSE(runner->is_running());
    EXPECT_EQ(agent_->closes, 1);
    EXPECT_EQ(agent_->closed_by, std::this_thread::get_id());
    EXPECT_EQ(runner->role_name(), "test-agent");
    EXPECT_THROW(runner->start(), ClosedError);
    EXPECT_THAT(errors_.texts(), IsEmpty());
}

TEST_F(AgentRunnerTest, ClosesWhenItIsDropped) {
    auto runner = make_runner();
    runner->start();

    runner.reset();

    EXPECT_EQ(agent_->closes, 1);
}

TEST_F(AgentRunnerTest, NeitherStepsNorClosesWhatWasNeverStarted) {
    make_runner()->close();

    EXPECT_EQ(agent_->cycles, 0);
    EXPECT_EQ(agent_->closes, 0);
}

TEST_F(AgentRunnerTest, StopsWithoutClosingSoThatSeveralCanStopFirst) {
    const auto runner = make_runner();
    runner->start();

    runner->stop();
    const int cycles = agent_->cycles;
    runner->stop();

    EXPECT_FALSE(runner->is_running());
    EXPECT_EQ(agent_->closes, 0);
    runner->close();
    EXPECT_EQ(agent_->closes, 1);
    EXPECT_EQ(agent_->cycles, cycles);
}

TEST_F(AgentRunnerTest, StartsAsUsualAfterAStopThatHadNothingToStop) {
    const auto runner = make_runner();
    runner->stop();

    runner->start();

    await("a duty cycle", [&] { return agent_->cycles > 0; });
}

TEST_F(AgentRunnerTest, GoesOnAfterAnException) {
    agent_->work = [this]() -> int {
        if (agent_->cycles == 1) {
            throw std::runtime_error("work failed");
        }
        return 0;
    };
    const auto runner = make_runner();
    runner->start();

    await("the cycles after the failure", [&] { return agent_->cycles > 3; });

    EXPECT_TRUE(runner->is_running());
    EXPECT_THAT(errors_.texts(), ElementsAre("work failed"));
}

TEST_F(AgentRunnerTest, EndsWhenTheAgentSaysSo) {
    agent_->work = []() -> int { throw AgentTerminated{}; };
    const auto runner = make_runner();
    runner->start();

    await("the end of the agent", [&] { return !runner->is_running(); });
    runner->close();

    EXPECT_EQ(agent_->cycles, 1);
    EXPECT_EQ(agent_->closes, 1);
    EXPECT_THAT(errors_.texts(), IsEmpty());
}

TEST_F(AgentRunnerTest, ThrowsWhatTheStartOfTheAgentThrew) {
    agent_->start = [] { throw std::runtime_error("start failed"); };
    const auto runner = make_runner();

    EXPECT_THROW(runner->start(), std::runtime_error);

    EXPECT_FALSE(runner->is_running());
    EXPECT_THROW(runner->start(), ClosedError);
    runner->close();
    EXPECT_EQ(agent_->cycles, 0);
    EXPECT_EQ(agent_->closes, 0);
}

TEST_F(AgentRunnerTest, HandsAFailureOfTheCloseToTheErrorHandler) {
    agent_->close = [] { throw std::runtime_error("close failed"); };
    const auto runner = make_runner();
    runner->start();

    runner->close();

    EXPECT_THAT(errors_.texts(), ElementsAre("close failed"));
}

TEST_F(AgentRunnerTest, RefusesToStopOrCloseOnItsOwnThread) {
    std::promise<void> tried;
    std::unique_ptr<AgentRunner> runner;
    agent_->work = [&] {
        if (agent_->cycles == 1) {
            EXPECT_TRUE(runner->is_own_thread());
            for (void (AgentRunner::*const operation)() : {&AgentRunner::stop, &AgentRunner::close}) {
                try {
                    (*runner.*operation)();
                    ADD_FAILURE() << "accepted";
                } catch (const Error& error) {
                    EXPECT_EQ(error.code(), ErrorCode::reentrant_call);
                    EXPECT_THAT(error.what(), HasSubstr("'test-agent'"));
                }
            }
            tried.set_value();
        }
        return 0;
    };
    runner = make_runner();
    runner->start();

    ASSERT_EQ(tried.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);

    EXPECT_FALSE(runner->is_own_thread());
    await("more cycles, as nothing was stopped", [&] { return agent_->cycles > 3; });
}

TEST_F(AgentRunnerTest, LetsItsOwnThreadRequestTheStop) {
    std::unique_ptr<AgentRunner> runner;
    agent_->work = [&] {
        runner->request_stop();
        return 1;
    };
    runner = make_runner();
    runner->start();

    await("the end of the agent", [&] { return !runner->is_running(); });
    runner->close();

    EXPECT_EQ(agent_->cycles, 1);
}

TEST_F(AgentRunnerTest, MayBeDroppedOnItsOwnThread) {
    std::promise<std::pair<int, bool>> ended;
    std::unique_ptr<AgentRunner> runner;
    std::promise<void> go;
    TestAgent* const agent = agent_.get();
    agent->work = [&runner, agent, may_drop = go.get_future().share()] {
        may_drop.wait();
        runner.reset();
        EXPECT_EQ(agent->closes, 0) << "closed while it works";
        return 1;
    };
    agent->at_end = [&ended, agent] {
        ended.set_value({agent->closes, agent->closed_by == std::this_thread::get_id()});
    };
    runner = make_runner();
    agent_.reset();  // the runner's is the last
    runner->start();

    go.set_value();

    auto outcome = ended.get_future();
    ASSERT_EQ(outcome.wait_for(std::chrono::seconds{30}), std::future_status::ready);
    EXPECT_EQ(outcome.get(), std::pair(1, true));
}

TEST_F(AgentRunnerTest, MayBeClosedByManyThreadsAtOnce) {
    const auto runner = make_runner();
    runner->start();

    std::vector<std::thread> closers;
    for (int i = 0; i < 4; ++i) {
        closers.emplace_back([&] {
            runner->close();
            EXPECT_EQ(agent_->closes, 1) << "close returned before it was closed";
        });
    }
    for (std::thread& closer : closers) {
        closer.join();
    }

    EXPECT_EQ(agent_->closes, 1);
}

TEST_F(AgentRunnerTest, NamesTheThreadAndCallsTheHookBeforeTheAgentsOwnStart) {
    std::vector<std::string> order;
    std::string thread_name;
    agent_ = std::make_shared<TestAgent>("a-role-name-of-more-than-15");
    agent_->start = [&] {
        order.emplace_back("agent");
        std::array<char, 16> name{};
        ::pthread_getname_np(::pthread_self(), name.data(), name.size());
        thread_name = name.data();
    };
    const auto runner =
        make_runner({.on_start = [&](const std::string_view role) { order.push_back("hook " + std::string{role}); }});

    runner->start();

    EXPECT_THAT(order, ElementsAre("hook a-role-name-of-more-than-15", "agent"));
    EXPECT_EQ(thread_name, "a-role-name-of-");
}

TEST_F(AgentRunnerTest, KeepsTheThreadOnItsProcessor) {
    cpu_set_t allowed;
    ASSERT_EQ(::sched_getaffinity(0, sizeof(allowed), &allowed), 0);
    int cpu = CPU_SETSIZE - 1;
    while (!CPU_ISSET(static_cast<std::size_t>(cpu), &allowed)) {
        --cpu;
    }
    cpu_set_t of_agent;
    CPU_ZERO(&of_agent);
    agent_->start = [&] { ::sched_getaffinity(0, sizeof(of_agent), &of_agent); };
    const auto runner = make_runner({.cpu = cpu});

    runner->start();

    EXPECT_EQ(CPU_COUNT(&of_agent), 1);
    EXPECT_TRUE(CPU_ISSET(static_cast<std::size_t>(cpu), &of_agent));
    EXPECT_THAT(errors_.texts(), IsEmpty());
}

TEST_F(AgentRunnerTest, RunsAllTheSameWhenTheProcessorCannotBeHad) {
    for (const int cpu : {-1, CPU_SETSIZE - 1, CPU_SETSIZE}) {
        Errors errors;
        AgentRunner runner{agent_, std::make_unique<YieldingIdleStrategy>(), errors.handler(), {.cpu = cpu}};

        runner.start();

        EXPECT_TRUE(runner.is_running());
        EXPECT_THAT(errors.texts(), ElementsAre(HasSubstr("processor " + std::to_string(cpu))));
    }
}

/// Passes on what it is told.
class ToldIdleStrategy final : public IdleStrategy {
public:
    explicit ToldIdleStrategy(std::function<void(int)> tell) : tell_(std::move(tell)) {}
    void idle(const int work_count) noexcept override { tell_(work_count); }

private:
    std::function<void(int)> tell_;
};

TEST_F(AgentRunnerTest, TellsTheIdleStrategyTheWorkCountOfEachCycle) {
    std::promise<void> enough;
    std::vector<int> told;
    agent_->work = [&]() -> int {
        const int cycle = agent_->cycles;
        if (cycle == 3) {
            throw std::runtime_error("no count");
        }
        return cycle <= 4 ? cycle : 0;
    };
    AgentRunner runner{agent_, std::make_unique<ToldIdleStrategy>([&](const int work_count) {
                           told.push_back(work_count);
                           if (told.size() == 5) {
                               enough.set_value();
                           }
                           std::this_thread::yield();
                       }),
                       errors_.handler()};
    runner.start();
    ASSERT_EQ(enough.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
    runner.close();

    told.resize(5);
    EXPECT_THAT(told, ElementsAre(1, 2, 0, 4, 0));
}

TEST_F(AgentRunnerTest, RunsAnAgentThatIsLent) {
    TestAgent agent;
    {
        AgentRunner runner{lend(agent), std::make_unique<NoOpIdleStrategy>(), errors_.handler()};
        runner.start();
        await("a duty cycle", [&] { return agent.cycles > 0; });
    }

    EXPECT_EQ(agent.closes, 1);
}

}  // namespace
}  // namespace cpperon
