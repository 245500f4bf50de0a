/// Writer and reader of the distinct error log.
#include "cpperon/shm/distinct_error_log.hpp"

#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/shm/error_log_reader.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/shared_section.hpp"

namespace cpperon::shm {
namespace {

using namespace std::chrono_literals;
using test::SharedSection;
using test::to_hex;
using ::testing::ElementsAre;

class ErrorLog : public ::testing::Test {
protected:
    struct Seen {
        std::int32_t count;
        std::int64_t first_ms;
        std::int64_t last_ms;
        std::string text;
        bool operator==(const Seen&) const = default;
    };
    std::vector<Seen> read(const std::int64_t since_ms = 0) {
        std::vector<Seen> seen;
        const int reported = reader.for_each(
            [&](const ErrorObservation& error) {
                seen.push_back({error.count, error.first_ms, error.last_ms, std::string{error.text}});
            },
            since_ms);
        EXPECT_EQ(reported, static_cast<int>(seen.size()));
        return seen;
    }

    SharedSection section{256};
    ManualClock clock{1'000};
    DistinctErrorLog log{section.bytes(), clock};
    ErrorLogReader reader{section.bytes()};
};

TEST_F(ErrorLog, LooksLikeTheWorkedExample) {
    EXPECT_EQ(log.record(5, "abcde"), ErrorRecordResult::recorded);
    EXPECT_EQ(log.record(5, "abcde"), ErrorRecordResult::recorded);
    EXPECT_EQ(log.record(5, "abcdef"), ErrorRecordResult::recorded);
    EXPECT_EQ(log.record(6, "abcdef"), ErrorRecordResult::recorded);

    EXPECT_EQ(to_hex(section.bytes(0, 64)),
              "1d000000 03000000 e8030000 00000000 e8030000 00000000 61626364 65000000 "
              "1e000000 01000000 e8030000 00000000 e8030000 00000000 61626364 65660000");
    EXPECT_THAT(read(), ElementsAre(Seen{3, 1'000, 1'000, "abcde"}, Seen{1, 1'000, 1'000, "abcdef"}));
}

TEST_F(ErrorLog, IsEmptyAtFirst) {
    EXPECT_FALSE(reader.has_errors());
    EXPECT_THAT(read(), ElementsAre());
    ASSERT_EQ(log.record(1, ""), ErrorRecordResult::recorded);
    EXPECT_TRUE(reader.has_errors());
    EXPECT_THAT(read(), ElementsAre(Seen{1, 1'000, 1'000, ""}));
}

// spec: 01-C29
TEST_F(ErrorLog, CountsTheSameErrorInOneEntry) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(log.record(5, "again"), ErrorRecordResult::recorded);
        EXPECT_THAT(read(), ElementsAre(Seen{i + 1, 1'000, 1'000 + i, "again"}));
        clock.advance(1ms);
    }
}

TEST_F(ErrorLog, IsReadFromAGivenTimeOn) {
    ASSERT_EQ(log.record(1, "early"), ErrorRecordResult::recorded);
    clock.advance(1s);
    ASSERT_EQ(log.record(2, "late"), ErrorRecordResult::recorded);

    EXPECT_THAT(read(1'001), ElementsAre(Seen{1, 2'000, 2'000, "late"}));
    EXPECT_EQ(read(2'001).size(), 0U);
    EXPECT_EQ(read(1'000).size(), 2U);
}

// spec: 01-C30
TEST_F(ErrorLog, DropsNewErrorsWhenFullAndKeepsCountingKnownOnes) {
    SharedSection memory{72 + 16};
    std::memset(memory.bytes(72, 16).data(), 0xee, 16);
    DistinctErrorLog full{memory.bytes(0, 72), clock};
    ErrorLogReader full_reader{memory.bytes(0, 72)};

    EXPECT_EQ(full.record(1, "12345678901"), ErrorRecordResult::recorded);  // 35 bytes, 40 with alignment
    EXPECT_EQ(full.record(2, "123456789"), ErrorRecordResult::log_full);    // 33 bytes, 32 are left
    EXPECT_EQ(full.record(2, "12345678"), ErrorRecordResult::recorded);     // exactly full
    EXPECT_EQ(full.record(3, ""), ErrorRecordResult::log_full);
    EXPECT_EQ(full.record(1, "12345678901"), ErrorRecordResult::recorded);

    std::vector<std::int32_t> counts;
    full_reader.for_each([&](const ErrorObservation& error) { counts.push_back(error.count); });
    EXPECT_THAT(counts, ElementsAre(2, 1));
    EXPECT_EQ(to_hex(memory.bytes(72, 16)), "eeeeeeee eeeeeeee eeeeeeee eeeeeeee");
}

TEST_F(ErrorLog, NeverOverrunsASectionOfUnalignedLength) {
    SharedSection memory{40};
    DistinctErrorLog odd{memory.bytes(0, 30), clock};
    EXPECT_EQ(odd.record(1, "123456"), ErrorRecordResult::recorded);
    EXPECT_EQ(odd.record(2, ""), ErrorRecordResult::log_full);
    EXPECT_EQ(ErrorLogReader{memory.bytes(0, 30)}.for_each([](const auto&) {}), 1);
}

TEST_F(ErrorLog, EndsAtAnEntryOfImpossibleLength) {
    ASSERT_EQ(log.record(1, "first"), ErrorRecordResult::recorded);
    ASSERT_EQ(log.record(2, "second"), ErrorRecordResult::recorded);
    for (const std::int32_t length : {-1, 1, 23, 256 - 32 + 1, INT32_MAX, INT32_MIN}) {
        std::memcpy(section.bytes(32, 4).data(), &length, 4);
        EXPECT_EQ(read().size(), 1U) << length;
    }
}

TEST_F(ErrorLog, SurvivesAnyContents) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    for (int round = 0; round < 2'000; ++round) {
        for (std::size_t offset = 0; offset < 256; offset += 8) {
            section.word(offset) = static_cast<std::int64_t>((std::uint64_t{random()} << 32) | (random() % 64));
        }
        reader.for_each([](const ErrorObservation& error) { EXPECT_LE(error.text.size(), 256U); });
    }
}

TEST_F(ErrorLog, CountsWhatSeveralThreadsRecord) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([this, t] {
            for (int i = 0; i < 1'000; ++i) {
                static_cast<void>(log.record(1, "shared"));
                static_cast<void>(log.record(t + 2, "own"));
            }
        });
    }
    for (int i = 0; i < 100; ++i) {
        reader.for_each(
            [](const ErrorObservation& error) { EXPECT_TRUE(error.text == "shared" || error.text == "own"); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::int32_t shared = 0;
    std::int32_t own = 0;
    EXPECT_EQ(
        reader.for_each([&](const ErrorObservation& error) { (error.text == "shared" ? shared : own) += error.count; }),
        4);
    EXPECT_EQ(shared, 3'000);
    EXPECT_EQ(own, 3'000);
}

TEST_F(ErrorLog, MustBeAligned) {
    EXPECT_THROW((DistinctErrorLog{section.bytes(4, 100), clock}), InvalidArgumentError);
    EXPECT_THROW((ErrorLogReader{section.bytes(4, 100)}), InvalidArgumentError);
}

}  // namespace
}  // namespace cpperon::shm
