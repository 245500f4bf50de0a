#include "cpperon/driver/sender/flow_control.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::driver {
namespace {

constexpr std::int64_t timeout_ns = 5'000'000'000;

/// One strategy, and the limit and time of the publication that has it.
class Strategy {
public:
    explicit Strategy(FlowControlSpec spec) {
        spec.receiver_timeout_ns = timeout_ns;
        spec.term_length = 16 * 1024 * 1024;
        spec.receivers = shm::AtomicCounter{count_};
        flow_control_ = make_flow_control(spec);
    }

    std::int64_t hear(const ReceiverStatus& status) {
        return limit_ = flow_control_->on_status(status, limit_, now_ns);
    }
    std::int64_t idle() { return limit_ = flow_control_->on_idle(limit_, 0, now_ns); }
    /// A SETUP is asked for and leaves.
    void send_setup(const std::optional<std::int64_t> group_tag = std::nullopt) {
        flow_control_->on_setup_elicited(group_tag);
        limit_ = flow_control_->on_setup(limit_, now_ns);
    }

    [[nodiscard]] std::int64_t count() const { return count_; }
    [[nodiscard]] bool take_refusal() { return flow_control_->take_refusal(); }
    [[nodiscard]] bool has_required_receivers() const { return flow_control_->has_required_receivers(); }
    void fail(const std::int64_t receiver_id) { flow_control_->on_error(receiver_id); }

