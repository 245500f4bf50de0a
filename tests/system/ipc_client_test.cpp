/// A client and an embedded driver, each with its threads, over IPC.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/cpperon.hpp"
#include "tests/support/sanitizer.hpp"
#include "tests/system/driver_process.hpp"
#include "tests/system/numbered_messages.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;

class IpcClient : public testing::Test {
protected:
    /// A driver that does not make tests wait.
    static DriverContext quick() {
        return {.ipc_term_length = 65'536,
                .publication_linger_timeout = 1ms,
                .image_liveness_timeout = 50ms,
                .timer_interval = 2ms,
                .counters_free_to_reuse_timeout = 0ms};
    }
    [[nodiscard]] Aeron connect(Context context = {}) const {
        context.directory = driver.directory();
        return Aeron::connect(context);
    }
    /// Polls until a message came.
    static std::string receive(const Subscription& subscription) {
        std::string received;
        wait_until(
            [&] {
                return subscription.poll(
                           [&](const std::span<const std::byte> message, const Header&) {
                               received.assign(reinterpret_cast<const char*>(message.data()), message.size());
                           },
                           1) > 0;
            },
            "a message");
        return received;
    }
    static void send(Publication& publication, const std::string& message) {
        wait_until([&] { return static_cast<bool>(publication.offer(message)); }, "an offer to be taken");
    }
    [[nodiscard]] std::size_t count_logs() const {
        const std::filesystem::directory_iterator logs{driver.directory() + "/publications"};
        return static_cast<std::size_t>(std::distance(begin(logs), end(logs)));
    }
    [[nodiscard]] std::size_t count_mappings() const {
        std::size_t count = 0;
        std::ifstream maps{"/proc/self/maps"};
        for (std::string line; std::getline(maps, line);) {
            count += line.find(driver.directory() + "/publications/") != std::string::npos ? 1U : 0U;
        }
        return count;
    }
    static std::size_t count_counters(const CountersReader& counters) {
        std::size_t count = 0;
        counters.for_each([&](const CounterView&) { ++count; });
        return count;
    }

    EmbeddedDriver driver{quick()};
};

