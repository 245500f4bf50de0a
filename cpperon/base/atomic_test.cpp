#include "cpperon/base/atomic.hpp"

#include <cstdint>
#include <thread>

#include <gtest/gtest.h>

namespace cpperon {
namespace {

template <typename T>
class SharedWords : public ::testing::Test {};

using Words = ::testing::Types<std::int32_t, std::uint32_t, std::int64_t, std::uint64_t>;
TYPED_TEST_SUITE(SharedWords, Words, );

TYPED_TEST(SharedWords, HoldWhatWasStored) {
    TypeParam field{1};

    store_relaxed(field, 2);
    EXPECT_EQ(load_relaxed(field), TypeParam{2});
    store_release(field, 3);
    EXPECT_EQ(load_acquire(field), TypeParam{3});
    add_release(field, 4);
    EXPECT_EQ(field, TypeParam{7});
}

TYPED_TEST(SharedWords, AnswerFetchAddWithTheValueBefore) {
    TypeParam field{40};

    EXPECT_EQ(fetch_add(field, 2), TypeParam{40});
    EXPECT_EQ(field, TypeParam{42});
}

TYPED_TEST(SharedWords, ChangeByCompareExchangeOnlyFromTheExpectedValue) {
    TypeParam field{1};

    EXPECT_FALSE(compare_exchange(field, 2, 3));
    EXPECT_EQ(field, TypeParam{1});
    EXPECT_TRUE(compare_exchange(field, 1, 3));
    EXPECT_EQ(field, TypeParam{3});
}

TEST(ReleaseAndAcquire, HandOverWhatWasWrittenBefore) {
    for (int round = 0; round < 200; ++round) {
        std::int64_t message = 0;
        std::int32_t flag = 0;
        std::thread writer{[&] {
            message = 42;
            // release [test-flag]: the message is complete.
            store_release(flag, 1);
        }};
        // acquire [test-flag]
        while (load_acquire(flag) == 0) {
            std::this_thread::yield();
        }
        EXPECT_EQ(message, 42);  // a data race, which the thread sanitizer sees, if the order did not hold
        writer.join();
    }
}

TEST(FetchAdd, LosesNothingBetweenThreads) {
    constexpr int additions = 20'000;
    std::int64_t counter = 0;
    const auto add_many = [&] {
        for (int i = 0; i < additions; ++i) {
            fetch_add(counter, 1);
        }
    };

    std::thread other{add_many};
    add_many();
    other.join();

    EXPECT_EQ(counter, 2 * additions);
}

}  // namespace
}  // namespace cpperon
