/// Drivers and clients that are killed, stopped for long, or closed: whoever is left notices in time, loses nothing of
/// its own and goes on, or fails cleanly and can connect anew. spec: 02 §8 to §10
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/numbered_messages.hpp"
#include "tests/system/process_fixture.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// System counters. spec: 06 §18
constexpr std::int32_t unblocked_publications = 19;
constexpr std::int32_t client_timeouts = 24;
constexpr std::int32_t heartbeat_type = 11;

/// What a client's error handler was told, readable from the test's thread.
class ToldErrors {
public:
    [[nodiscard]] ErrorHandler handler() {
        return [this](const Error& error) {
            const std::lock_guard lock{mutex_};
            codes_.push_back(error.code());
        };
    }
    [[nodiscard]] std::vector<ErrorCode> codes() const {
        const std::lock_guard lock{mutex_};
        return codes_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<ErrorCode> codes_;
};

/// The client has ended, with `driver_timeout`, and all its handles say so.
void expect_ended_with_driver_timeout(Aeron& aeron, const ToldErrors& errors, const Publication& publication,
                                      const Subscription& subscription) {
    wait_until([&] { return aeron.is_closed() && !errors.codes().empty(); }, "the client to notice");

    EXPECT_THAT(errors.codes(), ElementsAre(ErrorCode::driver_timeout));
    EXPECT_EQ(publication.offer("x").status(), OfferStatus::closed);
    EXPECT_EQ(publication.try_claim(8).result().status(), OfferStatus::closed);
    EXPECT_EQ(subscription.poll([](std::span<const std::byte>, const Header&) {}, 10), 0);
    EXPECT_TRUE(subscription.is_closed());
    const Result<Publication> late = aeron.async_add_publication("aeron:ipc", 1'001).try_wait();
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::closed) << late.error().message;
}

class KilledClient : public ProcessFixture {};

// spec: 02 §8, §9.4; by real processes what 02 C29 says
TEST_F(KilledClient, HoldingAClaimBlocksItsLogOnlyUntilItIsUnblocked) {
    const auto driver = start_driver();
    std::mutex mutex;
    std::vector<std::int64_t> gone;
    Aeron aeron = connect({.on_unavailable_counter = [&](const CountersReader&, const RegistrationId id, CounterId) {
        const std::lock_guard lock{mutex};
        gone.push_back(static_cast<std::int64_t>(id));
    }});
    const CountersReader counters = aeron.counters_reader();
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001);
    const Publication publication = aeron.add_publication("aeron:ipc", 1'001);
    send(publication, "before");
    EXPECT_EQ(receive(subscription), "before");

    const auto peer = start_peer("hold-claim", {"--messages", "3"});
    wait_for_event(*peer, "claimed");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(receive(subscription).size(), numbered_message({.source = 1, .number = i}, 100).size());
    }
    const std::optional<std::int32_t> heartbeat = counters.find(
        heartbeat_type, [&](const CounterView& counter) { return counter.registration_id != aeron.client_id(); });
    ASSERT_TRUE(heartbeat);
    const std::int64_t peer_id = counters.registration_id(*heartbeat);
    peer->kill();
    send(publication, "behind the claim");
    // The driver and other streams go on meanwhile.
    expect_served(aeron);
    EXPECT_EQ(subscription.poll([](std::span<const std::byte>, const Header&) {}, 10), 0);
    EXPECT_EQ(counters.value(unblocked_publications), 0);

    EXPECT_EQ(receive(subscription), "behind the claim");

    EXPECT_EQ(counters.value(unblocked_publications), 1);
    wait_until([&] { return counters.value(client_timeouts) == 1; }, "the client to be timed out");
    wait_until(
        [&] {
            const std::lock_guard lock{mutex};
            return std::count(gone.begin(), gone.end(), peer_id) == 1;
        },
        "the end of the heartbeat counter to be announced");
    EXPECT_FALSE(counters.find(heartbeat_type, peer_id));
    // The log is still this client's, too.
    send(publication, "after");
    EXPECT_EQ(receive(subscription), "after");
    EXPECT_EQ(counters.value(client_timeouts), 1);
}

