#include "cpperon/client/driver_activity.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/client/fake_driver_test_support.hpp"

namespace cpperon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(DriverActivity, IsToldByTheDriversSignsOfLife) {
    const test::TemporaryDirectory directory;
    std::string finding;
    const auto log = [&](const std::string_view text) { finding = text; };
    EXPECT_FALSE(is_driver_active(directory.path(), 1s, log));
    EXPECT_FALSE(finding.empty());

    // Signs of life are told by the wall clock.
    ManualClock clock{SystemEpochClock::instance().epoch_ms()};
    client::FakeDriver driver{directory.path(), clock};
    EXPECT_TRUE(is_driver_active(directory.path(), 1h, log));

    driver.shut_down();
    EXPECT_FALSE(is_driver_active(directory.path(), 1h, log));
    EXPECT_THROW(static_cast<void>(is_driver_active(directory.path(), -1ms)), InvalidArgumentError);
}

TEST(DriverActivity, OfADeadDriverEndsWithTheTimeout) {
    const test::TemporaryDirectory directory;
    ManualClock clock{SystemEpochClock::instance().epoch_ms() - 60'000};
    const client::FakeDriver driver{directory.path(), clock};

    EXPECT_FALSE(is_driver_active(directory.path(), 30s));
    EXPECT_TRUE(is_driver_active(directory.path(), 1h));
}

TEST(DefaultDirectory, IsThatOfTheUser) {
    EXPECT_THAT(default_directory(), HasSubstr("/aeron-"));
}

}  // namespace
}  // namespace cpperon
