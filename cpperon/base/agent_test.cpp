#include "cpperon/base/agent.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"

namespace cpperon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Journal = std::vector<std::string>;

/// Writes down what is asked of it, and fails where a test wants it.
class JournalAgent final : public Agent {
public:
    JournalAgent(Journal& journal, std::string name, const int work_count = 0)
        : journal_(journal), name_(std::move(name)), work_count_(work_count) {}

    void on_start() override { note("start"); }
    int do_work() override {
        note("work");
        return work_count_;
    }
    void on_close() override { note("close"); }
    [[nodiscard]] std::string_view role_name() const noexcept override { return name_; }

    std::string fails_at;  // "start", "work" or "close"
    bool ends_itself = false;

private:
    void note(const std::string& what) {
        journal_.push_back(name_ + " " + what);
        if (what == "work" && ends_itself) {
            throw AgentTerminated{};
        }
        if (what == fails_at) {
            throw std::runtime_error(name_ + " failed");
        }
    }

    Journal& journal_;
    std::string name_;
    int work_count_;
};

class CompositeAgentTest : public ::testing::Test {
protected:
    Journal journal_;
    std::shared_ptr<JournalAgent> a_ = std::make_shared<JournalAgent>(journal_, "a", 1);
    std::shared_ptr<JournalAgent> b_ = std::make_shared<JournalAgent>(journal_, "b", 2);
    std::shared_ptr<JournalAgent> c_ = std::make_shared<JournalAgent>(journal_, "c", 4);
    CompositeAgent composite_{"all", {a_, b_, c_}};
};

TEST_F(CompositeAgentTest, DoesTheWorkOfAllInTheOrderGiven) {
    composite_.on_start();
    const int work_count = composite_.do_work();
    composite_.on_close();

    EXPECT_EQ(work_count, 7);
    EXPECT_EQ(composite_.role_name(), "all");
    EXPECT_THAT(journal_, ElementsAre("a start", "b start", "c start", "a work", "b work", "c work", "a close",
                                      "b close", "c close"));
}

TEST_F(CompositeAgentTest, GoesOnBehindAnAgentThatThrew) {
    b_->fails_at = "work";
    EXPECT_THROW(composite_.do_work(), std::runtime_error);
    EXPECT_THAT(journal_, ElementsAre("a work", "b work"));
    journal_.clear();

    EXPECT_EQ(composite_.do_work(), 4);

    EXPECT_THAT(journal_, ElementsAre("c work"));
    journal_.clear();
    b_->fails_at = "";
    EXPECT_EQ(composite_.do_work(), 7);
}

TEST_F(CompositeAgentTest, BeginsAnewAfterTheLastAgentThrew) {
    c_->fails_at = "work";
    EXPECT_THROW(composite_.do_work(), std::runtime_error);
    c_->fails_at = "";

    EXPECT_EQ(composite_.do_work(), 7);
}

TEST_F(CompositeAgentTest, EndsWhenOneEnds) {
    a_->ends_itself = true;

    EXPECT_THROW(composite_.do_work(), AgentTerminated);
}

TEST_F(CompositeAgentTest, ClosesWhatItStartedWhenAStartFails) {
    c_->fails_at = "start";

    EXPECT_THROW(composite_.on_start(), std::runtime_error);

    EXPECT_THAT(journal_, ElementsAre("a start", "b start", "c start", "a close", "b close"));
}

TEST_F(CompositeAgentTest, ClosesAllAndThrowsTheOneFailureAsItWas) {
    a_->fails_at = "close";

    EXPECT_THROW(composite_.on_close(), std::runtime_error);

    EXPECT_THAT(journal_, ElementsAre("a close", "b close", "c close"));
}

TEST_F(CompositeAgentTest, LosesNoneOfSeveralFailures) {
    a_->fails_at = "close";
    c_->fails_at = "close";

    try {
        composite_.on_close();
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("'all' failed to close"));
        EXPECT_THAT(error.what(), HasSubstr("a failed"));
        EXPECT_THAT(error.what(), HasSubstr("c failed"));
    }
}

TEST(CompositeAgent, OfNobodyDoesNothing) {
    CompositeAgent composite{"none", {}};
    composite.on_start();
    EXPECT_EQ(composite.do_work(), 0);
    composite.on_close();
}

}  // namespace
}  // namespace cpperon