    std::int64_t now_ns = 0;

private:
    std::int64_t count_ = 0;
    std::int64_t limit_ = 0;
    std::unique_ptr<FlowControl> flow_control_;
};

ReceiverStatus status_of(const std::int64_t receiver_id, const std::int64_t position, const std::int32_t window) {
    return {.receiver_id = receiver_id, .position = position, .window_length = window};
}

ReceiverStatus leaving(const std::int64_t receiver_id, const std::int64_t position, const std::int32_t window) {
    return {.receiver_id = receiver_id, .position = position, .window_length = window, .is_end_of_stream = true};
}

ReceiverStatus tagged(const std::int64_t tag, const std::int64_t receiver_id, const std::int64_t position,
                      const std::int32_t window) {
    return {.receiver_id = receiver_id, .position = position, .window_length = window, .group_tag = tag};
}

constexpr auto max = uri::FlowControlStrategy::max;
constexpr auto min = uri::FlowControlStrategy::min;
constexpr auto by_tag = uri::FlowControlStrategy::tagged;

// Max.

// spec: 04-C43
TEST(MaxFlowControl, FollowsTheFurthestRightEdge) {
    Strategy strategy{{.strategy = max}};

    EXPECT_EQ(strategy.hear(status_of(1, 4'096, 8'192)), 12'288);
    EXPECT_EQ(strategy.hear(status_of(2, 2'048, 8'192)), 12'288);
    EXPECT_EQ(strategy.hear(status_of(2, 4'096, 8'224)), 12'320);
}

TEST(MaxFlowControl, NeitherTimeNorSetupsNorErrorsChangeTheLimit) {
    Strategy strategy{{.strategy = max}};
    strategy.hear(status_of(1, 4'096, 8'192));

    strategy.now_ns = 100 * timeout_ns;
    strategy.send_setup();
    strategy.fail(1);

    EXPECT_EQ(strategy.idle(), 12'288);
    EXPECT_TRUE(strategy.has_required_receivers());
}

// Min.

// spec: 04-C44, 04-C45, 04-C48
TEST(MinFlowControl, FollowsTheExampleOfTheSpecification) {
    Strategy strategy{{.strategy = min}};

    EXPECT_EQ(strategy.hear(status_of(1, 4'096, 8'192)), 12'288);
    EXPECT_EQ(strategy.hear(status_of(2, 2'048, 8'192)), 12'288);
    EXPECT_EQ(strategy.idle(), 10'240);
    EXPECT_EQ(strategy.hear(status_of(3, 1'024, 512)), 10'240);

    EXPECT_EQ(strategy.count(), 2);
}

// spec: 04-C45
TEST(MinFlowControl, AddsAReceiverThatIsBehindTheSlowestByItsWindowAndNotMore) {
    Strategy strategy{{.strategy = min}};
    strategy.hear(status_of(1, 10'240, 1'024));

    strategy.hear(status_of(2, 10'240 - 32, 512));  // right edge: 512 + 32 behind
    EXPECT_EQ(strategy.count(), 1);
    strategy.hear(status_of(2, 10'240, 512));
    EXPECT_EQ(strategy.count(), 2);
}

// spec: 04-C44, 04-C48
TEST(MinFlowControl, RisesAfterTheSlowestHasFallenSilent) {
    Strategy strategy{{.strategy = min}};
    strategy.hear(status_of(1, 8'192, 8'192));
    strategy.hear(status_of(2, 0, 8'192));
    strategy.now_ns = 1;
    strategy.hear(status_of(1, 8'192, 8'192));

    strategy.now_ns = timeout_ns;
    EXPECT_EQ(strategy.idle(), 8'192);
    strategy.now_ns = timeout_ns + 1;
    EXPECT_EQ(strategy.idle(), 16'384);
    EXPECT_EQ(strategy.count(), 1);
}

// spec: 04-C44, 04-C48
TEST(MinFlowControl, RisesAfterTheSlowestHasSaidGoodbye) {
    Strategy strategy{{.strategy = min}};
    strategy.hear(status_of(1, 8'192, 8'192));
    strategy.hear(status_of(2, 0, 8'192));
    strategy.idle();

    strategy.hear(leaving(2, 0, 8'192));

    EXPECT_EQ(strategy.idle(), 16'384);
    EXPECT_EQ(strategy.count(), 1);
}

TEST(MinFlowControl, RisesAfterTheSlowestHasRejectedTheStream) {
    Strategy strategy{{.strategy = min}};
    strategy.hear(status_of(1, 8'192, 8'192));
    strategy.hear(status_of(2, 0, 8'192));

    strategy.fail(2);

    EXPECT_EQ(strategy.idle(), 16'384);
}

TEST(MinFlowControl, TheLimitOfOneReceiverMayShrinkWithItsWindow) {
    Strategy strategy{{.strategy = min}};
    strategy.hear(status_of(1, 0, 8'192));

    EXPECT_EQ(strategy.hear(status_of(1, 0, 4'096)), 8'192);
    EXPECT_EQ(strategy.idle(), 4'096);
}

TEST(MinFlowControl, SomebodyWhoComesToLeaveIsNotAdded) {
    Strategy strategy{{.strategy = min}};

    EXPECT_EQ(strategy.hear(leaving(1, 0, 8'192)), 8'192);

    EXPECT_EQ(strategy.count(), 0);
}

// spec: 04-C47
TEST(MinFlowControl, AGroupHasABoundBeyondWhichNobodySlowsItDown) {
    Strategy strategy{{.strategy = min}};
    for (std::int64_t receiver = 0; receiver < 4'096; ++receiver) {
        EXPECT_EQ(strategy.hear(status_of(receiver, 0, 16'384)), 16'384);
    }
    ASSERT_FALSE(strategy.take_refusal());

    EXPECT_EQ(strategy.hear(status_of(-1, 0, 8'192)), 16'384);

    EXPECT_TRUE(strategy.take_refusal());
    EXPECT_FALSE(strategy.take_refusal());
    EXPECT_EQ(strategy.count(), 4'096);
}

TEST(MinFlowControl, HoldsTheLimitUntilTheGroupIsComplete) {
    Strategy strategy{{.strategy = min, .group_min_size = 2}};

    EXPECT_EQ(strategy.hear(status_of(1, 0, 8'192)), 0);
    EXPECT_FALSE(strategy.has_required_receivers());
    EXPECT_EQ(strategy.idle(), 0);

    EXPECT_EQ(strategy.hear(status_of(2, 0, 4'096)), 4'096);
    EXPECT_TRUE(strategy.has_required_receivers());
}

TEST(MinFlowControl, HoldsTheLimitWhileALateReceiverStarts) {
    Strategy strategy{{.strategy = min}};
    strategy.hear(status_of(1, 0, 8'192));

    strategy.send_setup();
    EXPECT_EQ(strategy.hear(status_of(1, 4'096, 8'192)), 8'192);

    strategy.hear(status_of(2, 4'096, 8'192));
    EXPECT_EQ(strategy.hear(status_of(1, 4'096, 8'192)), 12'288);
}

TEST(MinFlowControl, HoldsTheLimitNoLongerThanTheReceiverTimeout) {
    Strategy strategy{{.strategy = min}};
    strategy.hear(status_of(1, 0, 8'192));
    strategy.send_setup();

    strategy.now_ns = timeout_ns;
    EXPECT_EQ(strategy.hear(status_of(1, 4'096, 8'192)), 8'192);
    strategy.now_ns = timeout_ns + 1;
    EXPECT_EQ(strategy.hear(status_of(1, 4'096, 8'192)), 12'288);
}

TEST(MinFlowControl, ASetupForTheFirstReceiverHoldsNothing) {
    Strategy strategy{{.strategy = min}};

    strategy.send_setup();

    EXPECT_EQ(strategy.hear(status_of(1, 4'096, 8'192)), 12'288);
}

TEST(MinFlowControl, TellsWhoBeginsToCountAndWhoNoLongerDoes) {
    std::vector<std::string> told;
    Strategy strategy{{.strategy = min, .on_change = [&](const ReceiverChange& change) {
                           told.push_back((change.is_added ? "+" : "-") + std::to_string(change.receiver_id) + " of " +
                                          std::to_string(change.receiver_count));
                       }}};

    strategy.hear(status_of(1, 0, 1'000));
    strategy.hear(status_of(2, 0, 1'000));
    strategy.hear(status_of(1, 500, 1'000));
    strategy.hear(leaving(2, 500, 1'000));
    strategy.idle();
    strategy.now_ns = timeout_ns + 1;
    strategy.idle();

    EXPECT_THAT(told, testing::ElementsAre("+1 of 1", "+2 of 2", "-2 of 1", "-1 of 0"));
}

// Tagged.

// spec: 04-C46
TEST(TaggedFlowControl, OnlyReceiversWithTheTagCount) {
    Strategy strategy{{.strategy = by_tag, .group_tag = 123}};

    strategy.hear(tagged(123, 1, 0, 8'192));
    EXPECT_EQ(strategy.count(), 1);
    strategy.hear(tagged(124, 2, 0, 4'096));
    strategy.hear(status_of(3, 0, 4'096));

    EXPECT_EQ(strategy.count(), 1);
    EXPECT_EQ(strategy.idle(), 8'192);
}

// spec: 04-C46
TEST(TaggedFlowControl, FollowsAnyoneAsLongAsNobodyHasTheTag) {
    Strategy strategy{{.strategy = by_tag, .group_tag = 123}};

    EXPECT_EQ(strategy.hear(status_of(1, 0, 8'192)), 8'192);
    EXPECT_EQ(strategy.count(), 0);
    EXPECT_EQ(strategy.hear(tagged(123, 2, 0, 10'240)), 10'240);
    EXPECT_EQ(strategy.hear(status_of(1, 65'536, 8'192)), 10'240);
}

TEST(TaggedFlowControl, AReceiverOfTheGroupIsNotChangedByTheSameIdWithoutTheTag) {
    Strategy strategy{{.strategy = by_tag, .group_tag = 123}};
    strategy.hear(tagged(123, 1, 0, 8'192));

    strategy.hear(status_of(1, 8'192, 8'192));

    EXPECT_EQ(strategy.idle(), 8'192);
}

TEST(TaggedFlowControl, OnlyALateReceiverWithTheTagHoldsTheLimit) {
    Strategy strategy{{.strategy = by_tag, .group_tag = 123}};
    strategy.hear(tagged(123, 1, 0, 8'192));

    strategy.send_setup(124);
    EXPECT_EQ(strategy.hear(tagged(123, 1, 4'096, 8'192)), 12'288);
    strategy.send_setup(123);
    EXPECT_EQ(strategy.hear(tagged(123, 1, 8'192, 8'192)), 12'288);
}

// Retransmission length.

std::int32_t cap(const std::int32_t term_length, const std::int32_t multiple, const std::int32_t term_offset,
                 const std::int32_t length) {
    return make_flow_control({.retransmit_receiver_window_multiple = multiple, .term_length = term_length})
        ->max_retransmission_length(term_offset, length);
}

// spec: 04-C37
TEST(FlowControl, CapsARetransmissionByTheDefaultWindow) {
    constexpr std::int32_t mib = 1024 * 1024;

    EXPECT_EQ(cap(16 * mib, 16, 0, 16 * mib), 2 * mib);
    EXPECT_EQ(cap(16 * mib, 4, 0, 16 * mib), 512 * 1024);
    EXPECT_EQ(cap(1024 * mib, 2'147'483'647, 64, 1024 * mib - 64), 1024 * mib - 64);
    EXPECT_EQ(cap(16 * mib, 4, 0, 1'408), 1'408);
}

// spec: 04-C36
TEST(FlowControl, CapsARetransmissionByTheEndOfTheTerm) {
    EXPECT_EQ(cap(65'536, 16, 64'000, 65'536), 1'536);
    EXPECT_EQ(cap(65'536, 4, 0, 65'536), 65'536);
    EXPECT_EQ(cap(65'536, 1, 0, 65'536), 32'768);
}

}  // namespace
}  // namespace cpperon::driver
