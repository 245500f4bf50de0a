/// Connecting: which drivers are accepted, with which settings; and clients with a thread.
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <unordered_set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/client/fake_driver_test_support.hpp"

namespace cpperon::client {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class AeronConnect : public ClientTest {
protected:
    /// Polls while time passes; the driver, if there is one, is not heard of meanwhile.
    std::optional<Result<Aeron>> connect_within(const std::chrono::milliseconds duration) {
        Pending<Aeron> connecting = Aeron::async_connect(context());
        for (std::chrono::milliseconds passed{0}; passed <= duration; passed += 100ms) {
            if (std::optional<Result<Aeron>> result = connecting.poll()) {
                return result;
            }
            clock.advance(100ms);
        }
        return std::nullopt;
    }
    void set_version(const SemanticVersion version) {
        const MappedFile file = MappedFile::open(shm::cnc_path(directory.path()), Access::read_write);
        field_at<std::int32_t>(file.bytes().data()) = version.packed();
    }
};

// spec: 01-C12
TEST_F(AeronConnect, ClientStartedBeforeItsDriverConnectsWhenThatIsUp) {
    Pending<Aeron> connecting = Aeron::async_connect(context());
    EXPECT_FALSE(connecting.poll().has_value());
    clock.advance(5s);
    EXPECT_FALSE(connecting.poll().has_value());

    start_driver();
    clock.advance(100ms);
    std::optional<Aeron> connected = connecting.poll_or_throw();

    ASSERT_TRUE(connected.has_value());
    EXPECT_FALSE(connected->is_closed());
    EXPECT_TRUE(driver->all_commands().empty());
}

// spec: 01-C13, 07-C1
TEST_F(AeronConnect, MissingDriverIsATimeoutThatNamesTheDirectory) {
    EXPECT_FALSE(connect_within(9'900ms).has_value());

    const std::optional<Result<Aeron>> result = connect_within(10'100ms);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->error().code, ErrorCode::driver_timeout);
    EXPECT_THAT(result->error().message, HasSubstr(directory.path()));
}

// spec: 01-C13, 07-C4
TEST_F(AeronConnect, DeadDriversFileIsATimeoutUnlessANewDriverStarts) {
    start_driver();
    driver->shut_down();
    const std::optional<Result<Aeron>> result = connect_within(10'200ms);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->error().code, ErrorCode::driver_timeout);

    Pending<Aeron> connecting = Aeron::async_connect(context());
    clock.advance(11s - 10s);
    EXPECT_FALSE(connecting.poll().has_value());
    driver.reset();
    std::filesystem::remove_all(directory.path());
    start_driver();
    clock.advance(100ms);
    EXPECT_TRUE(connecting.poll_or_throw().has_value());
}

// spec: 07-C2
TEST_F(AeronConnect, DriverThatDoesNotFinishItsStartIsAClientTimeout) {
    start_driver();
    set_version({});

    const std::optional<Result<Aeron>> result = connect_within(10'200ms);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->error().code, ErrorCode::client_timeout);
}

// spec: 01-C14, 07-C3
TEST_F(AeronConnect, FileOfAnotherMajorVersionIsRefusedAtOnce) {
    start_driver();
    set_version({1, 0, 0});

    EXPECT_THROW(static_cast<void>(Aeron::connect(context())), IncompatibleVersionError);
}

// spec: 01-C15
TEST_F(AeronConnect, FileOfANewerMinorVersionIsAccepted) {
    start_driver();
    set_version({0, 3, 0});

    EXPECT_FALSE(Aeron::connect(context()).is_closed());
}

// spec: 07-C5, 07-C14
TEST_F(AeronConnect, OneContextMakesTwoClientsWithIdsOfTheirOwn) {
    start_driver();
    const Context settings = context();

    Aeron first = Aeron::connect(settings);
    Aeron second = Aeron::connect(settings);

    EXPECT_NE(first, second);
    EXPECT_EQ((std::unordered_set<Aeron>{first, second, first}.size()), 2U);
    std::vector<std::int64_t> ids{first.client_id(), second.client_id()};
    for (int i = 0; i < 10; ++i) {
        ids.push_back(first.next_correlation_id());
        ids.push_back(second.next_correlation_id());
    }
    EXPECT_THAT(std::set(ids.begin(), ids.end()), testing::SizeIs(ids.size()));
}

TEST_F(AeronConnect, DirectoryAloneIsEnough) {
    start_driver();
    driver->ring().set_consumer_heartbeat_ms(SystemEpochClock::instance().epoch_ms());  // by the clock of the defaults

    Aeron client = Aeron::connect(directory.path());

    EXPECT_EQ(client.context().directory, directory.path());
    EXPECT_FALSE(client.is_closed());
    EXPECT_THROW(static_cast<void>(Aeron::connect(directory.path() + "/nothing", 1ms)), TimeoutError);
    EXPECT_THROW(static_cast<void>(Aeron::connect("", 1ms)), InvalidArgumentError);
}

// spec: 07-C6
TEST_F(AeronConnect, ClientNameOfMoreThanAHundredCharactersIsRefused) {
    start_driver();
    Context settings = context();
    settings.client_name = std::string(100, 'n');
    EXPECT_FALSE(Aeron::connect(settings).is_closed());
    settings.client_name = std::string(101, 'n');
    EXPECT_THROW(static_cast<void>(Aeron::connect(settings)), InvalidArgumentError);
}

TEST_F(AeronConnect, IntervalsBeyondTheLivenessTimeoutAreRefused) {
    driver.emplace(directory.path(), clock, 0, 400ms);
    EXPECT_THROW(static_cast<void>(Aeron::connect(context())), InvalidArgumentError);
    Context settings = context();
    settings.keepalive_interval = 399ms;
    EXPECT_FALSE(Aeron::connect(settings).is_closed());
    settings.idle_sleep_duration = 400ms;
    EXPECT_THROW(static_cast<void>(Aeron::connect(settings)), InvalidArgumentError);
}

// spec: 07-C72
TEST_F(AeronConnect, OnlyAClientInInvokerModeMayBeStepped) {
    start_driver();
    Context settings = context();
    settings.invoker_mode = false;
    settings.driver_do_work = nullptr;
    Aeron threaded = Aeron::connect(settings);
    EXPECT_THROW(threaded.do_work(), InvalidArgumentError);

    Aeron stepped = Aeron::connect(context());
    EXPECT_EQ(stepped.do_work(), 0);
    stepped.close();
    EXPECT_EQ(stepped.do_work(), 0);
}

TEST_F(AeronConnect, StartFunctionRunsWithTheRole) {
    start_driver();
    for (const bool invoker_mode : {true, false}) {
        std::string role;
        std::thread::id thread;
        Context settings = context();
        settings.invoker_mode = invoker_mode;
        settings.driver_do_work = nullptr;
        settings.on_start = [&](const std::string_view name) {
            role = name;
            thread = std::this_thread::get_id();
        };
        const Aeron client = Aeron::connect(settings);
        EXPECT_EQ(role, "aeron-client");
        EXPECT_EQ(thread == std::this_thread::get_id(), invoker_mode);
    }
}

/// A client with a thread; the fake driver is served by the test's.
class ThreadedClient : public ClientTest {
protected:
    Aeron& connect_threaded() {
        Context settings = context();
        settings.invoker_mode = false;
        settings.driver_do_work = nullptr;
        return connect(settings);
    }
    /// Serves until the request is answered.
    template <typename T>
    T serve(Pending<T> pending) {
        while (!pending.is_done()) {
            driver->serve();
            std::this_thread::yield();
        }
        return pending.wait();
    }
};

TEST_F(ThreadedClient, RequestsWakeTheConductorAndAnswersTheCaller) {
    connect_threaded();
    std::atomic<bool> is_served{false};
    std::thread waiting{[&] {
        const Publication publication = aeron.add_publication("aeron:ipc", 1);
        EXPECT_FALSE(publication.is_closed());
        is_served = true;
    }};
    while (!is_served) {
        driver->serve();
        std::this_thread::yield();
    }
    waiting.join();
}

TEST_F(ThreadedClient, WaitingEndsWhenAnotherThreadClosesTheClient) {
    connect_threaded();
    Pending<Publication> pending = aeron.async_add_publication("aeron:ipc", 1);
    Aeron other = aeron;
    std::thread closing{[&] { other.close(); }};

    EXPECT_EQ(pending.try_wait().error().code, ErrorCode::closed);
    closing.join();
}

TEST_F(ThreadedClient, LastHandleDroppedInACallbackDoesNotWaitForItself) {
    struct Handles {
        Aeron aeron;
        Subscription subscription;
    };
    connect_threaded();
    std::atomic<bool> is_complete{false};
    std::atomic<bool> is_closed{false};
    auto* const all = new Handles{.aeron = std::move(aeron), .subscription = {}};
    HandlerRegistration on_close = all->aeron.add_close_handler([&] { is_closed = true; });
    all->subscription = serve(all->aeron.async_add_subscription(
        "aeron:ipc", 1'001, {.on_available = [all, &is_complete](const Image&) {
            EXPECT_TRUE(is_complete);  // the event came later; said to the thread sanitizer, which sees no files
            delete all;
        }}));

    const std::int64_t subscription_id = number(all->subscription.registration_id());
    is_complete = true;
    driver->send_available_image(900, subscription_id);

    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!is_closed && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(is_closed) << "waited for the close handler";
    EXPECT_TRUE(errors.empty());
}

TEST_F(ThreadedClient, RemovedHandlerIsNotRunningAnyMore) {
    connect_threaded();
    for (int i = 0; i < 200; ++i) {
        auto called = std::make_unique<std::atomic<int>>(0);
        HandlerRegistration registration = aeron.add_available_counter_handler(
            [&counter = *called](const CountersReader&, RegistrationId, CounterId) { ++counter; });
        driver->send(command::CounterReadyEvent{501, 1});
        if (i % 2 == 0) {
            std::this_thread::yield();
        }
        registration.remove();
        called.reset();  // the sanitizers would tell
    }
}

TEST(DriverTermination, IsAskedForInTheDriversRing) {
    ManualClock clock;
    const test::TemporaryDirectory directory;
    EXPECT_FALSE(Aeron::request_driver_termination(directory.path() + "/nothing"));

    FakeDriver driver{directory.path(), clock};
    const std::string token = "hello";
    EXPECT_TRUE(Aeron::request_driver_termination(directory.path(), std::as_bytes(std::span{token})));
    const ReceivedCommand received = driver.expect_command();
    EXPECT_EQ(received.as<command::TerminateDriverCommand>().token.size(), 5U);
    EXPECT_EQ(received.as<command::TerminateDriverCommand>().correlation_id, -1);

    const std::vector<std::byte> too_long(200'000);
    EXPECT_THROW(Aeron::request_driver_termination(directory.path(), too_long), InvalidArgumentError);
}

}  // namespace
}  // namespace cpperon::client