TEST_F(KilledClient, InTheMiddleOfAddingLeavesNothingBehindAndDisturbsNobody) {
    const std::uint64_t seed = test_seed();
    SCOPED_TRACE("CPPERON_TEST_SEED=" + std::to_string(seed));
    std::mt19937_64 random{seed};
    const auto driver = start_driver();
    Aeron aeron = connect();
    const Counter keeps_the_heartbeat = aeron.add_counter(1'000, "of the observer");
    const CountersReader counters = aeron.counters_reader();
    const std::size_t counters_before = count_counters(counters);
    constexpr int rounds = 8;

    for (int round = 0; round < rounds; ++round) {
        const std::uint64_t adds = 1 + random() % 300;
        const auto peer = start_peer("add-forever", {"--stream", std::to_string(2'000 + round)});
        wait_for_event(*peer, "added " + std::to_string(adds));
        peer->kill();
        expect_served(aeron);
    }

    wait_until([&] { return count_counters(counters) == counters_before; }, "all counters of the dead to be freed");
    wait_until([&] { return count_logs() == 0; }, "all logs of the dead to be deleted");
    // One that died before the driver had read its first command was never a client.
    EXPECT_LE(counters.value(client_timeouts), rounds);
    EXPECT_GE(counters.value(client_timeouts), 1);
    expect_served(aeron);
    EXPECT_FALSE(aeron.is_closed());
    EXPECT_FALSE(driver->has_ended()) << driver->error_output();
}

class StoppedClient : public ProcessFixture {};

// spec: 02-C40
TEST_F(StoppedClient, IsTimedOutAndItsHandlesAnswerWithClosedWhenItGoesOn) {
    // Its counter is freed meanwhile; that it still shows its value afterwards needs that nobody else was given it.
    const auto driver = start_driver({"-Daeron.counters.free.to.reuse.timeout=3600s"});
    Aeron aeron = connect();
    const CountersReader counters = aeron.counters_reader();
    const auto peer = start_peer("hold");
    const std::int64_t peer_id = std::stoll(wait_for_event(*peer, "ready"));
    ASSERT_TRUE(counters.find(heartbeat_type, peer_id));

    peer->send(SIGSTOP);
    wait_until([&] { return counters.value(client_timeouts) == 1; }, "the client to be timed out");
    wait_until([&] { return !counters.find(heartbeat_type, peer_id); }, "its heartbeat counter to be freed");
    expect_served(aeron);
    peer->send(SIGCONT);

    wait_for_event(*peer, "end");
    EXPECT_THAT(wait_for_event(*peer, "error"), testing::AnyOf("1001", "1002"));
    EXPECT_EQ(wait_for_event(*peer, "publication"), "-4 -4 -4 -4");
    EXPECT_EQ(wait_for_event(*peer, "exclusive"), "-4 -4 -4 false");
    EXPECT_EQ(wait_for_event(*peer, "polls"), "0 0");
    EXPECT_EQ(wait_for_event(*peer, "closed"), "true true true true true");
    EXPECT_EQ(wait_for_event(*peer, "counter"), "42");
    EXPECT_EQ(wait_for_event(*peer, "constants"), "1001 aeron:ipc");
    EXPECT_EQ(wait_for_event(*peer, "add"), "closed");
    peer->tell("end");
    EXPECT_EQ(peer->exit_status(), 0) << peer->error_output();
    wait_until([&] { return count_logs() == 0; }, "its logs to be deleted");
    EXPECT_EQ(counters.value(client_timeouts), 1);
}

class DyingDriver : public ProcessFixture {
protected:
    /// A client of a driver, with a connected publication and subscription.
    void connect_client(const std::optional<std::chrono::nanoseconds> driver_timeout) {
        aeron = connect({.driver_timeout = driver_timeout, .on_error = errors.handler()});
        subscription = aeron.add_subscription("aeron:ipc", 1'001);
        publication = aeron.add_publication("aeron:ipc", 1'001);
        send(publication, "hello");
        EXPECT_EQ(receive(subscription), "hello");
    }

    ToldErrors errors;
    Aeron aeron;
    Subscription subscription;
    Publication publication;
};

// spec: 02-C39
TEST_F(DyingDriver, KilledIsNoticedAndItsSuccessorServesNewClients) {
    auto driver = start_driver();
    connect_client(short_driver_timeout);
    send(publication, "never polled");

    driver->kill();
    expect_ended_with_driver_timeout(aeron, errors, publication, subscription);

    wait_until_driver_counts_as_dead();
    driver = start_driver();
    Aeron anew = connect();
    expect_served(anew, 1'001);
    // What is left of the first life is inert.
    EXPECT_EQ(publication.offer("x").status(), OfferStatus::closed);
    publication = {};
    subscription = {};
    aeron.close();
    expect_served(anew, 1'001);
    EXPECT_EQ(anew.counters_reader().value(client_timeouts), 0);
    EXPECT_THAT(errors.codes(), ElementsAre(ErrorCode::driver_timeout));
}

// spec: 02-C39
TEST_F(DyingDriver, ClosedInOrderIsNoticedLongBeforeTheDriverTimeout) {
    const auto driver = start_driver();
    connect_client(1h);

    driver->send(SIGTERM);
    EXPECT_EQ(driver->exit_status(), SIGTERM);
    EXPECT_EQ(driver_heartbeat_ms(), -1);

    expect_ended_with_driver_timeout(aeron, errors, publication, subscription);
}

// spec: 02-C39
TEST_F(DyingDriver, StoppedForLongerThanTheDriverTimeoutCountsAsDead) {
    const auto driver = start_driver();
    connect_client(short_driver_timeout);

    driver->send(SIGSTOP);
    EXPECT_THROW(static_cast<void>(aeron.add_counter(1'000, "unanswered")), DriverTimeoutError);
    expect_ended_with_driver_timeout(aeron, errors, publication, subscription);

    // It goes on as if nothing had happened, and frees what the client had.
    driver->send(SIGCONT);
    Aeron anew = connect();
    expect_served(anew, 1'001);
    aeron.close();
    wait_until([&] { return count_logs() == 0; }, "the logs of the first client to be deleted");
}

// spec: 02 §10.5; by real processes what 02 C38 says, with a time-out below that at which the client ends
TEST_F(DyingDriver, StoppedMakesAnAddFailAndForgetsItWhenItGoesOn) {
    const auto driver = start_driver();
    connect_client(1h);
    const Counter counter = aeron.add_counter(1'000, "x");
    const CountersReader counters = aeron.counters_reader();
    const std::size_t counters_before = count_counters(counters);
    const std::size_t logs_before = count_logs();

    driver->send(SIGSTOP);
    for (const char* const kind : {"publication", "exclusive", "subscription", "counter"}) {
        SCOPED_TRACE(kind);
        const std::string what = kind;
        try {
            if (what == "publication") {
                static_cast<void>(aeron.add_publication("aeron:ipc", 1'002, 20ms));
            } else if (what == "exclusive") {
                static_cast<void>(aeron.add_exclusive_publication("aeron:ipc", 1'002, 20ms));
            } else if (what == "subscription") {
                static_cast<void>(aeron.add_subscription("aeron:ipc", 1'002, {}, 20ms));
            } else {
                static_cast<void>(aeron.add_counter(1'000, "late", {}, 20ms));
            }
            ADD_FAILURE() << "a stopped driver has answered";
        } catch (const TimeoutError& error) {
            EXPECT_EQ(error.code(), ErrorCode::timed_out);
        }
    }
    driver->send(SIGCONT);

    // Commands are executed in order: when this one is answered, those before were executed.
    expect_served(aeron, 1'003);
    wait_until([&] { return count_logs() == logs_before; }, "the logs of the adds given up to be deleted");
    wait_until([&] { return count_counters(counters) == counters_before; }, "their counters to be freed");
    send(publication, "still here");
    EXPECT_EQ(receive(subscription), "still here");
    EXPECT_FALSE(aeron.is_closed());
    EXPECT_TRUE(errors.codes().empty());
}

}  // namespace
}  // namespace cpperon::system_test
