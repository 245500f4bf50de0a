/// A driver and its clients in one thread, on virtual time: the whole system moves only when the test does.
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/clock.hpp"
#include "cpperon/base/field.hpp"
#include "cpperon/base/mapped_file.hpp"
#include "cpperon/cpperon.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;

class SingleThread : public testing::Test {
protected:
    explicit SingleThread(const std::int64_t counters_buffer_length = 8'388'608)
        : driver({.threading_mode = ThreadingMode::invoker,
                  .counters_buffer_length = counters_buffer_length,
                  .ipc_term_length = 65'536,
                  .nano_clock = &clock,
                  .epoch_clock = &clock}) {}

    [[nodiscard]] Aeron connect() {
        return Aeron::connect({.directory = driver.directory(),
                               .invoker_mode = true,
                               .driver_do_work = [this] { return step_driver(); },
                               .on_error = [this](const Error& error) { errors.push_back(error.code()); },
                               .nano_clock = &clock,
                               .epoch_clock = &clock});
    }
    int step_driver() {
        clock.advance(10us);
        return driver.do_work();
    }
    void pass(const std::chrono::milliseconds duration, const std::vector<Aeron*>& clients) {
        for (std::chrono::milliseconds passed{0}; passed < duration; passed += 20ms) {
            clock.advance(20ms);
            driver.do_work();
            for (Aeron* const client : clients) {
                client->do_work();
            }
        }
    }
    static std::vector<Aeron*> pointers_to(Aeron& first, std::vector<Aeron>& others) {
        std::vector<Aeron*> pointers{&first};
        for (Aeron& other : others) {
            pointers.push_back(&other);
        }
        return pointers;
    }
    static std::ptrdiff_t count_threads() {
        const std::filesystem::directory_iterator threads{"/proc/self/task"};
        return std::distance(begin(threads), end(threads));
    }

    ManualClock clock;
    EmbeddedDriver driver;
    std::vector<ErrorCode> errors;
};

