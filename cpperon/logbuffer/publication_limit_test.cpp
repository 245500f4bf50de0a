#include "cpperon/logbuffer/publication_limit.hpp"

#include <optional>

#include <gtest/gtest.h>

#include "cpperon/logbuffer/test_log.hpp"

namespace cpperon::logbuffer {
namespace {

using Published = std::optional<std::int64_t>;

// spec: 03-C39
TEST(IpcPublicationLimit, FollowsTheSequenceOfTheSpecification) {
    const TestLog log;
    TermCleaner cleaner{log.view(), 0};
    IpcPublicationLimit limit{0, 32'768};
    struct Row {
        std::int64_t position;
        Published published;
        std::int64_t limit;
        std::int64_t clean;
    };
    for (const Row& row :
         {Row{0, 32'768, 32'768, 0}, Row{4'096, {}, 32'768, 0}, Row{4'128, 36'896, 36'896, 4'128},
          Row{8'224, {}, 36'896, 4'128}, Row{8'256, 41'024, 41'024, 8'256}, Row{60'000, 92'768, 92'768, 60'000},
          Row{65'504, 98'272, 98'272, 65'504}, Row{69'984, 102'752, 102'752, 65'536}}) {
        EXPECT_EQ(limit.update(PositionRange{row.position, row.position}, cleaner), row.published) << row.position;
        EXPECT_EQ(limit.limit(), row.limit);
        EXPECT_EQ(cleaner.position(), row.clean);
    }
    EXPECT_EQ(limit.update(std::nullopt, cleaner), Published{69'984});
    EXPECT_EQ(cleaner.position(), 69'984);
    EXPECT_EQ(limit.update(std::nullopt, cleaner), Published{});
}

TEST(IpcPublicationLimit, FallsToTheFastestSubscriberThereEverWas) {
    const TestLog log;
    TermCleaner cleaner{log.view(), 0};
    IpcPublicationLimit limit{0, 32'768};
    EXPECT_EQ(limit.update(std::nullopt, cleaner), Published{});
    EXPECT_EQ(limit.update(PositionRange{32, 20'000}, cleaner), Published{32'800});
    EXPECT_EQ(cleaner.position(), 32);
    EXPECT_EQ(limit.consumer_position(), 20'000);
    EXPECT_EQ(limit.update(PositionRange{32, 64}, cleaner), Published{});
    EXPECT_EQ(limit.consumer_position(), 20'000);
    EXPECT_EQ(limit.update(std::nullopt, cleaner), Published{20'000});
    limit.set_limit(30'000);
    EXPECT_EQ(limit.update(std::nullopt, cleaner), Published{20'000});
}

// spec: 03-C41
TEST(NetworkPublicationLimit, FollowsTheSequenceOfTheSpecification) {
    constexpr std::int64_t start = 7'339'966'848;
    const TestLog log;
    TermCleaner cleaner{log.view(), start};
    NetworkPublicationLimit limit{log.view(), start, 32'768};
    struct Row {
        std::int64_t sent;
        std::int64_t limit;
        std::int64_t clean;
    };
    for (const Row& row : {Row{0, 32'768, 0}, Row{65'536, 98'304, 0}, Row{65'728, 98'496, 192},
                           Row{131'104, 163'872, 65'152}, Row{139'264, 172'032, 73'728}}) {
        EXPECT_EQ(limit.update({start + row.sent, true, {}}, cleaner), Published{start + row.limit}) << row.sent;
        EXPECT_EQ(cleaner.position(), start + row.clean);
    }
}

// spec: 03-C41
TEST(NetworkPublicationLimit, DoesNotEnterAPartitionThatIsStillDirty) {
    const TestLog log;
    TermCleaner cleaner{log.view(), 0};
    NetworkPublicationLimit limit{log.view(), 0, 32'768};
    EXPECT_EQ(limit.update({256, true, {}}, cleaner), Published{33'024});

    EXPECT_EQ(limit.update({164'032, true, {}}, cleaner), Published{});
    EXPECT_EQ(cleaner.position(), 65'536);
    EXPECT_EQ(limit.limit(), 33'024);
    EXPECT_EQ(limit.update({164'032, true, {}}, cleaner), Published{196'800});
    EXPECT_EQ(cleaner.position(), 98'496);
}

// spec: 03-C42
TEST(NetworkPublicationLimit, FallsToTheSenderWhenNobodyIsThere) {
    const TestLog log;
    TermCleaner cleaner{log.view(), 0};
    NetworkPublicationLimit limit{log.view(), 0, 32'768};
    EXPECT_EQ(limit.update({0, true, {}}, cleaner), Published{32'768});
    EXPECT_EQ(limit.update({4'096, false, {}}, cleaner), Published{4'096});
    EXPECT_EQ(limit.update({4'096, false, {}}, cleaner), Published{});
}

TEST(NetworkPublicationLimit, IsHeldBackBySpies) {
    const TestLog log;
    TermCleaner cleaner{log.view(), 0};
    NetworkPublicationLimit limit{log.view(), 0, 32'768};
    EXPECT_EQ(limit.update({8'192, true, 1'024}, cleaner), Published{1'024 + 32'768});
    EXPECT_EQ(limit.update({8'192, true, 65'536}, cleaner), Published{8'192 + 32'768});
}

TEST(PublicationLimits, SurviveCorruptPositions) {
    const TestLog log;
    TermCleaner cleaner{log.view(), 0};
    IpcPublicationLimit ipc{0, 32'768};
    NetworkPublicationLimit network{log.view(), 0, 32'768};
    for (const std::int64_t position : {INT64_MAX, INT64_MIN, INT64_MAX - 1, std::int64_t{33}}) {
        static_cast<void>(ipc.update(PositionRange{position, position}, cleaner));
        static_cast<void>(network.update({position, true, position}, cleaner));
    }
    EXPECT_EQ(cleaner.position() % 32, 0);
}

}  // namespace
}  // namespace cpperon::logbuffer
