#include "cpperon/base/agent_invoker.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Counts what is asked of it; a test says what the work is.
class TestAgent final : public Agent {
public:
    void on_start() override {
        ++starts;
        if (start_fails) {
            throw std::runtime_error("start failed");
        }
    }
    int do_work() override {
        ++cycles;
        return work();
    }
    void on_close() override {
        ++closes;
        if (close_fails) {
            throw std::runtime_error("close failed");
        }
    }
    [[nodiscard]] std::string_view role_name() const noexcept override { return "test-agent"; }

    std::function<int()> work = [] { return 0; };
    bool start_fails = false;
    bool close_fails = false;
    int starts = 0;
    int cycles = 0;
    int closes = 0;
};

class AgentInvokerTest : public ::testing::Test {
protected:
    std::shared_ptr<TestAgent> agent_ = std::make_shared<TestAgent>();
    std::vector<std::string> errors_;
    std::optional<AgentInvoker> invoker_{std::in_place, agent_,
                                         [this](const Error& error) { errors_.emplace_back(error.what()); }};
};

TEST_F(AgentInvokerTest, StartsStepsAndClosesOnce) {
    agent_->work = [] { return 3; };
    invoker_->start();
    invoker_->start();

    EXPECT_TRUE(invoker_->is_running());
    EXPECT_EQ(invoker_->invoke(), 3);
    EXPECT_EQ(invoker_->invoke(), 3);
    invoker_->close();
    invoker_->close();

    EXPECT_FALSE(invoker_->is_running());
    EXPECT_EQ(invoker_->invoke(), 0);
    EXPECT_EQ(agent_->starts, 1);
    EXPECT_EQ(agent_->cycles, 2);
    EXPECT_EQ(agent_->closes, 1);
    EXPECT_EQ(invoker_->role_name(), "test-agent");
    EXPECT_THROW(invoker_->start(), ClosedError);
}

TEST_F(AgentInvokerTest, DoesNothingBeforeItIsStarted) {
    EXPECT_EQ(invoker_->invoke(), 0);
    invoker_->close();

    EXPECT_EQ(agent_->cycles, 0);
    EXPECT_EQ(agent_->closes, 0);
}

TEST_F(AgentInvokerTest, ClosesWhenItIsDropped) {
    invoker_->start();

    invoker_.reset();

    EXPECT_EQ(agent_->closes, 1);
}

TEST_F(AgentInvokerTest, GoesOnAfterAnException) {
    agent_->work = []() -> int { throw std::runtime_error("work failed"); };
    invoker_->start();

    EXPECT_EQ(invoker_->invoke(), 0);
    EXPECT_EQ(invoker_->invoke(), 0);

    EXPECT_THAT(errors_, ElementsAre("work failed", "work failed"));
    EXPECT_TRUE(invoker_->is_running());
}

TEST_F(AgentInvokerTest, StepsNoMoreWhenTheAgentHasEnded) {
    agent_->work = []() -> int { throw AgentTerminated{}; };
    invoker_->start();

    EXPECT_EQ(invoker_->invoke(), 0);
    EXPECT_EQ(invoker_->invoke(), 0);

    EXPECT_EQ(agent_->cycles, 1);
    EXPECT_FALSE(invoker_->is_running());
    EXPECT_THAT(errors_, IsEmpty());
    invoker_->close();
    EXPECT_EQ(agent_->closes, 1);
}

TEST_F(AgentInvokerTest, HandsAFailureOfTheStartToItsCaller) {
    agent_->start_fails = true;

    EXPECT_THROW(invoker_->start(), std::runtime_error);

    EXPECT_FALSE(invoker_->is_running());
    invoker_->close();
    EXPECT_EQ(agent_->closes, 0);
}

TEST_F(AgentInvokerTest, HandsAFailureOfTheCloseToTheErrorHandler) {
    agent_->close_fails = true;
    invoker_->start();

    invoker_->close();

    EXPECT_THAT(errors_, ElementsAre("close failed"));
}

TEST_F(AgentInvokerTest, RefusesToBeSteppedOrClosedWithinTheDutyCycle) {
    agent_->work = [this] {
        EXPECT_TRUE(invoker_->is_working());
        const auto expect_refused = [](auto&& operation) {
            try {
                operation();
                ADD_FAILURE() << "accepted";
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::reentrant_call);
            }
        };
        expect_refused([this] { invoker_->invoke(); });
        expect_refused([this] { invoker_->close(); });
        return 1;
    };
    invoker_->start();

    EXPECT_EQ(invoker_->invoke(), 1);

    EXPECT_FALSE(invoker_->is_working());
    EXPECT_TRUE(invoker_->is_running());
}

TEST_F(AgentInvokerTest, MayBeDroppedWithinTheDutyCycle) {
    auto invoker = std::make_unique<AgentInvoker>(agent_, ErrorHandler{});
    agent_->work = [&] {
        invoker.reset();
        EXPECT_EQ(agent_->closes, 0) << "closed while it works";
        return 5;
    };
    invoker->start();

    EXPECT_EQ(invoker->invoke(), 5);

    EXPECT_EQ(agent_->closes, 1);
}

}  // namespace
}  // namespace cpperon
