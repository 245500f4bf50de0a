/// The lines on stderr of a library that is built with CPPERON_EXTRA_LOGGING.
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/cpperon.hpp"

namespace cpperon {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

/// What goes to stderr while `action` runs.
std::string log_of(const std::function<void()>& action) {
    CaptureStderr();
    action();
    return GetCapturedStderr();
}

class ExtraLogging : public ::testing::Test {
protected:
    /// The client and the driver are stepped, so that all happens while the test looks.
    void step_until(const std::function<bool()>& holds, const char* const what) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (!holds()) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error{fmt::format("waited in vain for {}", what)};
            }
            driver.do_work();
            if (aeron) {
                aeron->do_work();
            }
        }
    }

    template <typename T>
    T value_of(Pending<T> pending) {
        std::optional<Result<T>> answer;
        step_until(
            [&] {
                answer = pending.poll();
                return answer.has_value();
            },
            "an answer of the driver");
        return std::move(*answer).value_or_throw();
    }

    void connect() { aeron = value_of(Aeron::async_connect({.directory = driver.directory(), .invoker_mode = true})); }

    EmbeddedDriver driver{{.threading_mode = ThreadingMode::invoker}};
    std::optional<Aeron> aeron;
};

TEST_F(ExtraLogging, HasALineForAClientThatComesAndOneWhenItGoes) {
    const std::string come = log_of([&] { connect(); });
    const std::string whose = fmt::format("client {} in '{}'\n", aeron->client_id(), driver.directory());
    const std::string gone = log_of([&] { aeron.reset(); });

    EXPECT_EQ(come, "cpperon: created " + whose);
    EXPECT_EQ(gone, "cpperon: destroyed " + whose);
}

TEST_F(ExtraLogging, HasALineForAPublicationWithItsChannelStreamAndSession) {
    connect();
    std::optional<Publication> publication;

    const std::string come = log_of([&] { publication = value_of(aeron->async_add_publication("aeron:ipc", 1001)); });
    const std::string whose = fmt::format("publication {} on 'aeron:ipc', stream 1001, session {}\n",
                                          static_cast<std::int64_t>(publication->registration_id()),
                                          static_cast<std::int32_t>(publication->session_id()));
    const std::string gone = log_of([&] { publication.reset(); });

    EXPECT_EQ(come, "cpperon: created " + whose);
    EXPECT_EQ(gone, "cpperon: destroyed " + whose);
}

TEST_F(ExtraLogging, TellsExclusivePublicationsFromSharedOnes) {
    connect();

    const std::string log =
        log_of([&] { static_cast<void>(value_of(aeron->async_add_exclusive_publication("aeron:ipc", 1001))); });

    EXPECT_THAT(log, HasSubstr("cpperon: created exclusive publication "));
    EXPECT_THAT(log, HasSubstr("cpperon: destroyed exclusive publication "));
}

TEST_F(ExtraLogging, HasALineForASubscriptionAndOneForEachOfItsImages) {
    connect();
    std::optional<Subscription> subscription;
    std::optional<Publication> publication;

    const std::string subscribed =
        log_of([&] { subscription = value_of(aeron->async_add_subscription("aeron:ipc", 1001)); });
    const std::string published = log_of([&] {
        publication = value_of(aeron->async_add_publication("aeron:ipc", 1001));
        step_until([&] { return subscription->is_connected(); }, "the image");
    });
    const std::string ended = log_of([&] {
        publication.reset();
        step_until([&] { return !subscription->is_connected(); }, "the image to go");
        subscription.reset();
        aeron.reset();
    });

    EXPECT_THAT(subscribed, ContainsRegex("^cpperon: created subscription [0-9]+ on 'aeron:ipc', stream 1001\n$"));
    EXPECT_THAT(published, ContainsRegex("cpperon: created image [0-9]+ from 'aeron:ipc', session -?[0-9]+, of "
                                         "subscription [0-9]+ on 'aeron:ipc', stream 1001\n"));
    EXPECT_THAT(published, Not(HasSubstr("destroyed")));
    EXPECT_THAT(ended, HasSubstr("cpperon: destroyed image "));
    EXPECT_THAT(ended, HasSubstr("cpperon: destroyed subscription "));
}

TEST_F(ExtraLogging, HasALineForACounterWithItsTypeAndLabel) {
    connect();
    std::optional<Counter> counter;

    const std::string come = log_of([&] { counter = value_of(aeron->async_add_counter(1'101, "orders")); });
    const std::string gone = log_of([&] { counter.reset(); });

    EXPECT_THAT(come, ContainsRegex("^cpperon: created counter [0-9]+ of type 1101, registration [0-9]+, labelled "
                                    "'orders'\n$"));
    EXPECT_THAT(gone, HasSubstr("cpperon: destroyed counter "));
}

TEST_F(ExtraLogging, SaysNothingAboutCopies) {
    connect();
    const Publication publication = value_of(aeron->async_add_publication("aeron:ipc", 1001));

    const std::string log = log_of([&] {
        const Publication copy = publication;
        EXPECT_EQ(copy.registration_id(), publication.registration_id());
    });

    EXPECT_EQ(log, "");
}

}  // namespace
}  // namespace cpperon