TEST_F(IpcClient, MessagesArriveOnceAndInOrder) {
    Aeron aeron = connect();
    std::atomic<int> images{0};
    const Subscription subscription =
        aeron.add_subscription("aeron:ipc", 1'001, {.on_available = [&](const Image&) { ++images; }});
    Publication publication = aeron.add_publication("aeron:ipc", 1'001);
    wait_until([&] { return publication.is_connected() && images == 1; }, "the image");
    const int count = test::is_sanitized ? 2'000 : 50'000;

    std::thread publisher{[&] {
        for (int i = 0; i < count; ++i) {
            send(publication, std::to_string(i));
        }
    }};
    for (int i = 0; i < count; ++i) {
        ASSERT_EQ(receive(subscription), std::to_string(i));
    }
    publisher.join();
}

// spec: 07-C38
TEST_F(IpcClient, MessagesOfFourThreadsOnOnePublicationAllArriveInTheOrderOfEach) {
    constexpr int thread_count = 4;
    const std::int64_t count = test::is_sanitized ? 5'000 : 100'000;
    // Bytes are used again only after the driver saw the reader's position, in mappings of its own: the thread
    // sanitizer cannot follow that, so it gets a log that is not gone round.
    const std::string channel = test::is_sanitized ? "aeron:ipc?term-length=16m" : "aeron:ipc";
    Aeron aeron = connect();
    const Subscription subscription = aeron.add_subscription(channel, 1'001);
    const Publication publication = aeron.add_publication(channel, 1'001);
    std::vector<std::thread> threads;
    for (std::int64_t source = 0; source < thread_count; ++source) {
        threads.emplace_back([&publication, source] {
            for (std::int64_t number = 0; number < count; ++number) {
                const std::vector<std::byte> message = numbered_message({.source = source, .number = number}, 64);
                if (!wait_until([&] { return static_cast<bool>(publication.offer(message)); },
                                "an offer to be taken")) {
                    return;
                }
            }
        });
    }

    NumberedMessages received{64};
    wait_until(
        [&] {
            while (subscription.poll(
                       [&](const std::span<const std::byte> message, const Header&) { received.on_message(message); },
                       100) > 0) {
            }
            return received.total() == thread_count * count || received.mistake();
        },
        "all messages");
    for (std::thread& thread : threads) {
        thread.join();
    }

    EXPECT_EQ(received.mistake(), std::nullopt);
    EXPECT_EQ(received.total(), thread_count * count);
    EXPECT_EQ(subscription.poll([](std::span<const std::byte>, const Header&) {}, 10), 0);
}

// spec: 07-C79
TEST(EmbeddedDrivers, LiveSideBySideAndLeaveNothingBehind) {
    std::string first_directory;
    std::string second_directory;
    {
        const EmbeddedDriver first;
        const EmbeddedDriver second;
        first_directory = first.directory();
        second_directory = second.directory();
        EXPECT_NE(first_directory, second_directory);
        Aeron of_first = Aeron::connect({.directory = first_directory});
        Aeron of_second = Aeron::connect({.directory = second_directory});
        const Publication publication = of_first.add_publication("aeron:ipc?term-length=64k", 1'001);
        const Subscription elsewhere = of_second.add_subscription("aeron:ipc", 1'001);
        EXPECT_EQ(publication.offer("x").status(), OfferStatus::not_connected);
        const Subscription here = of_first.add_subscription("aeron:ipc", 1'001);
        wait_until([&] { return publication.is_connected(); }, "the subscription of the same driver");
        EXPECT_FALSE(elsewhere.is_connected());
        of_first.close();
        of_second.close();
    }

    EXPECT_FALSE(std::filesystem::exists(first_directory));
    EXPECT_FALSE(std::filesystem::exists(second_directory));
}

// spec: 07-C20, 02-C43
TEST_F(IpcClient, ClosingOneHandleOfASharedPublicationLeavesTheOtherWorking) {
    Aeron aeron = connect();
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001);
    Publication first = aeron.add_publication("aeron:ipc", 1'001);
    Publication second = aeron.add_publication("aeron:ipc", 1'001);
    EXPECT_EQ(first.session_id(), second.session_id());
    EXPECT_EQ(first.original_registration_id(), second.original_registration_id());

    first.close();
    send(second, "still here");

    EXPECT_EQ(receive(subscription), "still here");
    EXPECT_EQ(first.offer("x").status(), OfferStatus::closed);
}

// spec: 07-C21
TEST_F(IpcClient, ExclusivePublicationsHaveSessionsOfTheirOwn) {
    Aeron aeron = connect();
    const ExclusivePublication first = aeron.add_exclusive_publication("aeron:ipc", 1'001);
    const ExclusivePublication second = aeron.add_exclusive_publication("aeron:ipc", 1'001);
    const Publication shared = aeron.add_publication("aeron:ipc", 1'001);

    EXPECT_NE(first.session_id(), second.session_id());
    EXPECT_NE(first.session_id(), shared.session_id());
    EXPECT_NE(second.session_id(), shared.session_id());
}

// spec: 02-C48
TEST_F(IpcClient, AddsAndClosesInALoopLeaveNothingBehind) {
    Aeron aeron = connect();
    const Counter keeps_the_heartbeat = aeron.add_counter(1'000, "first");
    const CountersReader counters = aeron.counters_reader();
    const std::size_t counters_before = count_counters(counters);

    for (int i = 0; i < 1'000; ++i) {
        Subscription subscription = aeron.add_subscription("aeron:ipc", i % 10);
        Publication publication = aeron.add_publication("aeron:ipc?term-length=64k", i % 10);
        const Counter counter = aeron.add_counter(1'000, "in a loop");
        if (i % 2 == 0) {
            publication.close();
            subscription.close();
        }
    }

    wait_until([&] { return count_logs() == 0; }, "the log files to be deleted");
    wait_until([&] { return count_mappings() == 0; }, "the logs to be unmapped");
    wait_until([&] { return count_counters(counters) == counters_before; }, "the counters to be freed");
}

// spec: 07-C13
TEST_F(IpcClient, ClosedClientIsForgottenWithoutBeingTimedOut) {
    Aeron observer = connect();
    Aeron aeron = connect();
    const Counter counter = aeron.add_counter(1'000, "x");
    const std::int64_t client_id = aeron.client_id();
    const CountersReader counters = observer.counters_reader();
    ASSERT_TRUE(counters.find(11, client_id).has_value());

    aeron.close();

    wait_until([&] { return !counters.find(11, client_id).has_value(); }, "the heartbeat counter to be freed");
    EXPECT_EQ(counters.value(24), 0);
}

// spec: 07-C25
TEST_F(IpcClient, StaticCounterIsFoundByOthersAndOutlivesItsMaker) {
    Aeron first = connect();
    Aeron second = connect();
    const Counter made = first.add_static_counter(1'000, RegistrationId{42}, "static");
    const Counter found = second.add_static_counter(1'000, RegistrationId{42}, "another label");
    EXPECT_EQ(made.id(), found.id());
    EXPECT_EQ(found.label(), "static");
    EXPECT_EQ(found.registration_id(), RegistrationId{42});

    first.close();
    second.close();
    Aeron third = connect();
    EXPECT_EQ(third.add_static_counter(1'000, RegistrationId{42}, "x").id(), made.id());

    const Counter ordinary = third.add_counter(1'001, "ordinary");
    try {
        static_cast<void>(third.add_static_counter(1'001, ordinary.registration_id(), "x"));
        FAIL() << "an ordinary counter was taken for a static one";
    } catch (const RegistrationError& error) {
        EXPECT_EQ(error.code(), ErrorCode::generic_error);
    }
}

// spec: 02-C46, 07-C60
TEST_F(IpcClient, CountersOfOtherClientsAreAnnounced) {
    std::mutex mutex;
    std::vector<std::int64_t> heard;
    const auto has_heard = [&](const std::int64_t id) {
        const std::lock_guard lock{mutex};
        return std::count(heard.begin(), heard.end(), id) == 1;
    };
    Aeron observer = connect({.on_available_counter = [&](const CountersReader&, const RegistrationId id, CounterId) {
        const std::lock_guard lock{mutex};
        heard.push_back(static_cast<std::int64_t>(id));
    }});
    Aeron other = connect();

    const Counter fixed = other.add_static_counter(1'000, RegistrationId{77'777}, "static");
    const Counter counter = other.add_counter(1'000, "x");

    wait_until([&] { return has_heard(static_cast<std::int64_t>(counter.registration_id())); }, "the counter");
    EXPECT_TRUE(has_heard(other.client_id()));
    EXPECT_FALSE(has_heard(77'777));
}

// spec: 07-C53
TEST_F(IpcClient, RejectedImageIsToldToItsPublisherAndEnds) {
    std::mutex mutex;
    std::vector<PublicationError> told;
    std::atomic<int> unavailable{0};
    Aeron aeron = connect({.on_publication_error = [&](const PublicationError& error) {
        const std::lock_guard lock{mutex};
        told.push_back(error);
    }});
    const Subscription subscription =
        aeron.add_subscription("aeron:ipc", 1'001, {.on_unavailable = [&](const Image&) { ++unavailable; }});
    const Publication publication = aeron.add_publication("aeron:ipc", 1'001);
    wait_until([&] { return subscription.image_count() == 1; }, "the image");

    subscription.image_at(0)->reject("not wanted");

    wait_until([&] { return unavailable >= 1; }, "the image to end");
    const std::lock_guard lock{mutex};
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told[0].registration_id, publication.registration_id());
    EXPECT_EQ(told[0].code, ErrorCode::image_rejected);
    EXPECT_EQ(told[0].source_address, "127.0.0.1:0");
    EXPECT_EQ(told[0].message, "not wanted");
}

// spec: 02-C39, 02-C41, 07-C65
TEST_F(IpcClient, OffersAndPollsDuringTheDriversEndAreAnsweredWithClosed) {
    std::mutex mutex;
    std::vector<ErrorCode> errors;
    Aeron aeron = connect({.on_error = [&](const Error& error) {
        const std::lock_guard lock{mutex};
        errors.push_back(error.code());
    }});
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001);
    Publication publication = aeron.add_publication("aeron:ipc", 1'001);
    std::thread publisher{[&] {
        wait_until([&] { return publication.offer("x").status() == OfferStatus::closed; }, "the publication's end");
    }};
    std::thread poller{[&] {
        wait_until(
            [&] {
                subscription.poll([](std::span<const std::byte>, const Header&) {}, 10);
                return subscription.is_closed();
            },
            "the subscription's end");
    }};

    driver.close();
    publisher.join();
    poller.join();

    EXPECT_TRUE(aeron.is_closed());
    wait_until(
        [&] {
            const std::lock_guard lock{mutex};
            return !errors.empty();
        },
        "the error handler");
    const std::lock_guard lock{mutex};
    EXPECT_THAT(errors, testing::ElementsAre(ErrorCode::driver_timeout));
}

}  // namespace
}  // namespace cpperon::system_test