// spec: 07-C71
TEST_F(SingleThread, TwoClientsExchangeMessagesWithoutAnotherThread) {
    const std::ptrdiff_t threads = count_threads();
    Aeron sender = connect();
    Aeron receiver = connect();
    const Subscription subscription = receiver.add_subscription("aeron:ipc", 1'001);
    Publication publication = sender.add_publication("aeron:ipc", 1'001);
    pass(100ms, {&sender, &receiver});
    EXPECT_EQ(count_threads(), threads);

    std::vector<std::string> received;
    for (int i = 0; i < 10'000; ++i) {
        while (!publication.offer(std::to_string(i))) {
            subscription.poll(
                [&](const std::span<const std::byte> message, const Header&) {
                    received.emplace_back(reinterpret_cast<const char*>(message.data()), message.size());
                },
                10);
            step_driver();
        }
    }
    while (received.size() < 10'000) {
        subscription.poll(
            [&](const std::span<const std::byte> message, const Header&) {
                received.emplace_back(reinterpret_cast<const char*>(message.data()), message.size());
            },
            10);
    }

    for (std::size_t i = 0; i < received.size(); ++i) {
        ASSERT_EQ(received[i], std::to_string(i));
    }
    EXPECT_TRUE(errors.empty());
}

// spec: 02-C40, 07-C67
TEST_F(SingleThread, ClientThatIsNotSteppedForTooLongEndsAndTheOtherHearsOfIt) {
    Aeron stalled = connect();
    Aeron alive = connect();
    const Counter counter = stalled.add_counter(1'000, "x");
    std::vector<std::int64_t> gone;
    const HandlerRegistration on_gone =
        alive.add_unavailable_counter_handler([&](const CountersReader&, const RegistrationId id, CounterId) {
            gone.push_back(static_cast<std::int64_t>(id));
        });

    pass(12s, {&alive});
    EXPECT_THAT(
        gone, testing::UnorderedElementsAre(stalled.client_id(), static_cast<std::int64_t>(counter.registration_id())));
    EXPECT_FALSE(stalled.is_closed());
    stalled.do_work();

    EXPECT_TRUE(stalled.is_closed());
    EXPECT_TRUE(counter.is_closed());
    EXPECT_THAT(errors, testing::ElementsAre(ErrorCode::conductor_service_timeout));
    EXPECT_FALSE(alive.is_closed());
}

// spec: 02-C51, 01-C34
TEST_F(SingleThread, IdleClientsOutliveAnHour) {
    Aeron without_resources = connect();
    Aeron with_a_counter = connect();
    const Counter counter = with_a_counter.add_counter(1'000, "x");

    pass(3'600s, {&without_resources, &with_a_counter});

    EXPECT_FALSE(without_resources.is_closed());
    EXPECT_FALSE(with_a_counter.is_closed());
    EXPECT_TRUE(errors.empty());
    EXPECT_FALSE(with_a_counter.counters_reader().find(11, without_resources.client_id()).has_value());
}

// spec: 02-C38, 07-C17
TEST_F(SingleThread, AddThatTimedOutLeavesNothingInADriverThatGoesOn) {
    Aeron aeron = connect();
    const Counter counter = aeron.add_counter(1'000, "x");
    pass(1s, {&aeron});
    Pending<Publication> pending = aeron.async_add_publication("aeron:ipc", 1'001);
    // The driver's conductor is not run, but what it showed last is young enough for the client.
    for (int i = 0; i < 10'040 / 20 && !pending.is_done(); ++i) {
        clock.advance(20ms);
        if (i == 400) {
            MappedFile cnc = MappedFile::open(driver.directory() + "/cnc.dat", Access::read_write);
            const auto heartbeat = cnc.bytes().subspan(128 + 1'048'576 + 640, 8);
            store_release(field_at<std::int64_t>(heartbeat.data()), clock.epoch_ms());
        }
        aeron.do_work();
    }
    EXPECT_EQ(pending.poll()->error().code, ErrorCode::driver_timeout);

    pass(10s, {&aeron});

    EXPECT_TRUE(std::filesystem::is_empty(driver.directory() + "/publications"));
}

/// With files that can be mapped by many.
class ManyClients : public SingleThread {
protected:
    ManyClients() : SingleThread(1'048'576) {}
};

TEST_F(ManyClients, AreServedByOneDriverAndGoneWhenTheyClosed) {
    constexpr int count = 2'000;
    Aeron publisher = connect();
    const Publication publication = publisher.add_publication("aeron:ipc", 1'001);
    const CountersReader counters = publisher.counters_reader();
    const auto count_counters = [&counters] {
        int found = 0;
        counters.for_each([&found](const CounterView&) { ++found; });
        return found;
    };
    const int counters_before = count_counters();
    std::vector<Aeron> clients;
    std::vector<Subscription> subscriptions;
    for (int i = 0; i < count; ++i) {
        clients.push_back(connect());
        subscriptions.push_back(clients.back().add_subscription("aeron:ipc", 1'001));
        if (i % 100 == 0) {
            pass(100ms, pointers_to(publisher, clients));  // nobody is forgotten over those who come
        }
    }

    for (int i = 0; i < 10 && !publication.offer("to all"); ++i) {
        pass(20ms, pointers_to(publisher, clients));
    }

    int received = 0;
    for (const Subscription& subscription : subscriptions) {
        received += subscription.poll([](std::span<const std::byte>, const Header&) {}, 10);
    }
    EXPECT_EQ(received, count);
    pass(12s, pointers_to(publisher, clients));  // longer than a silent client lives
    EXPECT_EQ(system_counter_value(counters, SystemCounter::client_timeouts), 0);
    EXPECT_EQ(count_counters(), counters_before + 2 * count) << "a heartbeat and a position each";

    subscriptions.clear();
    clients.clear();
    for (int i = 0; i < 3 * count; ++i) {
        step_driver();  // takes one command at a time
    }
    pass(3s, {&publisher});
    EXPECT_EQ(count_counters(), counters_before);
    EXPECT_FALSE(publication.is_connected());
    EXPECT_THAT(errors, testing::IsEmpty());
}

}  // namespace
}  // namespace cpperon::system_test
